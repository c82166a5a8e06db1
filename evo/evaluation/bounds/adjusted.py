"""The least adjusted latency: a weighted mean over what is completed, divided by the share that is.

Who completes few has a low mean and a small share, so the bound is sought over all numbers of completions.
"""

from __future__ import annotations

import math

import numpy as np

from evo.evaluation.bounds.curves import Curve
from evo.evaluation.bounds.operators import Array
from evo.evaluation.bounds.pipelines import TRIFLE, Work

_MEANS = 60
_PRICES = 180
"""So many are tried at first, in even steps from the least to the most by order of size."""

_SPLITS = 8
_ROUNDS = 6
_MOST_SPANS = 200
"""Spans are split so often, while there are no more than so many."""


def least_adjusted(work: Work, weights: Array, most: int) -> float:
    """The least adjusted latency in ticks if at most `most` pipelines are completed; infinite if none is.

    Between two means no more are completed than at the higher one, so the bound there is the lower one by the share of
    these. Spans that may hold the least are split, and the others left.
    """
    if not most:
        return math.inf
    counted = _Counted(work, weights, most)
    lows = np.concatenate([[0.0], _even(max(1.0, float(work.paths[work.possible].min())), work.end, _MEANS)])
    highs = np.append(lows[1:], float(work.end))
    for _ in range(_ROUNDS):
        if len(lows) > _MOST_SPANS:
            break
        lows, highs = _split(lows, highs)
        counts = counted.at(highs)
        some = counts >= 1
        if not some.any():  # where parts of several fit, but none as a whole
            return math.inf
        lows, highs, counts = lows[some], highs[some], counts[some]
        hopeful = lows / counts <= float((highs / counts).min())
        lows, highs, counts = lows[hopeful], highs[hopeful], counts[hopeful]
    return float((lows / counts).min()) * len(weights)


class _Counted:
    """How many pipelines can be completed with a weighted mean of no more than something."""

    def __init__(self, work: Work, weights: Array, most: int) -> None:
        self._most = most
        self._weights = sorted(set(weights.tolist()), reverse=True)
        self._curves = [Curve(work, np.where(weights <= weight, weights, 0.0)) for weight in self._weights]
        self._prices = _even(0.001, 100.0 * (work.end + 1), _PRICES)

    def at(self, means: Array) -> Array:
        """The most that can be completed with a mean of m or less.

        If k are, then for every price v the sum over them of v + weight * (m - latency) is at least v * k. It is at
        most the integral, over x, of the weight completed within x by those classes for which m + v / weight is beyond
        x, of which there is no more than their curve says.
        """
        area = np.zeros((len(means), len(self._prices)))
        before = np.zeros_like(area)
        for weight, curve in zip(self._weights, self._curves, strict=True):
            until = means[:, None] + self._prices / weight
            area += curve.integral(until) - curve.integral(before)
            before = until
        counts: Array = np.floor(np.minimum((area / self._prices).min(axis=1), self._most) + TRIFLE)
        return counts


def _even(low: float, high: float, count: int) -> Array:
    return np.geomspace(low, max(low, high), count)


def _split(lows: Array, highs: Array) -> tuple[Array, Array]:
    """The same spans in so many parts each."""
    edges = np.linspace(lows, highs, _SPLITS + 1)
    return edges[:-1].ravel(), edges[1:].ravel()
