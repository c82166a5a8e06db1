"""What can be optimised: each metric's direction, unit and words, all in this one place.

How a metric is computed from a run's statistics is `evaluation.metrics`'s; a new one needs a line there, and one here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Metric(Enum):
    """What is optimised; over the traces of a suite it is the median.

    Latency and throughput are the paper's (arXiv 2510.18897, reference code `src/simulation_utils.py`): per trace,
    Eudoxia's `SimulatorStats.adjusted_latency()` in seconds or `SimulatorStats.throughput` in containers per second.
    By either it may pay to leave work undone. By the others what is left undone is never better than done late: such a
    pipeline counts as completed after twice the run's duration, as in Eudoxia's own report of runs with a longest job
    (`eudoxia/__main__.py`) and in the SAT competitions' PAR2.
    """

    PENALIZED = "penalized"
    LATENCY = "latency"
    THROUGHPUT = "throughput"
    PIPELINES = "pipelines"
    GOODPUT = "goodput"
    MAKESPAN = "makespan"
    SLOWDOWN = "slowdown"
    QUERY_P50 = "query-p50"
    QUERY_P95 = "query-p95"
    QUERY_P99 = "query-p99"
    INTERACTIVE_P50 = "interactive-p50"
    INTERACTIVE_P95 = "interactive-p95"
    INTERACTIVE_P99 = "interactive-p99"
    BATCH_P50 = "batch-p50"
    BATCH_P95 = "batch-p95"
    BATCH_P99 = "batch-p99"

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is a better one."""
        return _FACTS[self].higher

    @property
    def unit(self) -> str:
        """What a value is counted in."""
        return _FACTS[self].unit

    @property
    def head(self) -> str:
        """What stands above a column of values."""
        return _FACTS[self].head

    @property
    def suffix(self) -> str:
        """What follows on a value where there is little room."""
        return _FACTS[self].suffix

    @property
    def counted(self) -> str:
        """What must be completed for there to be a value at all."""
        return _FACTS[self].counted

    @property
    def of_class(self) -> str | None:
        """The one of the `CLASSES` of pipelines that it looks at; None: at all."""
        return _FACTS[self].of_class

    @property
    def percent(self) -> int | None:
        """The percentile that it is of its class; None: none."""
        return _FACTS[self].percent

    @property
    def meaning(self) -> str:
        """What it is, in sentences for whoever is to write a policy."""
        ending = "higher is better" if self.higher_is_better else "lower is better"
        return f"`{self.value}`, in {self.unit}; {ending}. {_FACTS[self].meaning}"

    def better(self, left: float, right: float) -> bool:
        """Whether `left` is strictly better than `right`."""
        return left > right if self.higher_is_better else left < right

    def gap(self, value: float, bound: float | None) -> float | None:
        """By how many times the value misses what no policy can better (`evaluation.bounds`); None if that has no meaning."""
        worse, better = (bound or 0.0, value) if self.higher_is_better else (value, bound or 0.0)
        return worse / better if 0 < worse < math.inf and 0 < better < math.inf else None

    def cost(self, value: float) -> float:
        """The value turned so that less is better, whatever the metric."""
        return -value if self.higher_is_better else value


PAPERS = (Metric.LATENCY, Metric.THROUGHPUT)
"""Those that upstream computes too; they don't need to know when each pipeline was completed."""

CLASSES = ("query", "interactive", "batch")
"""The classes of pipelines, the most urgent one first."""

Metrics = Metric | tuple[Metric, ...]
"""What a policy is scored by: one metric, or several, of which the first decides where only one can."""


def each(metrics: Metrics) -> tuple[Metric, ...]:
    """All of them, the first one first."""
    return metrics if isinstance(metrics, tuple) else (metrics,)


@dataclass(frozen=True, slots=True)
class _Facts:
    unit: str
    head: str
    suffix: str
    counted: str
    meaning: str
    higher: bool = False
    of_class: str | None = None
    percent: int | None = None


_UNDONE = "one that is not completed counts as completed after twice the trace's duration"


def _percentile(name: str, percent: int) -> _Facts:
    """The facts of a class's percentile."""
    return _Facts(
        unit="s",
        head=f"{name} p{percent} (s)",
        suffix=" s",
        counted=f"{name} pipeline",
        meaning=(
            f"On one trace it is the percentile {percent} of the time from arrival to completion over all {name} pipelines "
            f"that arrived; {_UNDONE}. The score is the median over the traces."
        ),
        of_class=name,
        percent=percent,
    )


def _seconds(name: str, meaning: str) -> _Facts:
    """The facts of a metric in seconds, of which fewer are better."""
    return _Facts("s", f"{name} (s)", " s", "pipeline", f"{meaning} The score is the median over the traces.")


def _rate(unit: str, counted: str, meaning: str) -> _Facts:
    """The facts of a metric for each second, of which more is better."""
    return _Facts(
        unit, unit, "/s", counted, f"{meaning} The score is the median over the traces.", higher=True
    )


_FACTS = MappingProxyType(
    {
        Metric.PENALIZED: _seconds(
            "penalized",
            "On one trace it is, for each class (query, interactive, batch), the mean time from arrival to completion over "
            f"*all* its pipelines that arrived, where {_UNDONE}; and over the classes the power mean with exponent 4 (the "
            "fourth root of the mean of the fourth powers), so that the class that fares worst weighs most.",
        ),
        Metric.LATENCY: _seconds(
            "latency",
            "On one trace it is the mean time from arrival to completion, a query weighing 10, an interactive pipeline 5, a "
            "batch one 1, divided by the share of pipelines completed.",
        ),
        Metric.THROUGHPUT: _rate(
            "containers/s",
            "container",
            "On one trace it is the number of containers that ended without an error, for each second.",
        ),
        Metric.PIPELINES: _rate(
            "pipelines/s",
            "pipeline",
            "On one trace it is the number of pipelines completed, for each second.",
        ),
        Metric.GOODPUT: _rate(
            "weight/s",
            "pipeline",
            "On one trace it is the weight of the pipelines completed, for each second: a query weighs 10, an interactive "
            "pipeline 5, a batch one 1.",
        ),
        Metric.MAKESPAN: _seconds(
            "makespan",
            "On one trace it is the time from the first arrival to the last completion, if all are completed; if not, the "
            "trace's duration, longer by the share of pipelines that are left.",
        ),
        Metric.SLOWDOWN: _Facts(
            unit="times",
            head="slowdown",
            suffix=" times",
            counted="pipeline",
            meaning=(
                "On one trace it is the mean, over all pipelines that any scheduler could complete, of the time from arrival "
                "to completion in lengths of the pipeline's own critical path, a path below a second counted as one; "
                f"{_UNDONE}. The score is the median over the traces."
            ),
        ),
        **{
            Metric(f"{name}-p{percent}"): _percentile(name, percent)
            for name in CLASSES
            for percent in (50, 95, 99)
        },
    }
)
