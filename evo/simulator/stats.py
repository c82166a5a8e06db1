"""What a run reports: upstream's statistics, or the reason why there are none.

The engine fills a `Tally` while it runs; `summarize` turns it into `SimulatorStats`, whose fields and numbers are
upstream's to the last bit (eudoxia/simulator.py). Nothing here knows pools, containers or policies.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.states import Priority

__all__ = ["PipelineStats", "RunFailure", "SimulatorStats", "Tally", "summarize"]


class PipelineStats(NamedTuple):
    """Counts and latencies of one class of pipelines; latencies are those of completed ones, NaN if there are none."""

    arrival_count: int
    completion_count: int
    timeout_count: int
    mean_latency_seconds: float
    p99_latency_seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, in upstream's order."""
        return self._asdict()


class SimulatorStats(NamedTuple):
    """The statistics of a run that ended; `p99_latency` is that of containers, in seconds, failed ones included."""

    pipelines_created: int
    containers_completed: int
    throughput: float
    """Containers that ended without error, per second of `duration`."""
    p99_latency: float
    assignments: int
    suspensions: int
    failures: int
    failure_error_counts: dict[str, int]
    mean_memory_allocated_percent: float
    mean_memory_consumed_percent: float
    pipelines_all: PipelineStats
    pipelines_query: PipelineStats
    pipelines_interactive: PipelineStats
    pipelines_batch: PipelineStats
    finished: tuple[tuple[int, int], ...] | None = None
    """Completions in order, as (pipeline in order of arrival, tick); no statistic, and None from upstream."""

    def to_dict(self) -> dict[str, Any]:
        """The fields by name, without the two memory means and `finished`, as upstream's method of this name gives them."""
        plain = self._asdict()
        for name in ("mean_memory_allocated_percent", "mean_memory_consumed_percent", "finished"):
            del plain[name]
        return {
            key: value.to_dict() if isinstance(value, PipelineStats) else value
            for key, value in plain.items()
        }

    def adjusted_latency(
        self,
        weights: Mapping[Priority, float] | None = None,
        divide_by_completion_rate: bool = True,
        unfinished_penalty_seconds: float | None = None,
    ) -> float:
        """Weighted mean latency in seconds; infinite if no pipeline completed and there is no penalty.

        `weights` are 10, 5 and 1 for QUERY, INTERACTIVE and BATCH_PIPELINE unless given; a priority left out weighs
        1. The mean is divided by the share of pipelines that completed, or else every unfinished pipeline counts as
        one of `unfinished_penalty_seconds`; both at once raise AssertionError, as upstream does.
        """
        if divide_by_completion_rate and unfinished_penalty_seconds is not None:
            raise AssertionError("Cannot use both divide_by_completion_rate and unfinished_penalty_seconds")
        completed, arrived = self.pipelines_all.completion_count, self.pipelines_all.arrival_count
        if completed == 0 and unfinished_penalty_seconds is None:
            return math.inf
        if weights is None:
            weights = {Priority.QUERY: 10, Priority.INTERACTIVE: 5, Priority.BATCH_PIPELINE: 1}
        numerator = denominator = 0.0
        for priority, stats in (
            (Priority.QUERY, self.pipelines_query),
            (Priority.INTERACTIVE, self.pipelines_interactive),
            (Priority.BATCH_PIPELINE, self.pipelines_batch),
        ):
            weight = weights.get(priority, 1)
            if stats.completion_count > 0:
                numerator += weight * stats.completion_count * stats.mean_latency_seconds
                denominator += weight * stats.completion_count
            unfinished = stats.arrival_count - stats.completion_count
            if unfinished_penalty_seconds is not None and unfinished > 0:
                numerator += weight * unfinished * unfinished_penalty_seconds
                denominator += weight * unfinished
        mean = numerator / denominator
        return mean / (completed / arrived) if divide_by_completion_rate else mean


def _per_priority() -> dict[Priority, int]:
    return dict.fromkeys(Priority, 0)


