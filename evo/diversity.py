"""Who lives beside whom: islands that seldom mix, and niches of behaviour of which each keeps its best.

A child belongs to the island of its number, so nothing about islands is saved, and all follows from the records.
With one island and without niches the survivors are those of `selection` alone. Knows no file, process or model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from evo.config import RunConfig
from evo.population import Individual, Population, ranked
from evo.selection import survivors


def neighbours(living: Population, number: int, generation: int, config: RunConfig) -> Population:
    """Of the living those from whom the child of that number, in that generation, may come: those of its island.

    In the first generation after the initial one, and in every `migration`-th from then on, anybody may be a parent; so
    what one island found comes to the others. If nobody lives there, anybody may as well.
    """
    if config.islands == 1 or (generation - 1) % config.migration == 0:
        return living
    own = _of_island(living.individuals, number % config.islands, config)
    return replace(living, individuals=tuple(own)) if own else living


def next_generation(before: Population, children: Sequence[Individual], config: RunConfig) -> Population:
    """The living after a generation, best first: each island's survivors, and on an island the best of each niche."""
    places = [
        config.population // config.islands + (island < config.population % config.islands)
        for island in range(config.islands)
    ]
    living: list[Individual] = []
    for island, size in enumerate(places):
        own = tuple(_of_island(before.individuals, island, config))
        born = _of_island(children, island, config)
        kept = survivors(replace(before, individuals=own), born, size, config.elites, niches=config.niches)
        living += kept.individuals
    return Population(before.generation + 1, tuple(ranked(living)))


def _of_island(individuals: Iterable[Individual], island: int, config: RunConfig) -> list[Individual]:
    return [one for one in individuals if one.number % config.islands == island]
