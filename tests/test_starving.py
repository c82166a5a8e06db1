"""Starving: a class of which hardly anything is completed, though more can be."""

from __future__ import annotations

import pytest

from evo.metric import Metric
from evo.population import Fitness, TraceScore
from evo.starving import starved


def fitness(done: int) -> Fitness:
    """So many of a hundred batch pipelines are completed, and a query."""
    return Fitness(Metric.LATENCY, 1.0, (TraceScore("a", 1.0, (1, 1), (0, 0), (done, 100)),))


@pytest.mark.parametrize(
    ("done", "by_other", "count"),
    [(0, 1, 1), (4, 5, 1), (5, 50, 0), (0, 0, 0), (4, 4, 0), (6, 92, 1), (9, 90, 0)],
)
def test_who_starves_a_class(done: int, by_other: int, count: int) -> None:
    """A class is starved below 5 %, or a tenth of what another policy completes; what nobody can complete isn't."""
    found = starved(fitness(done), {"a": fitness(0), "b": fitness(by_other)})
    assert len(found) == count
    assert all(
        (one.name, one.completed, one.arrived, one.other) == ("batch", done, 100, "b") for one in found
    )
