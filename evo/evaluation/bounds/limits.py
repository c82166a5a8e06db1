"""The bound of each metric, from how much can be completed within each latency.

What is proven holds for every scheduler, one that knows the future included, that lives by the simulator's rules:
no CPUs or RAM beyond the pools', no operator before its parents, none faster than on a whole pool. Nothing is assumed
of when it acts, of how it fills containers, or of the least that one may be given in a search.
"""

from __future__ import annotations

import math
from functools import cached_property
from types import MappingProxyType

import numpy as np

from evo.evaluation.bounds.adjusted import least_adjusted
from evo.evaluation.bounds.curves import Curve
from evo.evaluation.bounds.norms import least_norm
from evo.evaluation.bounds.operators import Array
from evo.evaluation.bounds.pipelines import CLASSES, TRIFLE, Work
from evo.evaluation.classes import NAMES
from evo.metric import Metric
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.trace import Schedule

WEIGHTS = MappingProxyType({Priority.QUERY: 10.0, Priority.INTERACTIVE: 5.0, Priority.BATCH_PIPELINE: 1.0})
"""What a pipeline of each class counts as goodput, and in Eudoxia's adjusted latency."""

PENALTY = 2.0
"""What is not completed counts as so many durations of the run."""

POWER = 4
"""Of the power mean over the classes: by the mean of squares it could still pay to leave out a large class altogether."""

SHORTEST = 1.0
"""Seconds that a critical path counts at least: the bounded slowdown of Feitelson and others (JSSPP 1997) with its threshold."""


def bounds(schedule: Schedule, parameters: Parameters) -> Bounds:
    """What no policy can better on this workload and cluster; each metric's bound is computed when it is asked for."""
    return Bounds(Work(schedule, parameters))


class Bounds:
    """What no policy can better on one workload and cluster."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._parameters = work.parameters
        self._known: dict[Metric, float] = {}
        self._curves: dict[int, Curve] = {}
        self._weights = np.array([WEIGHTS[priority] for priority in CLASSES])[work.kind]

    def of(self, metric: Metric) -> float:
        """The bound: none has less of a metric of which less is better, nor more of one of which more is.

        Infinite where no policy can have a score.
        """
        if metric not in self._known:
            self._known[metric] = self._computed(metric)
        return self._known[metric]

    @cached_property
    def completed(self) -> int:
        """How many pipelines any policy completes at most."""
        return math.floor(self._fitting(np.ones(len(self._weights))) + TRIFLE)

    @property
    def load(self) -> tuple[float, float]:
        """The least that all that arrives takes of CPUs and of memory, by what there is from the first arrival on."""
        return self._work.load

    def _computed(self, metric: Metric) -> float:
        if metric.of_class is not None and metric.percent is not None:
            return self._percentile(metric.of_class, metric.percent / 100)
        computations = {
            Metric.PENALIZED: self._penalized,
            Metric.LATENCY: self._latency,
            Metric.THROUGHPUT: lambda: self._per_second(self._work.operators_fitting()),
            Metric.PIPELINES: lambda: self._per_second(self.completed),
            Metric.GOODPUT: lambda: self._per_second(self._fitting(self._weights)),
            Metric.MAKESPAN: self._makespan,
            Metric.SLOWDOWN: self._slowdown,
        }
        return computations[metric]()

    def _fitting(self, values: Array) -> float:
        return float(self._work.fitting(values, float(self._work.limits[-1])).sum())

    def _per_second(self, most: float) -> float:
        duration = self._parameters.duration
        return math.floor(most + TRIFLE) / duration if duration else math.inf

    def _latency(self) -> float:
        least = least_adjusted(self._work, self._weights, self.completed)
        return least / self._parameters.ticks_per_second

    def _penalized(self) -> float:
        """The least power mean of the classes' means: the way to a convex set, see `least_norm`."""
        arrived = self._work.arrived
        there = np.flatnonzero(arrived)
        if not len(there):
            return math.inf
        means = 1 / np.maximum(arrived, 1)

        def lowest(direction: Array) -> Array:
            shares = np.zeros(len(arrived))
            shares[there] = direction
            sums = self._sums((shares * means)[self._work.kind])[there]
            lows: Array = np.divide(sums, direction, out=np.zeros(len(there)), where=direction > 0)
            return lows

        least = least_norm(lowest, len(there), POWER) / float(len(there)) ** (1 / POWER)
        return float(least / self._parameters.ticks_per_second)

    def _slowdown(self) -> float:
        """The least mean, over those that any scheduler could complete, of the latency by the critical path."""
        able, second = self._work.possible, self._parameters.ticks_per_second
        if not able.any():
            return math.inf
        values = np.where(able, 1 / np.maximum(self._work.paths / second, SHORTEST), 0.0) / able.sum()
        return float(self._sums(values).sum()) / second

    @property
    def _unfinished(self) -> float:
        """The ticks that an unfinished pipeline counts."""
        return float(PENALTY * self._parameters.duration * self._parameters.ticks_per_second)

    def _sums(self, values: Array) -> Array:
        """The least sum of latencies in ticks, each times its pipeline's value, unfinished ones counting their penalty.

        It comes by class, as it is in one way to have the least of all.

        At every latency x below the penalty at least all value but the curve's is not completed within x, and the sum
        is the integral of that over x.
        """
        return Curve(self._work, values).waiting(self._unfinished)

    def _makespan(self) -> float:
        """With all completed, the last critical path, or what waits from any arrival on; else by how many can't be."""
        work, duration = self._work, self._parameters.duration
        arrived = len(work.paths)
        if not arrived:
            return math.inf
        left = arrived - self.completed
        if left:
            return float(duration * (1 + left / arrived))
        ticks = max(work.last_end, float((work.arrivals + work.paths).max())) - float(work.arrivals[0])
        return min(ticks / self._parameters.ticks_per_second, duration * (1 + 1 / arrived))

    def _percentile(self, name: str, share: float) -> float:
        """Between two latencies in order: the n-th is no less than the least within which n can be completed."""
        kind = tuple(NAMES.values()).index(name)
        arrived = int(self._work.arrived[kind])
        if not arrived:
            return math.inf
        values = np.where(self._work.kind == kind, 1.0, 0.0)
        if kind not in self._curves:
            self._curves[kind] = Curve(self._work, values)
        place = (arrived - 1) * share
        low = math.floor(place)
        below, above = (
            self._curves[kind].within(count - TRIFLE, self._unfinished)
            for count in (low + 1, min(low + 2, arrived))
        )
        return (below + (above - below) * (place - low)) / self._parameters.ticks_per_second
