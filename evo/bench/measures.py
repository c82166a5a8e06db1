"""What can be concluded from runs that are paired by seed: best so far, quartiles, area, and an exact test.

Pure functions of numbers. Sums of differences are exact, so that a tie is a tie and the order of seeds doesn't matter.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from evo.metric import Metric

EXACT = 16
"""Up to so many pairs every assignment of signs is counted."""

SAMPLE = 20_000
"""Assignments drawn where there are more."""


class Quartiles(NamedTuple):
    """The quarter of the values that is lowest ends at `low`, the half at `median`, three quarters at `high`."""

    low: float
    median: float
    high: float


def quartiles(values: Sequence[float]) -> Quartiles:
    """The quartiles of at least one value, between neighbours where they fall between (the inclusive method)."""
    low, median, high = (
        statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    )
    return Quartiles(low, median, high)


def best_so_far(metric: Metric, values: Sequence[float | None], founders: int, length: int) -> list[float]:
    """The best value after each of `length` evaluations, of these values in order, None for a failure.

    From the first on, the best of the `founders` holds, since every search begins with all of them. If they all failed
    the first fitness there is holds before it, too; without any there is nothing. After the last value the best stays.
    """
    pick = max if metric.higher_is_better else min
    best = pick((value for value in values[:founders] if value is not None), default=None)
    trail: list[float | None] = []
    for place in range(length):
        value = values[place] if place < len(values) else None
        if value is not None and (best is None or metric.better(value, best)):
            best = value
        trail.append(best)
    first = next((value for value in trail if value is not None), None)
    return [] if first is None else [first if value is None else value for value in trail]


def at(trail: Sequence[float], evaluations: int) -> float:
    """The best after so many evaluations, or at the end if that was earlier."""
    return trail[min(evaluations, len(trail)) - 1]


def area(trail: Sequence[float], evaluations: int) -> float:
    """The mean of the best so far over the first so many evaluations: how soon a search is how good."""
    return statistics.fmean(at(trail, count) for count in range(1, evaluations + 1))


def reached(metric: Metric, trail: Sequence[float], level: float) -> int | None:
    """After how many evaluations the best was at least as good as `level`; None if never."""
    counts = (count for count, value in enumerate(trail, start=1) if not metric.better(level, value))
    return next(counts, None)


def sign_flip(left: Sequence[float], right: Sequence[float]) -> float:
    """The two-sided p-value of Fisher's paired sign-flip test: how often chance alone would differ as much.

    If it didn't matter which is which, each pair's difference had either sign with equal probability. Counted is how
    many of all assignments of signs give a sum as far from 0 as the one observed: all 2**n up to 16 pairs, beyond that
    a fixed sample, with the observed one among it.
    """
    exact = [Fraction(one) - Fraction(other) for one, other in zip(left, right, strict=True)]
    scale = math.lcm(*(difference.denominator for difference in exact))
    whole = [int(difference * scale) for difference in exact]
    sizes = [abs(difference) for difference in whole]
    observed = abs(sum(whole))
    sums = _all_sums(sizes) if len(sizes) <= EXACT else [observed, *_some_sums(sizes)]
    return sum(abs(one) >= observed for one in sums) / len(sums)


def _all_sums(sizes: Sequence[int]) -> list[int]:
    sums = [0]
    for size in sizes:
        sums = [one + size for one in sums] + [one - size for one in sums]
    return sums


def _some_sums(sizes: Sequence[int]) -> Iterator[int]:
    for signs in np.random.default_rng(0).integers(0, 2, (SAMPLE, len(sizes)), dtype=np.int8).tolist():
        yield sum(size if sign else -size for size, sign in zip(sizes, signs, strict=True))
