"""What is concluded from pairs of runs: an exact test that a brute force agrees with, and measures of a course."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.bench import measures
from evo.bench.measures import SAMPLE, area, at, best_so_far, quartiles, reached, sign_flip
from evo.metric import Metric

values = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float)
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=9)


def brute_force(left: Sequence[float], right: Sequence[float]) -> float:
    """The share of all assignments of signs whose sum is as far from 0 as the observed one, in exact numbers."""
    differences = [Fraction(one) - Fraction(other) for one, other in zip(left, right, strict=True)]
    sums = [
        abs(sum((sign * one for sign, one in zip(signs, differences, strict=True)), Fraction(0)))
        for signs in itertools.product((1, -1), repeat=len(differences))
    ]
    return sum(one >= sums[0] for one in sums) / len(sums)


@settings(max_examples=60)
@given(pairs)
def test_every_assignment_counts(drawn: list[tuple[float, float]]) -> None:
    """The p-value is what counting all assignments one by one gives, whichever of the two comes first."""
    left, right = ([pair[place] for pair in drawn] for place in (0, 1))
    assert sign_flip(left, right) == sign_flip(right, left) == brute_force(left, right)


@given(pairs)
def test_the_order_of_seeds_does_not_matter(drawn: list[tuple[float, float]]) -> None:
    """The pairs may come the other way round, and be multiplied by 2: nothing is lost to rounding."""
    turned = drawn[::-1]
    doubled = [(2 * one, 2 * other) for one, other in drawn]
    found = {sign_flip(*zip(*some, strict=True)) for some in (drawn, turned, doubled)}
    assert len(found) == 1


@given(st.lists(values, min_size=1, max_size=20))
def test_equal_samples_differ_by_chance_alone(drawn: list[float]) -> None:
    """Where no pair differs every assignment is as far from 0, counted or sampled."""
    assert sign_flip(drawn, drawn) == 1.0


def test_what_is_always_better_is_hardly_chance() -> None:
    """Ten seeds that all gain have two assignments of 1024 against them; five have two of 32, and one says nothing."""
    for seeds, p in ((10, 2 / 1024), (5, 2 / 32), (1, 1.0)):
        assert sign_flip([1.0] * seeds, [float(2 + seed) for seed in range(seeds)]) == p


def test_many_pairs_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond 16 pairs assignments are drawn, always the same ones, and p is never 0; it is near what is exact."""
    assert sign_flip([0.0] * 40, [1.0] * 40) == 1 / (SAMPLE + 1)
    monkeypatch.setattr(measures, "EXACT", 3)
    left, right = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], [2.0, 7.0, 1.0, 8.0, 2.0, 8.0, 1.0, 8.0]
    p = sign_flip(left, right)
    assert p == sign_flip(left, right) == sign_flip(right, left)
    assert p == pytest.approx(brute_force(left, right), abs=0.02)


def test_quartiles_lie_between_neighbours() -> None:
    """Of five values the second and fourth are quartiles; of four they lie between; of one all three are it."""
    assert quartiles([5.0, 1.0, 3.0, 2.0, 4.0]) == (2.0, 3.0, 4.0)
    assert quartiles([1.0, 2.0, 3.0, 4.0]) == (1.75, 2.5, 3.25)
    assert quartiles([7.0]) == (7.0, 7.0, 7.0)


def test_the_founders_hold_from_the_first() -> None:
    """Before all founders are scored the best of them holds; failures change nothing; the end is held."""
    scored = [None, 8.0, 9.0, None, 7.0, 10.0]
    assert best_so_far(Metric.LATENCY, scored, 3, 8) == [8.0, 8.0, 8.0, 8.0, 7.0, 7.0, 7.0, 7.0]
    assert best_so_far(Metric.THROUGHPUT, scored, 3, 6) == [9.0, 9.0, 9.0, 9.0, 9.0, 10.0]


def test_where_founders_fail_the_first_fitness_holds() -> None:
    """Without a founder's fitness the first one of a child stands for the time before; without any there is nothing."""
    assert best_so_far(Metric.LATENCY, [None, None, 5.0, 4.0], 2, 4) == [5.0, 5.0, 5.0, 4.0]
    assert best_so_far(Metric.LATENCY, [None, None], 2, 4) == []


@given(st.lists(st.none() | values, min_size=1, max_size=30), st.integers(0, 4), st.sampled_from(Metric))
def test_a_best_only_gets_better(scored: list[float | None], founders: int, metric: Metric) -> None:
    """Each step is at least as good as the one before, the last is the best of all, and the area lies between."""
    trail = best_so_far(metric, scored, founders, len(scored))
    known = [value for value in scored if value is not None]
    if not known:
        assert trail == []
        return
    assert not any(metric.better(before, after) for before, after in itertools.pairwise(trail))
    assert trail[-1] == (max(known) if metric.higher_is_better else min(known))
    assert min(trail) - 1e-6 <= area(trail, len(trail)) <= max(trail) + 1e-6
    count = reached(metric, trail, trail[-1])
    assert count is not None
    assert at(trail, count) == trail[-1]
    assert count == 1 or trail[count - 2] != trail[-1]


def test_what_is_never_reached() -> None:
    """A level that the best doesn't come to has no count; one that it meets exactly has."""
    trail = [9.0, 8.0, 8.0, 5.0]
    assert [reached(Metric.LATENCY, trail, level) for level in (9.5, 8.0, 5.0, 4.9)] == [1, 2, 4, None]
    assert area(trail, 4) == 7.5
    assert area(trail, 5) == 7.0
    assert at(trail, 9) == 5.0
