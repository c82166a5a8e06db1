"""How long each pipeline took, and what the metrics make of it that look at every pipeline that arrived.

A pipeline that was not completed counts as completed after twice the run's duration, so no metric here gets better by
leaving undone what could be done. All follow from the workload, the cluster, and when each pipeline was completed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from evo.evaluation.bounds import PENALTY, POWER, SHORTEST, WEIGHTS, earliest
from evo.evaluation.classes import NAMES
from evo.metric import CLASSES, Metric
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Schedule, Trace
from evo.simulator.workload import generate

_Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Yardstick:
    """A workload and its cluster, by which the completions of a run are measured."""

    schedule: Schedule
    parameters: Parameters

    @classmethod
    def of(cls, workload: Trace | None, parameters: Parameters) -> Self:
        """That of a trace, or without one of what the generator makes of the parameters."""
        if workload is None:
            return cls(generate(parameters), parameters)
        return cls(workload.schedule(parameters.ticks_per_second, parameters.max_ticks), parameters)

    def value(self, metric: Metric, finished: Sequence[tuple[int, int]]) -> float:
        """The metric's value of a run with these completions as (pipeline, tick); NaN if it has none.

        Raises ValueError for one that isn't a matter of when pipelines are completed.
        """
        if not len(self._arrivals):
            return math.nan
        done = np.zeros(len(self._arrivals), bool)
        numbers = [number for number, _ in finished]
        done[numbers] = True
        times = np.full(len(self._arrivals), PENALTY * self._duration)
        ticks = np.array([tick for _, tick in finished]) - self._arrivals[numbers]
        times[numbers] = ticks / self.parameters.ticks_per_second
        return self._value(metric, times, done)

    def _value(self, metric: Metric, times: _Array, done: _Array) -> float:
        match metric:
            case Metric.PENALIZED:
                means = [times[chosen].mean() for chosen in self._of_class.values() if chosen.any()]
                return float((math.fsum(mean**POWER for mean in means) / len(means)) ** (1 / POWER))
            case Metric.PIPELINES:
                return int(done.sum()) / self._duration
            case Metric.GOODPUT:
                return math.fsum(self._weights[done]) / self._duration
            case Metric.MAKESPAN:
                return self._makespan(times, done)
            case Metric.SLOWDOWN:
                possible = np.isfinite(self._paths)
                return float((times / self._paths)[possible].mean()) if possible.any() else math.nan
        if metric.of_class is None or metric.percent is None:
            raise ValueError(f"{metric.value} doesn't follow from when pipelines are completed")
        chosen = times[self._of_class[metric.of_class]]
        return float(np.percentile(chosen, metric.percent)) if len(chosen) else math.nan

    def _makespan(self, times: _Array, done: _Array) -> float:
        if not done.all():
            return float(self._duration * (2 - done.mean()))
        ends = self._arrivals / self.parameters.ticks_per_second + times
        return float(ends.max() - self._arrivals[0] / self.parameters.ticks_per_second)

    @property
    def _duration(self) -> float:
        return float(self.parameters.duration)

    @cached_property
    def _arrivals(self) -> _Array:
        return np.array([tick for tick, specs in self.schedule for _ in specs], np.float64)

    @cached_property
    def _of_class(self) -> dict[str, _Array]:
        arrived = [NAMES[spec.priority] for _, specs in self.schedule for spec in specs]
        return {name: np.array([one == name for one in arrived], bool) for name in CLASSES}

    @cached_property
    def _weights(self) -> _Array:
        return np.array([WEIGHTS[spec.priority] for _, specs in self.schedule for spec in specs])

    @cached_property
    def _paths(self) -> _Array:
        """Seconds of each pipeline's critical path, at least `SHORTEST`; infinite where nobody can complete it."""
        return np.maximum(earliest(self.schedule, self.parameters), SHORTEST)
