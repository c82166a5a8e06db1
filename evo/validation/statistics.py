"""What a handful of traces tells: medians with bootstrap intervals, and differences paired by trace.

Pure functions of numbers, with generators of a fixed seed: equal values give equal intervals, on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evo.bench.measures import sign_flip
from evo.metric import Metric

DRAWS = 10_000
CONFIDENCE = 0.95
FEWEST = 3
"""Values below which resampling says nothing."""


class Interval(NamedTuple):
    """A median, and between what it lies with a confidence of 95 %; the ends are None where too few values tell."""

    median: float
    low: float | None
    high: float | None


class Paired(NamedTuple):
    """By how many percent a policy is better than another, trace by trace; negative where it is worse.

    `percent` is None where the other has a value of nought, so that nothing is a share of it. `p` is how often chance
    alone would differ as much (`bench.measures.sign_flip`).
    """

    percent: Interval | None
    p: float


def interval(values: Sequence[float]) -> Interval:
    """The median of at least one value with its percentile bootstrap interval (Efron 1979), of 10,000 resamples."""
    known = np.array(values, np.float64)
    middle = float(np.median(known))
    if len(known) < FEWEST:
        return Interval(middle, None, None)
    places = np.random.default_rng(0).integers(0, len(known), (DRAWS, len(known)))
    rest = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.median(known[places], axis=1), [rest, 1 - rest]).tolist()
    return Interval(middle, low, high)


def paired(metric: Metric, values: Sequence[float], others: Sequence[float]) -> Paired:
    """A policy's values beside another's on the same traces.

    The test is of the relative differences, so that a trace on which everything takes long weighs no more than others;
    where there are none, of the plain ones.
    """
    costs = [[metric.cost(value) for value in each] for each in (values, others)]
    if min(others) <= 0:
        return Paired(None, sign_flip(costs[1], costs[0]))
    gains = [100 * (other - one) / abs(other) for one, other in zip(*costs, strict=True)]
    return Paired(interval(gains), sign_flip(gains, [0.0] * len(gains)))


def times_better(metric: Metric, value: float, other: float) -> float | None:
    """How many times better a value is than another, below 1 where it is worse; None where that has no meaning."""
    over, under = (value, other) if metric.higher_is_better else (other, value)
    return over / under if over >= 0 and under > 0 else None