def _lists_per_priority() -> dict[Priority, list[int]]:
    return {priority: [] for priority in Priority}


@dataclass(slots=True)
class Tally:
    """What the engine counts while it runs; ticks are whole, percents are samples of one tick each."""

    pipelines_created: int = 0
    assignments: int = 0
    suspensions: int = 0
    failures: int = 0
    failure_error_counts: dict[str, int] = field(default_factory=dict)
    """In order of first occurrence."""
    containers_completed: int = 0
    container_ticks: list[int] = field(default_factory=list)
    """Elapsed ticks of each ended container, failed ones included, suspended ones not."""
    arrivals: dict[Priority, int] = field(default_factory=_per_priority)
    timeouts: dict[Priority, int] = field(default_factory=_per_priority)
    latencies: dict[Priority, list[int]] = field(default_factory=_lists_per_priority)
    """Ticks from arrival to the recorded completion, of each completed pipeline."""
    finished: list[tuple[int, int]] = field(default_factory=list)
    """Recorded completions as (pipeline, tick), in order."""
    allocated_percent: list[float] = field(default_factory=list)
    consumed_percent: list[float] = field(default_factory=list)


def summarize(tally: Tally, parameters: Parameters) -> SimulatorStats | RunFailure:
    """The statistics of a run, or upstream's failure to compute them.

    A duration of 0 divides by zero, and a run in which no container ended has no percentile (both odd, both
    upstream's).
    """
    last_tick = parameters.max_ticks - 1
    if parameters.duration == 0:
        message = "float division by zero" if isinstance(parameters.duration, float) else "division by zero"
        return RunFailure("ZeroDivisionError", message, last_tick, "statistics")
    if not tally.container_ticks:
        message = "index -1 is out of bounds for axis 0 with size 0"
        return RunFailure("IndexError", message, last_tick, "statistics")
    per_second = parameters.ticks_per_second
    by_priority = {
        priority: _pipeline_stats(
            tally.arrivals[priority], tally.timeouts[priority], tally.latencies[priority], per_second
        )
        for priority in Priority
    }
    everyone = [ticks for priority in Priority for ticks in tally.latencies[priority]]
    return SimulatorStats(
        pipelines_created=tally.pipelines_created,
        containers_completed=tally.containers_completed,
        throughput=tally.containers_completed / parameters.duration,
        p99_latency=_p99(tally.container_ticks) / per_second,
        assignments=tally.assignments,
        suspensions=tally.suspensions,
        failures=tally.failures,
        failure_error_counts=dict(tally.failure_error_counts),
        mean_memory_allocated_percent=_mean(tally.allocated_percent),
        mean_memory_consumed_percent=_mean(tally.consumed_percent),
        pipelines_all=_pipeline_stats(
            sum(tally.arrivals.values()), sum(tally.timeouts.values()), everyone, per_second
        ),
        pipelines_query=by_priority[Priority.QUERY],
        pipelines_interactive=by_priority[Priority.INTERACTIVE],
        pipelines_batch=by_priority[Priority.BATCH_PIPELINE],
        finished=tuple(tally.finished),
    )


def _pipeline_stats(
    arrivals: int, timeouts: int, latencies: Sequence[int], per_second: Number
) -> PipelineStats:
    return PipelineStats(
        arrival_count=arrivals,
        completion_count=len(latencies),
        timeout_count=timeouts,
        mean_latency_seconds=_mean(latencies) / per_second,
        p99_latency_seconds=_p99(latencies) / per_second,
    )


def _mean(values: Sequence[Number]) -> float:
    return float(np.mean(values)) if values else math.nan


def _p99(values: Sequence[int]) -> float:
    """The 99th percentile as numpy interpolates it, to the last bit, without its price for so few."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = (len(ordered) - 1) * 0.99
    low = int(place)
    share = place - low
    below, above = ordered[low], ordered[min(low + 1, len(ordered) - 1)]
    gap = above - below
    return float(above - gap * (1 - share) if share >= 0.5 else below + gap * share)
