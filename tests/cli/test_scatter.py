"""A picture of a front: everybody stands where the two metrics say, the front on top, and nothing leaves the frame."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evo.cli.scatter import scatter
from evo.fame import hall_of_fame
from evo.metric import Metric
from evo.population import Fitness, Individual, Lineage, Policy, Reached


def individual(number: int, latency: float, throughput: float) -> Individual:
    """An individual with these values."""
    fitness = Fitness(Metric.LATENCY, latency, (), (Reached(Metric.THROUGHPUT, throughput),))
    return Individual(number, 0, Policy("", f"program {number}", "k"), Lineage("test"), fitness)


def drawn(*points: tuple[float, float]) -> list[str]:
    """The picture of individuals with these values."""
    everyone = [individual(number, *point) for number, point in enumerate(points)]
    return scatter(everyone, hall_of_fame(everyone, len(everyone)))


def test_a_small_picture() -> None:
    """The front climbs from its best latency to its best throughput, others are dots, and what lies far off isn't shown."""
    lines = drawn((10.0, 1.0), (20.0, 2.0), (30.0, 3.0), (25.0, 1.0), (1000.0, 0.1))
    assert lines[0] == "containers/s, higher is better"
    rows = [line.partition("│")[2] for line in lines[1:13]]
    marks = {
        mark: (row, line.index(mark)) for row, line in enumerate(rows) for mark in "123·" if mark in line
    }
    assert marks["3"][0] == 0
    assert marks["1"][1] == 0
    assert marks["1"][0] > marks["2"][0] > marks["3"][0]
    assert marks["1"][1] < marks["2"][1] < marks["3"][1]
    assert marks["·"][0] == marks["1"][0]
    assert sum(line.count("·") for line in lines) == 1
    assert lines[-2].split() == ["10.000", "40.000"]
    assert lines[-1].strip() == "latency (s), lower is better"


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=15))
def test_nothing_leaves_the_frame(points: list[tuple[float, float]]) -> None:
    """Whatever the values, also where all are equal, the lines are as many and as wide as always, with the best in them."""
    lines = drawn(*points)
    assert len(lines) == 16
    assert max(map(len, lines)) <= lines[13].index("└") + 57
    assert any("1" in line.partition("│")[2] for line in lines[1:13])
