"""What can be optimised: each metric's direction, unit and words, all in this one place.

How a metric is computed from a run's statistics is `evaluation.metrics`'s; a new one needs a line there, and one here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Metric(Enum):
    """What is optimised; over the traces of a suite it is the median.

    Latency and throughput are the paper's (arXiv 2510.18897, reference code `src/simulation_utils.py`): per trace,
    Eudoxia's `SimulatorStats.adjusted_latency()` in seconds or `SimulatorStats.throughput` in containers per second.
    A class's p99 is Eudoxia's `PipelineStats.p99_latency_seconds`: 99 % of the pipelines of that class that were
    completed took no longer. Those that weren't don't count, so it goes well with another metric beside it.
    """

    LATENCY = "latency"
    THROUGHPUT = "throughput"
    QUERY_P99 = "query-p99"
    INTERACTIVE_P99 = "interactive-p99"
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
        """The one class of pipelines that it looks at: "query", "interactive" or "batch"; None: at all."""
        return _FACTS[self].of_class

    @property
    def meaning(self) -> str:
        """What it is, in sentences for whoever is to write a policy."""
        ending = "higher is better" if self.higher_is_better else "lower is better"
        return f"`{self.value}`, in {self.unit}; {ending}. {_FACTS[self].meaning}"

    def better(self, left: float, right: float) -> bool:
        """Whether `left` is strictly better than `right`."""
        return left > right if self.higher_is_better else left < right

    def cost(self, value: float) -> float:
        """The value turned so that less is better, whatever the metric."""
        return -value if self.higher_is_better else value


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


def _p99(name: str) -> _Facts:
    """The facts of a class's p99."""
    return _Facts(
        unit="s",
        head=f"{name} p99 (s)",
        suffix=" s",
        counted=f"{name} pipeline",
        meaning=(
            f"On one trace it is the 99th percentile of the time from arrival to completion over the {name} pipelines that "
            "*were completed*; a trace on which none was is a failure. The score is the median over the traces. The few "
            "slowest decide: what was begun late, killed for memory, or held up behind large work."
        ),
        of_class=name,
    )


_FACTS = MappingProxyType(
    {
        Metric.LATENCY: _Facts(
            unit="s",
            head="latency (s)",
            suffix=" s",
            counted="pipeline",
            meaning=(
                "On one trace it is the mean time from arrival to completion, a query weighing 10, an interactive pipeline "
                "5, a batch one 1, divided by the share of pipelines completed. The score is the median over the traces."
            ),
        ),
        Metric.THROUGHPUT: _Facts(
            unit="containers/s",
            head="containers/s",
            suffix="/s",
            counted="container",
            meaning=(
                "On one trace it is the number of containers that ended without an error, for each second. The score is "
                "the median over the traces."
            ),
            higher=True,
        ),
        Metric.QUERY_P99: _p99("query"),
        Metric.INTERACTIVE_P99: _p99("interactive"),
        Metric.BATCH_P99: _p99("batch"),
    }
)
