"""What `evo eval` says: the table for the eye, the JSON and the log of events for scripts.

Knows results, and nothing of how they came about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo.cli.console import NOTHING, jsonable, number, results, table, write_json
from evo.cli.files import write_file
from evo.cli.words import failure, fitness_json, measure, printed
from evo.metric import PAPERS, Metric
from evo.population import Failure, Fitness
from evo.simulator import SIMULATOR_VERSION
from evo.simulator.parameters import RunFailure

if TYPE_CHECKING:
    from evo.cli.trials import Result


class SimulatorName(Enum):
    """A simulator by its name on the command line."""

    EVO = "evo"
    EUDOXIA = "eudoxia"


def write_events(path: Path, done: Sequence[Result]) -> None:
    """One JSON line per event line; with several traces each line says first which one it is of."""
    lines = [
        {"trace": each.title, **line} if len(done) > 1 else line for each in done for line in each.events
    ]
    write_file(path, "".join(f"{json.dumps(jsonable(line))}\n" for line in lines))


def write_results(
    policy: dict[str, Any],
    results: Sequence[dict[str, Any]],
    verdict: Fitness | Failure,
    simulator: SimulatorName = SimulatorName.EVO,
) -> None:
    """The whole answer as one JSON document."""
    from evo.simulator.eudoxia import revision

    version = SIMULATOR_VERSION if simulator is SimulatorName.EVO else revision()
    write_json(
        {
            "policy": policy,
            "simulator": {"name": simulator.value, "version": version},
            "results": results,
            "fitness": fitness_json(verdict) if isinstance(verdict, Fitness) else None,
        }
    )


def result_json(done: Result) -> dict[str, Any]:
    """What became of the policy on one trace: every statistic, or the failure."""
    from evo.evaluation import metrics

    outcome = done.result
    if isinstance(outcome, RunFailure):
        told = metrics.failure(outcome, done.title)
        as_upstream = None if metrics.is_limit(outcome) else outcome.kind
        return failed_json(done.title, told, outcome.message, as_upstream)
    stats = {
        **outcome.to_dict(),
        "mean_memory_allocated_percent": outcome.mean_memory_allocated_percent,
        "mean_memory_consumed_percent": outcome.mean_memory_consumed_percent,
        "adjusted_latency": outcome.adjusted_latency(),
    }
    return {"trace": done.title, "status": "ok", "seconds": done.seconds, "stats": stats}


def failed_json(trace: str, fault: Failure, message: str, as_upstream: str | None = None) -> dict[str, Any]:
    """A failure on the trace of that name: `class` is evo's kind, `kind` the type of upstream's exception if it has one."""
    return {
        "trace": trace,
        "status": "failed",
        "failure": {
            "kind": as_upstream or fault.kind.value,
            "message": message,
            "tick": fault.tick,
            "line": fault.line,
            "class": fault.kind.value,
            "printed": fault.printed,
        },
    }


def show(done: Sequence[Result], metric: Metric, verdict: Fitness | Failure) -> None:
    """A row per trace, then each failure and the fitness in a sentence."""
    from evo.evaluation import metrics

    titles: tuple[str, ...] = ("containers/s", "latency s", "q/i/b done", "OOM", "p99 s", "wall s")
    values = {}
    if isinstance(verdict, Fitness) and metric not in PAPERS:
        titles = (metric.head, *titles)
        values = {score.trace: (number(score.value),) for score in verdict.per_trace}
    rows = table("trace", *titles, right=titles)
    for each in done:
        rows.add_row(each.title, *values.get(each.title, ()), *_cells(each))
    console = results()
    console.print(rows)
    for each in done:
        if isinstance(each.result, RunFailure):
            _tell(metrics.failure(each.result, each.title))
    if isinstance(verdict, Fitness):
        console.print(f"fitness: {measure(verdict.value, metric)} (median {metric.value})")
    elif not any(isinstance(each.result, RunFailure) for each in done):
        _tell(verdict)


def _tell(fault: Failure) -> None:
    console = results()
    for line in (failure(fault), *printed(fault)):
        console.print(line, soft_wrap=True)


def _cells(done: Result) -> list[str]:
    stats, seconds = done.result, f"{done.seconds:.2f}"
    if isinstance(stats, RunFailure):
        return ["failed", *[NOTHING] * 4, seconds]
    classes = (stats.pipelines_query, stats.pipelines_interactive, stats.pipelines_batch)
    return [
        number(stats.throughput),
        number(stats.adjusted_latency()),
        " ".join(f"{each.completion_count}/{each.arrival_count}" for each in classes),
        str(stats.failure_error_counts.get("OOM", 0)),
        number(stats.p99_latency),
        seconds,
    ]
