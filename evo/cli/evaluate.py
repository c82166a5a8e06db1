"""`evo eval`: score one policy, from a file or a stock one, on a suite or on workloads of the user's own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evo.cli.console import NOTHING, is_animated, jsonable, messages, number, results, table, write_json
from evo.cli.files import check_writable, write_file
from evo.cli.options import Json, Workers
from evo.cli.words import failure, measure
from evo.errors import InputError
from evo.population import Failure, Fitness, Metric
from evo.shipped import policy_file, read_policy, stock_policies
from evo.simulator import SIMULATOR_VERSION
from evo.simulator.parameters import Parameters, RunFailure

if TYPE_CHECKING:
    from evo.cli.trials import Contender, Course, Manner, Result

PolicyName = Annotated[
    str, typer.Argument(metavar="POLICY", help="A policy's file, or the name of a stock policy.")
]
Params = Annotated[
    Path | None,
    typer.Option("--params", metavar="P.toml", help="Eudoxia's parameters (its scheduler_algo is ignored)."),
]
Traces = Annotated[
    list[str] | None,
    typer.Option(
        "--trace", metavar="T.csv", help="A workload, may be given several times; else it is generated."
    ),
]
SuiteName = Annotated[
    str | None,
    typer.Option(
        "--suite", metavar="quick|paper|S.toml", help="A suite in place of parameters.", show_default="quick"
    ),
]
MetricName = Annotated[Metric, typer.Option("--metric", "-m", help="What counts.")]
Events = Annotated[
    Path | None,
    typer.Option("--events", metavar="E.jsonl", help="Write what happened, a line per tick, to this file."),
]


class SimulatorName(Enum):
    """A simulator by its name on the command line."""

    EVO = "evo"
    EUDOXIA = "eudoxia"


SimulatorChoice = Annotated[
    SimulatorName,
    typer.Option(
        "--simulator", help="evo's own, or the real Eudoxia where that is installed: see `evo doctor`."
    ),
]
EveryTick = Annotated[
    bool,
    typer.Option("--every-tick", help="Call the policy in every tick: the results are the same, only later."),
]
Crosscheck = Annotated[
    bool, typer.Option("--crosscheck", help="Run on both simulators and report any difference.")
]

FAILED = 1
DEFAULT_SUITE = "quick"
GENERATED = "generated"
"""What the workload made of the parameters is called in results."""


def evaluate(
    policy: PolicyName,
    params: Params = None,
    trace: Traces = None,
    suite: SuiteName = None,
    metric: MetricName = Metric.LATENCY,
    as_json: Json = False,
    events: Events = None,
    workers: Workers = None,
    simulator: SimulatorChoice = SimulatorName.EVO,
    every_tick: EveryTick = False,
    crosscheck: Crosscheck = False,
) -> None:
    """Score one policy, trace by trace, and its fitness: the median.

    A stock policy runs in this process; a file runs in a cage, with a limit on time, memory and work. With
    neither `--params` nor `--trace` the suite `quick` is run; traces alone meet Eudoxia's default parameters.

    On the real Eudoxia a policy is in no cage, can read true costs, and may change its own score: run there only what
    you trust. A crosscheck compares each statistic or failure, and what happened in each tick, exactly.

    Exits with 0 if the policy was scored, 1 if it failed, 2 if something about the input is wrong; a crosscheck with
    0 if both simulators agree and 1 if they don't.

        $ evo eval priority
        $ evo eval policy.py --suite paper --metric throughput
        $ evo eval policy.py --params cluster.toml --trace monday.csv --trace tuesday.csv
        $ evo eval naive --params cluster.toml --json --events what-happened.jsonl
        $ evo eval priority --crosscheck
    """
    from evo.cli.trials import Manner, run_course
    from evo.evaluation import default_workers, judged

    manner = Manner(simulator is SimulatorName.EUDOXIA, every_tick, events is not None)
    _check_manner(manner, crosscheck=crosscheck)
    if events is not None:
        check_writable(events)
    course = _course(params, trace or [], suite)
    if as_json and not crosscheck:
        _refuse_unknown(policy, course, metric)
    contender = _contender(policy)
    workers = workers or default_workers()
    if crosscheck:
        _crosscheck(contender, course, workers, every_tick=every_tick, as_json=as_json)
        return
    with _waiting(policy):
        done = list(run_course(contender, course, workers, manner))
    if events is not None:
        _write_events(events, done)
    verdict = judged(metric, [(each.title, each.result) for each in done])
    if as_json:
        value = None if isinstance(verdict, Failure) else verdict.value
        _write_json(_key(contender), [_result_json(each) for each in done], metric, value, simulator)
    else:
        _show(done, metric, verdict)
    if isinstance(verdict, Failure):
        raise typer.Exit(FAILED)


def _check_manner(manner: Manner, *, crosscheck: bool) -> None:
    """Raise InputError for what can't go together, or can't be done here."""
    from evo.simulator.eudoxia import check_installed

    if crosscheck and (manner.upstream or manner.record):
        raise InputError(
            "--crosscheck runs both simulators, on all events; leave out --simulator and --events"
        )
    if manner.upstream and manner.every_tick:
        raise InputError("eudoxia calls policies in every tick anyway; leave out --every-tick")
    if crosscheck or manner.upstream:
        check_installed()


def _crosscheck(
    contender: Contender, course: Course, workers: int, *, every_tick: bool, as_json: bool
) -> None:
    from evo.cli.crosscheck import crosschecks, show_checks, write_checks

    with _waiting(contender.policy.key):
        checks = list(crosschecks(contender, course, workers, every_tick=every_tick))
    if as_json:
        write_checks(_key(contender), checks)
    else:
        show_checks(checks)
    if not all(check.equal for check in checks):
        raise typer.Exit(FAILED)


def _key(contender: Contender) -> dict[str, Any]:
    return {"key": contender.policy.key, "hash": contender.policy.hash}


def _course(params: Path | None, traces: Sequence[str], suite: str | None) -> Course:
    from evo.cli.trials import Course
    from evo.evaluation import load_suite
    from evo.simulator.trace import read_trace

    if suite is not None and (params is not None or traces):
        raise InputError(
            "--suite brings its own parameters and traces; leave it out, or --params and --trace"
        )
    if params is None and not traces:
        chosen = load_suite(suite or DEFAULT_SUITE)
        return Course(chosen.parameters, tuple((trace.name, trace) for trace in chosen.traces))
    parameters = Parameters.complete({}) if params is None else Parameters.read(params)
    if not traces:
        return Course(parameters, ((GENERATED, None),))
    return Course(parameters, tuple((title, read_trace(title)) for title in traces))


def _contender(name: str) -> Contender:
    from evo.birth import load_policy
    from evo.cli.trials import Contender

    path = policy_file(name)
    policy = load_policy(path)
    before, found, _ = "\n".join(read_policy(path).splitlines()).partition(policy.source.rstrip("\n"))
    trusted = not Path(name).exists() and name in stock_policies()
    return Contender(policy, trusted, skipped=before.count("\n") if found else 0)


def _refuse_unknown(name: str, course: Course, metric: Metric) -> None:
    """For a name that means nothing: the JSON of the run that upstream would have refused."""
    if Path(name).exists() or name in stock_policies():
        return
    message = f"Scheduler '{name}' not available.  Options: {sorted(stock_policies())}'"
    failure = {"kind": "ValueError", "message": message, "tick": -1, "line": None}
    results = [{"trace": title, "status": "failed", "failure": failure} for title, _ in course.workloads]
    _write_json({"key": name, "hash": None}, results, metric, None)


@contextmanager
def _waiting(name: str) -> Iterator[None]:
    """Show that something is going on, where somebody looks on."""
    console = messages()
    with console.status(f"scoring {name} …") if is_animated(console) else nullcontext():
        yield


def _write_events(path: Path, done: Sequence[Result]) -> None:
    """One JSON line per event line; with several traces each line says first which one it is of."""
    lines = [
        {"trace": each.title, **line} if len(done) > 1 else line for each in done for line in each.events
    ]
    write_file(path, "".join(f"{json.dumps(jsonable(line))}\n" for line in lines))


def _write_json(
    policy: dict[str, Any],
    results: Sequence[dict[str, Any]],
    metric: Metric,
    fitness: float | None,
    simulator: SimulatorName = SimulatorName.EVO,
) -> None:
    from evo.simulator.eudoxia import revision

    version = SIMULATOR_VERSION if simulator is SimulatorName.EVO else revision()
    write_json(
        {
            "policy": policy,
            "simulator": {"name": simulator.value, "version": version},
            "results": results,
            "fitness": None if fitness is None else {"metric": metric.value, "value": fitness},
        }
    )


def _result_json(done: Result) -> dict[str, Any]:
    outcome = done.result
    if isinstance(outcome, RunFailure):
        failure = {
            "kind": outcome.kind,
            "message": outcome.message,
            "tick": outcome.tick,
            "line": outcome.line,
        }
        return {"trace": done.title, "status": "failed", "failure": failure}
    stats = {
        **outcome.to_dict(),
        "mean_memory_allocated_percent": outcome.mean_memory_allocated_percent,
        "mean_memory_consumed_percent": outcome.mean_memory_consumed_percent,
        "adjusted_latency": outcome.adjusted_latency(),
    }
    return {"trace": done.title, "status": "ok", "seconds": done.seconds, "stats": stats}


def _show(done: Sequence[Result], metric: Metric, verdict: Fitness | Failure) -> None:
    """A row per trace, then each failure and the fitness in a sentence."""
    from evo.evaluation import metrics

    titles = ("containers/s", "latency s", "q/i/b done", "OOM", "p99 s", "wall s")
    rows = table("trace", *titles, right=titles)
    for each in done:
        rows.add_row(each.title, *_cells(each))
    console = results()
    console.print(rows)
    for each in done:
        if isinstance(each.result, RunFailure):
            console.print(failure(metrics.failure(each.result, each.title)), soft_wrap=True)
    if isinstance(verdict, Fitness):
        console.print(f"fitness: {measure(verdict.value, metric)} (median {metric.value})")
    elif verdict.kind == "unscored":
        console.print(failure(verdict), soft_wrap=True)


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
