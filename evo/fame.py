"""Who is shown as the best of all that were ever born: the hall of fame, by several metrics the Pareto front."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evo.front import dominates, spread
from evo.population import Failure, Fitness, Individual, ranked


def joined(front: tuple[Individual, ...], newcomer: Individual) -> tuple[Individual, ...]:
    """A Pareto front, best first, after one more was born: the same unless that one is better in some metric than each.

    Whoever it leaves behind in everything is no longer on it; of equals the elder stays. Of a single metric, the front is
    the best.
    """
    fitness = newcomer.fitness
    if fitness is None:
        return front
    costs = fitness.costs
    known = [(one, one.fitness.costs) for one in front if one.fitness is not None]
    if any(other == costs or dominates(other, costs) for _, other in known):
        return front
    return tuple(ranked([*(one for one, other in known if not dominates(costs, other)), newcomer]))


def pareto_front(individuals: Iterable[Individual]) -> tuple[Individual, ...]:
    """Those whom no other leaves behind in everything, best by the first metric first; of equals the elder."""
    front: tuple[Individual, ...] = ()
    for individual in ranked(individuals):
        front = joined(front, individual)
    return front


def hall_of_fame(individuals: Iterable[Individual], size: int) -> list[Individual]:
    """The `size` best individuals that have a fitness, without twins: equal normal forms, or the same done everywhere.

    By several metrics these are the Pareto front of all: whoever no other leaves behind in everything. Of a larger front
    those are taken that lie furthest apart, among them the best by the first metric.
    """
    seen: set[object] = set()
    best: list[Individual] = []
    for individual in ranked(individuals):
        if individual.fitness is None:
            continue
        done = tuple(behaviour.digest for behaviour in individual.fitness.behaviours)
        same = {individual.policy.hash, done or individual.policy.hash}
        if not same & seen:
            best.append(individual)
        seen |= same
    if not best or best[0].fitness is None or not best[0].fitness.beside:
        return best[:size]
    front = pareto_front(best)
    costs = [one.fitness.costs for one in front if one.fitness is not None]
    return [front[place] for place in spread(costs, size)]


def by_selection(hall: Sequence[Individual], selections: Mapping[int, Fitness | Failure]) -> list[Individual]:
    """The same members, best first by what came of them on the selection traces; equals stay in their order.

    Whoever wasn't scored there yet stands behind all who have a fitness there; failures are last.
    """

    def place(one: Individual) -> tuple[int, tuple[float, ...]]:
        match selections.get(one.number):
            case Fitness(costs=costs):
                return (0, costs)
            case None:
                return (1, ())
            case Failure():
                return (2, ())

    return sorted(hall, key=place)
