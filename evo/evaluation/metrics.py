"""From a run's statistics to a score, and from scores to a fitness.

What the metrics are says `metric.Metric`; they are computed from the engine's own record. A number that isn't
finite is no score: it is a failure that says so. Knows nothing of processes or suites.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from evo.behaviour import Behaviour
from evo.evaluation.times import Yardstick
from evo.insights import Insight
from evo.metric import CLASSES, Metric, Metrics, each
from evo.population import Failure, FailureKind, Fitness, Reached, TraceScore
from evo.printable import printable
from evo.simulator.stats import PipelineStats, RunFailure, SimulatorStats

_KINDS = MappingProxyType(
    {
        "time": FailureKind.TIMEOUT,
        "work": FailureKind.TIMEOUT,
        "memory": FailureKind.MEMORY,
        "crash": FailureKind.CRASH,
        "output": FailureKind.OUTPUT,
        "cheating": FailureKind.CHEATING,
    }
)
"""What a run's failure is called where it is no exception (`simulator.messages.LIMITS`)."""

_MOODS = frozenset({"time", "crash"})
"""Failures that may be the machine's: it was slow, or something killed the policy's process."""

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Measurement:
    """What any metric needs of one run, and (completed, arrived) pipelines per class.

    A metric without a finite value is not among the `values`. The `insight` and the `behaviour` are there if they were
    asked for.
    """

    values: Mapping[Metric, float]
    query: tuple[int, int]
    interactive: tuple[int, int]
    batch: tuple[int, int]
    insight: Insight | None = None
    behaviour: Behaviour | None = None

    @classmethod
    def of(
        cls,
        stats: SimulatorStats,
        yardstick: Yardstick | None = None,
        insight: Insight | None = None,
        behaviour: Behaviour | None = None,
    ) -> Self:
        """The measurement that a run's statistics hold."""
        values = {metric: score(metric, stats, yardstick) for metric in Metric}
        return cls(
            values={metric: value for metric, value in values.items() if math.isfinite(value)},
            query=_completions(stats.pipelines_query),
            interactive=_completions(stats.pipelines_interactive),
            batch=_completions(stats.pipelines_batch),
            insight=insight,
            behaviour=behaviour,
        )


def score(metric: Metric, stats: SimulatorStats, yardstick: Yardstick | None = None) -> float:
    """The metric's value in a run on the workload of that yardstick, finite or not.

    NaN where it follows from when pipelines were completed, and there is no yardstick, or the simulator doesn't tell
    (upstream doesn't).
    """
    match metric:
        case Metric.LATENCY:
            return float(stats.adjusted_latency())
        case Metric.THROUGHPUT:
            return float(stats.throughput)
    if stats.finished is None or yardstick is None:
        return math.nan
    return yardstick.value(metric, stats.finished)


def trace_score(metrics: Metrics, trace: str, measurement: Measurement) -> TraceScore | Failure:
    """The score on the trace of that name; a failure of kind "unscored" if any of the metrics has no value there.

    The latency has none where no pipeline was completed, others where none arrived.
    """
    values = []
    for metric in each(metrics):
        value = measurement.values.get(metric)
        if value is None or (metric is Metric.THROUGHPUT and value <= 0):
            return _unscored(metric, trace, measurement)
        values.append(value)
    classes = (measurement.query, measurement.interactive, measurement.batch)
    return TraceScore(
        trace, values[0], *classes, measurement.insight, measurement.behaviour, tuple(values[1:])
    )


def _unscored(metric: Metric, trace: str, measurement: Measurement) -> Failure:
    classes = CLASSES if metric.of_class is None else (metric.of_class,)
    arrived = any(getattr(measurement, name)[1] for name in classes)
    what = "completed" if arrived else "arrived"
    return Failure(FailureKind.UNSCORED, f"no {metric.value}: no {metric.counted} {what}", trace)


def fitness(metrics: Metrics, scores: Sequence[TraceScore]) -> Fitness:
    """The fitness of a policy with these scores, one per trace of its suite: their median, by each of the metrics."""
    columns = zip(*((each_score.value, *each_score.beside) for each_score in scores), strict=True)
    medians = [float(statistics.median(column)) for column in columns]
    first, *others = (Reached(*pair) for pair in zip(each(metrics), medians, strict=True))
    return Fitness(first.metric, first.value, tuple(scores), tuple(others))


def failure(failed: RunFailure, trace: str | None) -> Failure:
    """A failed run on the trace of that name, as the failure of its policy; its texts are harmless data."""
    kind = _kind(failed)
    if kind is FailureKind.UNSCORED:
        message = f"no container ended, so there is nothing to measure ({failed.kind}: {failed.message})"
    elif failed.kind in _KINDS:
        message = failed.message
    else:
        message = f"{failed.kind}: {failed.message}" if failed.message else failed.kind
    return Failure(
        kind,
        harmless(message),
        trace,
        failed.tick,
        failed.line,
        harmless(failed.printed, from_end=True),
        repeats=failed.kind not in _MOODS,
    )


def harmless(text: str, *, from_end: bool = False) -> str:
    """Text of a policy's as data: the first 2000 characters (or the last), and none that commands a terminal."""
    if len(text) > _LONGEST:
        text = f"…{text[-_LONGEST:]}" if from_end else f"{text[:_LONGEST]}…"
    return printable(text, keep="\n")


def is_limit(failed: RunFailure) -> bool:
    """Whether the run met one of evo's own bounds, which upstream hasn't got, rather than an exception."""
    return failed.kind in _KINDS


def _kind(failed: RunFailure) -> FailureKind:
    known = _KINDS.get(failed.kind)
    if known is not None:
        return known
    if failed.phase == "statistics":
        return FailureKind.UNSCORED
    if failed.action or failed.phase in {"executor", "bookkeeping"}:
        return FailureKind.INVALID_ACTION
    if failed.kind == "SyntaxError" and failed.phase == "init":
        return (
            FailureKind.SYNTAX
        )  # found only when the module is compiled: a `return` outside a function, say
    return FailureKind.EXCEPTION


def judged(
    metrics: Metrics,
    results: Iterable[tuple[str, SimulatorStats | RunFailure]],
    yardsticks: Mapping[str, Yardstick] = MappingProxyType({}),
) -> Fitness | Failure:
    """The fitness of a policy with these results by name of trace, or the failure on the first that failed.

    Without a trace's yardstick there are only the paper's two metrics.
    """
    scores: list[TraceScore] = []
    for trace, result in results:
        if isinstance(result, RunFailure):
            return failure(result, trace)
        measurement = Measurement.of(result, yardsticks.get(trace))
        score_or_failure = trace_score(metrics, trace, measurement)
        if isinstance(score_or_failure, Failure):
            return score_or_failure
        scores.append(score_or_failure)
    return fitness(metrics, scores)


def _completions(stats: PipelineStats) -> tuple[int, int]:
    return (stats.completion_count, stats.arrival_count)
