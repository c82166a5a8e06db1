"""Islands breed apart and mix on schedule; with one of them all is as without."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evo.config import RunConfig
from evo.diversity import neighbours, next_generation
from evo.metric import Metric
from evo.population import Fitness, Individual, Lineage, Policy, Population, ranked
from evo.selection import survivors


def one(number: int, value: float) -> Individual:
    """An individual with that value."""
    fitness = Fitness(Metric.LATENCY, value, ())
    return Individual(number, 0, Policy("", str(number), "k"), Lineage("m"), fitness)


def living(*values: float) -> Population:
    """The living, numbered from 0."""
    return Population(4, tuple(ranked(one(number, value) for number, value in enumerate(values))))


def numbers(population: Population) -> list[int]:
    """Who they are, best first."""
    return [each.number for each in population.individuals]


APART = RunConfig(population=4, children=4, tournament=1, islands=2, migration=3)


def test_parents_come_from_the_own_island() -> None:
    """Even numbers breed among even ones; in the first generation and each third after it anybody may be a parent."""
    all_of_them = living(1.0, 2.0, 3.0, 4.0)
    met = [numbers(neighbours(all_of_them, 10, generation, APART)) for generation in range(1, 6)]
    assert met == [[0, 1, 2, 3], [0, 2], [0, 2], [0, 1, 2, 3], [0, 2]]
    assert numbers(neighbours(all_of_them, 11, 2, APART)) == [1, 3]


def test_nobody_breeds_alone() -> None:
    """On an island where nobody lives anybody may be a parent."""
    only = Population(4, (one(0, 1.0), one(2, 2.0)))
    assert numbers(neighbours(only, 11, 2, APART)) == [0, 2]


def test_an_island_keeps_its_places() -> None:
    """The best of each island live on, even if another's were all better."""
    children = [one(4, 0.1), one(6, 0.2), one(8, 0.3), one(5, 9.0)]
    after = next_generation(living(1.0, 2.0, 3.0, 4.0), children, APART)
    assert (numbers(after), after.generation) == ([4, 6, 1, 3], 5)


@given(st.lists(st.floats(0, 9), min_size=2, max_size=8), st.integers(2, 6))
def test_one_island_is_no_island(values: list[float], size: int) -> None:
    """By default the survivors are those of the selection alone."""
    before, children = living(*values[::2]), [one(50 + n, value) for n, value in enumerate(values[1::2])]
    config = RunConfig(population=size, tournament=1)
    assert next_generation(before, children, config) == survivors(before, children, size)
    assert neighbours(before, 7, 3, config) == before


@given(st.lists(st.floats(0, 9), min_size=1, max_size=12), st.integers(2, 8), st.integers(1, 4))
def test_no_place_is_lost(values: list[float], size: int, islands: int) -> None:
    """However the places are spread over islands, never more live than there are places, each once, best first."""
    config = RunConfig(population=max(size, 2 * islands), tournament=1, islands=islands)
    after = next_generation(Population(3, ()), [one(n, value) for n, value in enumerate(values)], config)
    assert len(set(numbers(after))) == len(numbers(after)) <= config.population
    assert list(after.individuals) == ranked(after.individuals)
