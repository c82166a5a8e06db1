"""Who becomes a parent and who lives on. The one file that imports DEAP.

Both are functions of the population and of the generator that is passed in: DEAP's own source of chance, the
global `random`, is replaced by one seeded from that generator while a draw lasts. A failure has no fitness in
DEAP's sense, which ranks it below every other; NaN can't come here, because no `Fitness` holds one.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from deap import base, tools

from evo.population import Individual, Population, ranked


class _Higher(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    weights = (1.0,)


class _Lower(base.Fitness):  # type: ignore[misc]  # DEAP has no types
    weights = (-1.0,)


@dataclass(frozen=True, slots=True, eq=False)
class _Entrant:
    """An individual as DEAP sees it."""

    individual: Individual
    fitness: base.Fitness


def parents(
    population: Population, count: int, tournament: int, rng: np.random.Generator
) -> tuple[Individual, ...]:
    """`count` different individuals, each the best of `tournament` drawn with replacement; fewer if fewer live."""
    entrants = [_entrant(individual) for individual in population.individuals]
    chosen: list[Individual] = []
    with _chance(rng):
        while entrants and len(chosen) < count:
            winner = tools.selTournament(entrants, 1, tournament)[0]
            entrants.remove(winner)
            chosen.append(winner.individual)
    return tuple(chosen)


def survivors(
    population: Population, children: Sequence[Individual], size: int, elites: int | None = None
) -> Population:
    """The next generation: the best `size` of the living and their children (μ+λ), without twins, best first.

    Among equals the elder stays. At most `elites` of the living stay (None: all may), as long as others fill the
    places. So that one behaviour doesn't crowd out all others, whoever scores the same as a better placed one on
    every trace comes after all that don't; failures come last.
    """
    living = ranked(population.individuals)
    keep = len(living) if elites is None else elites
    original: list[Individual] = []
    repeated: list[Individual] = []
    failed: list[Individual] = []
    seen: set[tuple[object, ...]] = set()
    for individual in (*ranked([*living[:keep], *children]), *living[keep:]):
        if individual.fitness is None:
            failed.append(individual)
        else:
            reached = individual.fitness.reached
            (repeated if reached in seen else original).append(individual)
            seen.add(reached)
    chosen: dict[str, Individual] = {}
    for individual in (*original, *repeated, *failed):
        if len(chosen) < size:
            chosen.setdefault(individual.policy.hash, individual)
    return Population(population.generation + 1, tuple(ranked(chosen.values())))


def _entrant(individual: Individual) -> _Entrant:
    fitness = individual.fitness
    if fitness is None:
        return _Entrant(individual, _Lower())
    kind = _Higher if fitness.metric.higher_is_better else _Lower
    return _Entrant(individual, kind((fitness.value,)))


@contextmanager
def _chance(rng: np.random.Generator) -> Iterator[None]:
    """While it lasts, DEAP draws from a generator of its own, seeded from `rng`."""
    usual = tools.selection.random
    tools.selection.random = random.Random(int(rng.integers(2**63)))  # noqa: S311  # chance, not secrecy
    try:
        yield
    finally:
        tools.selection.random = usual
