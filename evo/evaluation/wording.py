"""Scores, insights and failures in few words, for whoever is to make a better policy of the one they are about.

The same values always give the same text; a policy takes under some 350 tokens, however many traces there are.
Nothing here computes anything about a run: that is `insight`'s.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from evo.evaluation.advice import advice
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import CLASSES, Metric
from evo.population import Failure, Fitness, TraceScore

LEGEND = """\
Per class: completed/arrived pipelines, their mean latency in seconds (waiting: for so much of it none of the pipeline's
operators ran; worst: the longest), and the share of the class's operators (ops) that no container ever began. CPU and RAM:
the share of the cluster that containers held, and of that what sped up or fitted nothing (needless) and what went to
containers that were killed (lost). Large: the share of the unfinished pipelines with more operators than the median one."""
"""What the words of `told` mean, said once."""

_IN_FULL = 2
"""Up to so many traces are told one by one; of more, the typical one and the two worst."""

_LINES = 12
"""Traces that are compared one by one; of more, those on which a policy is furthest behind."""

_LONGEST = 600
_LAST_PRINTED = 300


def told(outcome: Fitness | Failure) -> str:
    """How a policy did, and why as far as its scores have insights, or why it failed and what to do about it."""
    if isinstance(outcome, Failure):
        return _failed(outcome)
    metric, scores = outcome.metric, outcome.per_trace
    reached = [f"{each.value} {_value(each, value)}" for each, value in outcome.values.items()]
    lines = [f"{', '.join(reached)}, median of {len(scores)} traces"]
    shown, label = scores, ""
    if len(scores) > _IN_FULL:
        worst = sorted(scores, key=lambda score: _behind(metric, score), reverse=True)[:2]
        shown, label = tuple(score for score in scores if score in worst), "worst: "
        insights = [score.insight for score in scores if score.insight is not None]
        if insights:
            typical = _median(insights)
            lines += [f"medians{_bound(metric, typical)}:", *_why(typical), *_containers(typical)]
    for score in shown:
        values = zip(outcome.values, (score.value, *score.beside), strict=True)
        line = f"{label}{score.trace}: {', '.join(_value(each, value) for each, value in values)}"
        if score.insight is None:
            pairs = [(name, *getattr(score, name)) for name in CLASSES]
            lines += [line, "  " + ", ".join(f"{name} {done}/{arrived}" for name, done, arrived in pairs)]
        else:
            lines += [f"{line}{_bound(metric, score.insight)}", *_why(score.insight)]
            lines += [] if label else _containers(score.insight)
    return "\n".join(lines)


def compared(fitness: Fitness, references: Mapping[str, Fitness]) -> str:
    """A table: a policy's score on each trace beside that of the others, their medians, and completions per class.

    The columns are in the order of `references`; a trace that one of them hasn't run shows "-".
    """
    names = ["this", *references]
    everyone = [fitness, *references.values()]
    values = [{score.trace: score.value for score in each.per_trace} for each in everyone]
    direction = "higher" if fitness.metric.higher_is_better else "lower"
    metric = fitness.metric
    rows = [[f"{metric.value}, {direction} is better", *names]]
    traces = _furthest_behind(fitness, references.values())
    for trace in traces:
        cells = [each.get(trace) for each in values]
        rows.append([trace, *("-" if value is None else _value(metric, value) for value in cells)])
    if len(traces) < len(fitness.per_trace):
        rows.append([f"({len(fitness.per_trace) - len(traces)} more traces, where this is less behind)"])
    rows.append(["median", *(_value(metric, each.value) for each in everyone)])
    rows += [
        [f"median {further.value}", *(_value(further, each.values[further]) for each in everyone)]
        for further in [*fitness.values][1:]
    ]
    for name in CLASSES:
        pairs = [each.completions[name] for each in everyone]
        rows.append([f"{name} completed", *(f"{done}/{arrived}" for done, arrived in pairs)])
    return "\n".join(" | ".join(row) for row in rows)


def _failed(failure: Failure) -> str:
    where = [] if failure.trace is None else [f"on trace {failure.trace}"]
    if failure.tick is not None:
        where.append("during initialisation" if failure.tick < 0 else f"in tick {failure.tick}")
    if failure.line is not None:
        where.append(f"line {failure.line}")
    message = " ".join(failure.message.split())
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}…"
    lines = [", ".join([f"failed ({failure.kind.value})", *where]) + f": {message}"]
    hint = advice(failure)
    if hint:
        lines.append(f"what to do: {hint}")
    printed = " | ".join(line.strip() for line in failure.printed.splitlines() if line.strip())
    if printed:
        last = printed if len(printed) <= _LAST_PRINTED else f"…{printed[-_LAST_PRINTED:]}"
        lines.append(f"printed last: {last}")
    return "\n".join(lines)


def _behind(metric: Metric, score: TraceScore) -> float:
    """How far a score is from what any policy could reach: 1 is there, more is further."""
    insight = score.insight
    bound = (_best(metric, insight) if insight else None) or 1.0
    if metric.higher_is_better:
        return bound / score.value if score.value else math.inf
    return score.value / bound


def _best(metric: Metric, insight: Insight) -> float | None:
    """What no policy can better on this trace, as far as an insight tells."""
    match metric:
        case Metric.THROUGHPUT:
            return insight.throughput_bound
        case Metric.LATENCY:
            return insight.latency_bound
        case Metric.PENALIZED:
            return insight.penalized_bound
        case _:
            return None


def _furthest_behind(fitness: Fitness, references: Iterable[Fitness]) -> list[str]:
    """The traces to be compared, in their order."""
    scores = fitness.per_trace
    if len(scores) <= _LINES:
        return [score.trace for score in scores]
    others: dict[str, list[float]] = {}
    for each in references:
        for score in each.per_trace:
            others.setdefault(score.trace, []).append(score.value)
    best = max if fitness.metric.higher_is_better else min

    def gap(score: TraceScore) -> float:
        marks = others.get(score.trace)
        ratio = score.value / best(marks) if marks and best(marks) else 1.0
        return -ratio if fitness.metric.higher_is_better else ratio

    chosen = sorted(scores, key=gap, reverse=True)[:_LINES]
    return [score.trace for score in scores if score in chosen]


def _bound(metric: Metric, insight: Insight) -> str:
    """What no policy can pass, in brackets; nothing for a metric of which that isn't known."""
    best = _best(metric, insight)
    if best is not None:
        return f" (no policy {'above' if metric.higher_is_better else 'below'} {_value(metric, best)})"
    return " (nothing can be completed)" if metric is Metric.LATENCY else ""


