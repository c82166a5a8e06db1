"""Pareto arithmetic: what dominates what, and which points stand for a front that is too large to be shown."""

from __future__ import annotations

import math

import pytest
from deap import base, tools
from hypothesis import given
from hypothesis import strategies as st

from evo.front import Point, crowding, dominates, spread

POINTS = st.integers(1, 4).flatmap(
    lambda count: st.lists(st.tuples(*[st.integers(0, 9).map(float)] * count), min_size=1, max_size=12)
)


def test_who_dominates() -> None:
    """Better somewhere and worse nowhere; nobody dominates an equal, or who is better at anything."""
    assert dominates((1.0, 2.0), (1.0, 3.0))
    assert not dominates((1.0, 2.0), (1.0, 2.0))
    assert not dominates((0.0, 3.0), (1.0, 2.0))
    assert not dominates((1.0, 2.0), (0.0, 3.0))


@given(POINTS)
def test_crowding_is_that_of_the_selection(points: list[Point]) -> None:
    """What thins a front for the eye is the distance by which DEAP's NSGA-II selects, but for its constant factor."""

    class Costs(base.Fitness):  # type: ignore[misc]  # DEAP has no types
        weights = (-1.0,) * len(points[0])

    class Entrant:
        def __init__(self, point: Point) -> None:
            self.fitness = Costs(point)

    entrants = [Entrant(point) for point in points]
    tools.emo.assignCrowdingDist(entrants)
    expected = [entrant.fitness.crowding_dist * len(points[0]) for entrant in entrants]
    assert crowding(points) == pytest.approx(expected)


@given(POINTS, st.integers(1, 12))
def test_a_spread(points: list[Point], size: int) -> None:
    """As many as there is room for, in their order, the first one always, and what lies at an end before the others."""
    points = sorted(set(points))
    kept = spread(points, size)
    assert kept == sorted(set(kept))
    assert len(kept) == min(size, len(points))
    assert kept[0] == 0
    ends = [place for place, distance in enumerate(crowding(points)) if distance == math.inf]
    if len(ends) <= size:
        assert set(ends) <= set(kept)


def test_the_densest_gives_way() -> None:
    """Of three that lie close together the middle one is left out."""
    assert spread([(0.0, 9.0), (1.0, 8.0), (1.5, 7.5), (2.0, 7.0), (9.0, 0.0)], 4) == [0, 1, 3, 4]
