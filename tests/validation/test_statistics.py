"""What a handful of traces tells: intervals hold what they should, and who is who doesn't matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.metric import Metric
from evo.validation.statistics import interval, paired, times_better

VALUES = st.lists(st.floats(0.1, 1000), min_size=3, max_size=9)


@settings(max_examples=20)
@given(VALUES)
def test_a_median_lies_in_its_interval(values: list[float]) -> None:
    """The interval is around the median and among the values, and the same every time."""
    found = interval(values)
    assert found.low is not None
    assert found.high is not None
    assert min(values) <= found.low <= found.median <= found.high <= max(values)
    assert interval(values) == found


def test_two_values_tell_no_interval() -> None:
    """Of two traces there is a median and nothing else."""
    assert interval([1.0, 3.0]) == (2.0, None, None)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Of 200 samples of eight, the true median lies in the interval in nine of ten at least."""
    rng = np.random.default_rng(0)
    found = [interval(rng.exponential(1.0, 8).tolist()) for _ in range(200)]
    held = sum(
        one.low is not None and one.high is not None and one.low <= np.log(2) <= one.high for one in found
    )
    assert held >= 180


def test_better_is_positive_whatever_the_metric() -> None:
    """Half the latency is 50 % better, half the throughput 50 % worse."""
    less = paired(Metric.LATENCY, [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert less.percent == pytest.approx((50.0, 50.0, 50.0))
    more = paired(Metric.THROUGHPUT, [1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert more.percent == pytest.approx((-50.0, -50.0, -50.0))
    assert less.p == more.p == 0.25


def test_of_nought_nothing_is_a_share() -> None:
    """Where the other policy has none there is no percentage, but still a test."""
    found = paired(Metric.PIPELINES, [1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
    assert found == (None, 0.125)


@pytest.mark.parametrize(
    ("metric", "value", "other", "times"),
    [
        (Metric.LATENCY, 2.0, 4.0, 2.0),
        (Metric.THROUGHPUT, 2.0, 4.0, 0.5),
        (Metric.LATENCY, 0.0, 4.0, None),
        (Metric.THROUGHPUT, 2.0, 0.0, None),
    ],
)
def test_times_better(metric: Metric, value: float, other: float, times: float | None) -> None:
    """Above 1 is better in either direction; by nought nothing is divided."""
    assert times_better(metric, value, other) == times