def _why(insight: Insight) -> list[str]:
    return [
        *(
            f"  {name} {_of_class(getattr(insight, name))}"
            for name in CLASSES
            if getattr(insight, name).arrived
        ),
        f"  CPU {_used(insight.cpu)}, RAM {_used(insight.ram)}",
    ]


def _containers(insight: Insight) -> list[str]:
    counts = [(insight.ooms, "OOM"), (insight.timeouts, "out of time"), (insight.suspensions, "suspended")]
    ends = [f"{_number(count)} {name}" for count, name in counts if count or name == "OOM"]
    large = insight.large_unfinished
    ends += [] if large is None else [f"{large:.0%} large"]
    sizes = f"mean {_number(insight.cpu.mean)} CPUs {_number(insight.ram.mean)} GB"
    return [f"  {_number(insight.containers)} containers, {sizes}; {', '.join(ends)}"]


def _of_class(one: ClassInsight) -> str:
    parts = [f"{_number(one.completed)}/{_number(one.arrived)}"]
    if one.mean_latency is not None and one.waiting is not None and one.worst_latency is not None:
        parts[0] += (
            f" in {_number(one.mean_latency)} (waiting {_number(one.waiting)}, "
            f"worst {_number(one.worst_latency)})"
        )
    if one.timed_out:
        parts.append(f"{_number(one.timed_out)} timed out")
    if one.never_run:
        parts.append(f"{one.never_run / one.operators:.0%} of ops unbegun")
    return ", ".join(parts)


def _used(usage: Usage) -> str:
    held = usage.held or 1.0
    parts = [f"{usage.unneeded / held:.0%} needless"]
    parts += [f"{usage.lost / held:.0%} lost"] if usage.lost else []
    return f"{usage.held / usage.capacity:.0%} ({', '.join(parts)})"


def _median(values: Sequence[Any]) -> Any:
    """The median, also of all numbers in structs; of those that are missing in some, that of the others."""
    first = values[0]
    if isinstance(first, msgspec.Struct):
        fields = first.__struct_fields__
        return type(first)(*(_median([getattr(value, field) for value in values]) for field in fields))
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _value(metric: Metric, value: float) -> str:
    """A score: three significant digits, and all before the point."""
    return (f"{value:.0f}" if value >= 100 else f"{value:.3g}") + metric.suffix


def _number(value: float) -> str:
    """Any other number: two significant digits, and all before the point."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
