"""`evo trace bounds`: what arrives in a workload, and what no scheduler can better on it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from evo.cli.console import NOTHING, messages, number, results, table, write_json
from evo.cli.options import Json, suite_option
from evo.metric import CLASSES, Metric

if TYPE_CHECKING:
    from evo.evaluation.bounds import Bounds
    from evo.simulator.parameters import Parameters
    from evo.simulator.trace import Schedule, Trace

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[T.csv]...", help="Workloads in place of the suite's own; the cluster is the suite's."
    ),
]
SuiteName = Annotated[str, suite_option("The cluster and, without files, the traces.", "quick")]


@dataclass(frozen=True, slots=True)
class Facts:
    """A trace on a cluster: what arrives by class within the run, and the bounds."""

    name: str
    pipelines: dict[str, int]
    operators: dict[str, int]
    best: Bounds


def trace() -> None:
    """Look at workloads: what is in them, and how good any scheduler could be on them.

    No policy is run for that.

        $ evo trace bounds
        $ evo trace bounds --suite paper --json
    """


def bounds(files: Files = None, suite: SuiteName = "quick", as_json: Json = False) -> None:
    """Show what no scheduler can better on each trace, not even one that knows the future.

    Proven for every run in the simulator, under these assumptions and no others: a pool never holds more CPUs or RAM
    than it has (where memory may be overcommitted: never consumes more), an operator begins after its parents and
    takes as many ticks as its scaling says on any positive number of CPUs up to a whole pool's, needs its peak of RAM
    all that time, and runs in one piece. Nothing is assumed of packing or of when decisions are made.

    From these follow each pipeline's critical path in whole ticks; the least CPUs times ticks, and GB times ticks, that
    it takes; and how many can be completed within any latency, as many as fit (Moore and Hodgson's rule, with parts
    of pipelines allowed). The loads are all that least work by what the cluster has from the first arrival on. The
    bounds needn't be reached by anybody: they say how much there can be left to gain, not how much there is.

        $ evo trace bounds
        $ evo trace bounds --suite paper
        $ evo trace bounds monday.csv tuesday.csv --suite cluster.toml --json
    """
    from evo.evaluation import load_suite
    from evo.simulator.trace import read_trace

    chosen = load_suite(suite)
    traces = (
        [(path, read_trace(path)) for path in files] if files else [(one.name, one) for one in chosen.traces]
    )
    found = [_facts(name, one, chosen.parameters) for name, one in traces]
    if as_json:
        write_json({"suite": chosen.name, "traces": [_json(facts) for facts in found]})
        return
    console = results()
    for shown in (_arrivals(found), _bounds(found), _percentiles(found)):
        console.print(shown)
        console.print()
    messages().print(
        "No scheduler completes more, or has less than what is marked ≥, or more than what is marked ≤. Loads are the "
        "least work of all that arrives, by what the cluster has from the first arrival on.",
        soft_wrap=True,
    )


def _facts(name: str, one: Trace, cluster: Parameters) -> Facts:
    from evo.evaluation.bounds import bounds as bounds_of

    schedule = one.schedule(cluster.ticks_per_second, cluster.max_ticks)
    pipelines, operators = _counted(schedule)
    return Facts(name, pipelines, operators, bounds_of(schedule, cluster))


def _counted(schedule: Schedule) -> tuple[dict[str, int], dict[str, int]]:
    """(pipelines, operators) by class."""
    from evo.evaluation.classes import NAMES

    pipelines, operators = Counter[str](), Counter[str]()
    for _, specs in schedule:
        for spec in specs:
            name = NAMES[spec.priority]
            pipelines[name] += 1
            operators[name] += len(spec.operators)
    return {name: pipelines[name] for name in CLASSES}, {name: operators[name] for name in CLASSES}


def _json(facts: Facts) -> dict[str, Any]:
    cpu, memory = facts.best.load
    return {
        "trace": facts.name,
        "pipelines": facts.pipelines,
        "operators": facts.operators,
        "load": {"cpu": cpu, "memory": memory},
        "completable": facts.best.completed,
        "bounds": {metric.value: facts.best.of(metric) for metric in Metric},
    }


def _arrivals(found: Iterable[Facts]) -> Table:
    heads = (*(f"{name} (operators)" for name in CLASSES), "CPU load", "memory load", "completable")
    shown = table("trace", *heads, right=heads)
    for facts in found:
        counts = [f"{facts.pipelines[name]} ({facts.operators[name]})" for name in CLASSES]
        loads = [f"{load:.2f}" for load in facts.best.load]
        shown.add_row(
            facts.name, *counts, *loads, f"{facts.best.completed} of {sum(facts.pipelines.values())}"
        )
    return shown


def _bounds(found: Iterable[Facts]) -> Table:
    metrics = [metric for metric in Metric if metric.of_class is None]
    heads = [f"{'≤' if metric.higher_is_better else '≥'} {metric.head}" for metric in metrics]
    shown = table("trace", *heads, right=tuple(heads))
    for facts in found:
        shown.add_row(facts.name, *(_cell(facts, metric) for metric in metrics))
    return shown


def _percentiles(found: Iterable[Facts]) -> Table:
    metrics = {name: [metric for metric in Metric if metric.of_class == name] for name in CLASSES}
    heads = [
        f"≥ {name} {' · '.join(f'p{metric.percent}' for metric in mine)} (s)"
        for name, mine in metrics.items()
    ]
    shown = table("trace", *heads, right=tuple(heads))
    for facts in found:
        cells = [" · ".join(_cell(facts, metric) for metric in mine) for mine in metrics.values()]
        shown.add_row(facts.name, *cells)
    return shown


def _cell(facts: Facts, metric: Metric) -> str:
    value = facts.best.of(metric)
    return number(value) if math.isfinite(value) else NOTHING
