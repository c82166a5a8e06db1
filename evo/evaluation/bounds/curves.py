"""How much can be completed within a latency, as a function of it, and what follows for sums of latencies.

If no schedule completes more than M(x) in value within latency x, then a sum of latencies, each times its value, is at
least the integral of all value less M: at every x that much is still waiting. Knows no metrics.
"""

from __future__ import annotations

import numpy as np

from evo.evaluation.bounds.operators import Array
from evo.evaluation.bounds.pipelines import CLASSES, Work

_FINE = 1e-3

_ROUNDING = 1e-12
"""Sums of parts that differ by such a share of all are equal."""


class Curve:
    """The most value that is completed within a latency in ticks, over all schedules, for each latency on its own."""

    def __init__(self, work: Work, values: Array) -> None:
        self._work = work
        self._values = values
        counted = work.possible & (values > 0)
        order = np.argsort(work.paths[counted], kind="stable")
        paths, owners = work.paths[counted][order], np.eye(len(CLASSES))[work.kind[counted][order]]
        reached = np.cumsum(
            np.vstack([np.zeros(len(CLASSES)), owners * values[counted][order][:, None]]), axis=0
        )
        tops = work.limits
        steps = np.unique(np.concatenate([[0.0], paths, tops]))
        least = reached[np.searchsorted(paths, steps, side="right")]
        # Between two limits no more is completed than just before the second, latencies being whole.
        fits = np.array([work.fitting(values, float(top)) for top in [*(tops[1:] - 1), tops[-1]]])
        within = fits[np.searchsorted(tops[1:], steps, side="right")]
        self._steps = steps
        fewer = least.sum(axis=1) <= within.sum(axis=1)
        heights = np.where(fewer[:, None], least, within)
        self._heights = heights.sum(axis=1)
        self._sums = np.concatenate([[0.0], np.cumsum(np.diff(steps) * self._heights[:-1])])
        self._by_class = heights

    def integral(self, until: Array | float) -> Array:
        """The area under the curve from 0 to a latency."""
        until = np.maximum(until, 0.0)
        place = np.searchsorted(self._steps, until, side="right") - 1
        total: Array = self._sums[place] + (until - self._steps[place]) * self._heights[place]
        return total

    def waiting(self, until: float) -> Array:
        """The integral, from 0 to a latency beyond all others, of the value that is not completed yet, by class."""
        work = self._work
        every = np.bincount(work.kind, self._values, len(CLASSES))
        rest = every - self._by_class
        rest[rest < _ROUNDING * every.sum()] = 0.0
        widths: Array = np.diff(np.append(self._steps, until))
        return widths @ rest

    def within(self, value: float, never: float) -> float:
        """The least latency within which so much value may be completed, to a thousandth; else `never`."""
        reached = np.flatnonzero(self._heights >= value)
        if not len(reached):
            return never
        low = float(self._steps[reached[0]])
        tops = self._work.limits
        place = int(np.searchsorted(tops, low, side="right"))
        high = float(tops[place]) - 1 if place < len(tops) else low
        while high - low >= max(1.0, _FINE * low):
            middle = (low + high) // 2
            if self._work.fitting(self._values, middle).sum() < value:
                low = middle + 1
            else:
                high = middle
        return low
