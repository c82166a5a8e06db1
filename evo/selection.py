"""Who becomes a parent and who lives on. The one file that imports DEAP.

Both are functions of the population and of the generator that is passed in: DEAP's own source of chance, the
global `random`, is replaced by one seeded from that generator while a draw lasts. A failure has no fitness in
DEAP's sense, which ranks it below every other; NaN can't come here, because no `Fitness` holds one. By several metrics
both follow NSGA-II (Deb 2002): front before front, and within a front whoever stands where it is less crowded.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

import numpy as np
from deap import base, tools

from evo.behaviour import Niche, niche
from evo.population import Individual, Population, ranked


class _Costs(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    """Numbers of which less is better; compared, the first decides. A failure has none."""

    def __init__(self, costs: tuple[float, ...] = ()) -> None:
        self.weights = (-1.0,) * max(len(costs), 1)
        super().__init__(costs)


@dataclass(frozen=True, slots=True, eq=False)
class _Entrant:
    """An individual as DEAP sees it."""

    individual: Individual
    fitness: base.Fitness


def parents(
    population: Population, count: int, tournament: int, rng: np.random.Generator
) -> tuple[Individual, ...]:
    """`count` different individuals, each the best of `tournament` drawn with replacement; fewer if fewer live.

    Who has no fitness is chosen only where too few others live. By several metrics fronts are those of all that live.
    """
    scored = [one for one in population.individuals if one.fitness is not None]
    entrants = _entrants(scored if len(scored) >= count else population.individuals)
    chosen: list[Individual] = []
    with _chance(rng):
        while entrants and len(chosen) < count:
            winner = tools.selTournament(entrants, 1, tournament)[0]
            entrants.remove(winner)
            chosen.append(winner.individual)
    return tuple(chosen)


def survivors(
    population: Population,
    children: Sequence[Individual],
    size: int,
    elites: int | None = None,
    *,
    niches: bool = False,
) -> Population:
    """The next generation: the best `size` of the living and their children (μ+λ), without twins, best first.

    Among equals the younger lives on, so that a search goes on through programs that score the same and doesn't stay at
    the first of them: one that stays ends on the first plateau (`tests/benchmarks/peers.py`). At most `elites` of the
    living stay (None: all may), as long as others fill the places. So that one behaviour doesn't crowd out all others,
    whoever scores the same as a better placed one on every trace comes after all that don't; then come those that were
    stopped before they had a fitness, and failures.
    By several metrics the best are NSGA-II's: front after front, and of the last front that finds room those who stand
    where it is least crowded. With `niches` the best of each niche of behaviour come before the second best of any
    (MAP-Elites, with so few cells alive as there are places).
    """
    living = _placed(population.individuals)
    keep = len(living) if elites is None else elites
    chosen: dict[str, Individual] = {}
    original, *others = _sorted_out([*_placed([*living[:keep], *children]), *living[keep:]])
    for individual in chain(_by_niche(original) if niches else original, *others):
        if len(chosen) < size:
            chosen.setdefault(individual.policy.hash, individual)
    return Population(population.generation + 1, tuple(ranked(chosen.values())))


def hurdle(living: Population, size: int, hall: Sequence[Individual], places: int) -> float | None:
    """The fitness that a child must reach to be of use; None if every one may be, as always by several metrics.

    Its generation is a later one than that of the `living`, and all survive by `survivors` with this size, without
    `elites`. `hall` is the hall of fame of all who were born until then, which has so many `places`. If the hall is
    full, and so are the living, with originals that have a fitness, the hurdle is the worst fitness of them all.

    A child c that is worse changes nothing, however it would have been scored:

    - Whoever takes the place of an original has its scores. So the next survivors are `size` originals too, and the
      worst of them is no worse. At the end of c's own generation there are `size` originals that are better than it,
      who take all the places. Whom c makes a repetition scores as c does, and comes after these as well.
    - For the same reason c is no new best of the run, and has no place in a hall that was full without it.
    """
    fitnesses = [one.fitness for one in living.individuals if one.fitness is not None]
    famous = [one.fitness for one in hall if one.fitness is not None]
    if any(one.beside for one in fitnesses):
        return None
    if len({one.reached for one in fitnesses}) < size or len(famous) < places:
        return None
    values = [one.value for one in (*fitnesses, *famous)]
    return min(values) if fitnesses[0].metric.higher_is_better else max(values)


def _by_niche(individuals: Sequence[Individual]) -> list[Individual]:
    """First the best of each niche, then the second best, and so on, each in their order."""
    met: Counter[Niche] = Counter()
    places: dict[int, int] = {}
    for one in individuals:
        known = one.fitness.behaviours if one.fitness is not None else ()
        cell = niche(known) if known else ()
        places[one.number] = met[cell]
        met[cell] += 1
    return sorted(individuals, key=lambda one: places[one.number])


def _sorted_out(individuals: Iterable[Individual]) -> tuple[list[Individual], ...]:
    """Those that score like none before them on every trace, those that do, and those without a fitness, each in their order."""
    original: list[Individual] = []
    repeated: list[Individual] = []
    failed: list[Individual] = []
    seen: set[tuple[object, ...]] = set()
    for individual in individuals:
        if individual.fitness is None:
            failed.append(individual)
        else:
            reached = individual.fitness.reached
            (repeated if reached in seen else original).append(individual)
            seen.add(reached)
    return original, repeated, failed


def _placed(individuals: Iterable[Individual]) -> list[Individual]:
    """Individuals in the order in which they live on; by several metrics repeated scores come behind all others."""
    order = ranked(individuals)
    scored = [one for one in order if one.fitness is not None]
    # A stable sort: equals next to each other, the younger first.
    scored.sort(key=lambda one: one.number, reverse=True)
    scored.sort(key=lambda one: one.fitness.costs if one.fitness else ())
    order[: len(scored)] = scored
    if not _several(order):
        return order
    original, repeated, failed = _sorted_out(order)
    crowded = {entrant.individual.number: entrant.fitness for entrant in _entrants(original)}
    # A stable sort: of those who stand equally well the better by the first metric comes first, then the younger.
    original.sort(key=lambda one: crowded[one.number], reverse=True)
    return [*original, *repeated, *failed]


def _several(individuals: Iterable[Individual]) -> bool:
    """Whether they are scored by more than one metric."""
    return any(one.fitness is not None and one.fitness.beside for one in individuals)


def _entrants(individuals: Sequence[Individual]) -> list[_Entrant]:
    """Individuals with what they compete by: the metric, or by several the number of the front, then its crowding."""
    entrants = [
        _Entrant(one, _Costs() if one.fitness is None else _Costs(one.fitness.costs)) for one in individuals
    ]
    if not _several(individuals):
        return entrants
    standing = {}
    scored = [entrant for entrant in entrants if entrant.fitness.valid]
    for number, front in enumerate(tools.sortLogNondominated(scored, len(scored))):
        tools.emo.assignCrowdingDist(front)
        for entrant in front:
            standing[entrant.individual.number] = _Costs((number, -entrant.fitness.crowding_dist))
    return [_Entrant(one, standing.get(one.number, _Costs())) for one in individuals]


@contextmanager
def _chance(rng: np.random.Generator) -> Iterator[None]:
    """While it lasts, DEAP draws from a generator of its own, seeded from `rng`."""
    usual = tools.selection.random
    tools.selection.random = random.Random(int(rng.integers(2**63)))  # noqa: S311  # chance, not secrecy
    try:
        yield
    finally:
        tools.selection.random = usual
