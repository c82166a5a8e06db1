"""`evo eval`: score one policy, from a file or a stock one, on a suite or on workloads of the user's own."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from evo.cli.console import is_animated, messages
from evo.cli.files import check_writable
from evo.cli.options import Json, Traces, Workers, suite_option
from evo.cli.protection import warn_of_missing
from evo.cli.verdict import SimulatorName, failed_json, result_json, show, write_events, write_results
from evo.config import RunConfig
from evo.errors import InputError
from evo.metric import PAPERS, Metric
from evo.population import Failure, FailureKind
from evo.shipped import policy_file, read_policy, stock_policies
from evo.simulator.parameters import Parameters

if TYPE_CHECKING:
    from evo.cli.trials import Contender, Course, Manner, Result
    from evo.evaluation.times import Yardstick

PolicyName = Annotated[
    str, typer.Argument(metavar="POLICY", help="A policy's file, or the name of a stock policy.")
]
Params = Annotated[
    Path | None,
    typer.Option("--params", metavar="P.toml", help="Eudoxia's parameters (its scheduler_algo is ignored)."),
]
SuiteName = Annotated[str | None, suite_option("A suite in place of parameters.", "quick")]
MetricName = Annotated[
    Metric | None,
    typer.Option(
        "--metric", "-m", help="What counts.", show_default="penalized, on the real Eudoxia latency"
    ),
]
Events = Annotated[
    Path | None,
    typer.Option("--events", metavar="E.jsonl", help="Write what happened, a line per tick, to this file."),
]
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
NoSandbox = Annotated[
    bool,
    typer.Option(
        "--no-sandbox", help="Run the policy in this very process, unprotected: to debug one of your own."
    ),
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
    metric: MetricName = None,
    as_json: Json = False,
    events: Events = None,
    workers: Workers = None,
    simulator: SimulatorChoice = SimulatorName.EVO,
    every_tick: EveryTick = False,
    crosscheck: Crosscheck = False,
    no_sandbox: NoSandbox = False,
) -> None:
    """Score one policy, trace by trace, and its fitness: the median.

    A stock policy runs in this process; a file runs in a cage, with a limit on time, memory and work. With
    neither `--params` nor `--trace` the suite `quick` is run; traces alone meet Eudoxia's default parameters.

    On the real Eudoxia a policy is in no cage, can read true costs, and may change its own score: run there only what
    you trust. A crosscheck compares each statistic or failure, and what happened in each tick, exactly.

    To debug a policy of your own, `--no-sandbox` runs it in this process: what it prints is shown, and pdb works. It
    then has all your rights, and no limit.

    A failure is told by its kind, with tick, line and what the policy printed last. In JSON that kind is `class`; `kind`
    is the type of the exception, as Eudoxia would have raised it, where there was one.

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
    metric = metric or (Metric.LATENCY if manner.upstream else RunConfig().metrics[0])
    _check_manner(manner, metric, events, crosscheck=crosscheck, no_sandbox=no_sandbox)
    course = _course(params, trace or [], suite)
    if as_json and not crosscheck:
        _tell_refusal(policy, course, trusted=no_sandbox)
    contender = _contender(policy, no_sandbox=no_sandbox, caged=not manner.upstream)
    workers = 1 if no_sandbox else workers or default_workers()
    if crosscheck:
        _crosscheck(contender, course, workers, every_tick=every_tick, as_json=as_json)
        return
    with _unprotected(contender, policy, as_json=as_json) if no_sandbox else _waiting(policy):
        done = list(run_course(contender, course, workers, manner))
    if events is not None:
        write_events(events, done)
    verdict = judged(metric, [(each.title, each.result) for each in done], _yardsticks(metric, done, course))
    if as_json:
        write_results(_key(contender), [result_json(each) for each in done], verdict, simulator)
    else:
        show(done, metric, verdict)
    if isinstance(verdict, Failure):
        raise typer.Exit(FAILED)


def _check_manner(
    manner: Manner, metric: Metric, events: Path | None, *, crosscheck: bool, no_sandbox: bool
) -> None:
    """Raise InputError for what can't go together, or can't be done here."""
    from evo.simulator.eudoxia import check_installed

    if crosscheck and (manner.upstream or manner.record):
        raise InputError(
            "--crosscheck runs both simulators, on all events; leave out --simulator and --events"
        )
    if manner.upstream and metric not in PAPERS:
        raise InputError(
            f"--metric {metric.value}: eudoxia doesn't tell when each pipeline was completed; leave out --simulator, or "
            f"take {' or '.join(one.value for one in PAPERS)}"
        )
    if manner.upstream and manner.every_tick:
        raise InputError("eudoxia calls policies in every tick anyway; leave out --every-tick")
    if no_sandbox and (manner.upstream or crosscheck):
        raise InputError("eudoxia runs policies in a process of its own; leave out --no-sandbox")
    if crosscheck or manner.upstream:
        check_installed()
    if events is not None:
        check_writable(events)


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


def _yardsticks(metric: Metric, done: Sequence[Result], course: Course) -> dict[str, Yardstick]:
    """What results are measured by, where the metric needs it."""
    from evo.evaluation.times import Yardstick
    from evo.simulator.stats import SimulatorStats

    if metric in PAPERS:
        return {}
    ended = [each.title for each in done if isinstance(each.result, SimulatorStats)]
    parameters = course.parameters
    return {title: Yardstick.of(trace, parameters) for title, trace in course.workloads if title in ended}


def _contender(name: str, *, no_sandbox: bool, caged: bool) -> Contender:
    from evo.birth import load_policy
    from evo.cli.trials import Contender

    path = policy_file(name)
    policy = load_policy(path, trusted=no_sandbox)
    before, found, _ = "\n".join(read_policy(path).splitlines()).partition(policy.source.rstrip("\n"))
    trusted = no_sandbox or (not Path(name).exists() and name in stock_policies())
    if caged and not trusted:
        warn_of_missing()
    return Contender(policy, trusted, skipped=before.count("\n") if found else 0)


def _tell_refusal(name: str, course: Course, *, trusted: bool) -> None:
    """For a name that means nothing, or a file that is no policy: the JSON of a run that failed before it began."""
    from evo.birth import founded

    as_upstream = None
    if Path(name).is_file():
        fault = founded(Path(name), trusted=trusted).refusal
    elif Path(name).exists() or name in stock_policies():
        fault = None
    else:
        message = f"Scheduler '{name}' not available.  Options: {sorted(stock_policies())}'"
        fault, as_upstream = Failure(FailureKind.EXCEPTION, message, tick=-1), "ValueError"
    if fault is not None:
        titles = [title for title, _ in course.workloads]
        failed = [failed_json(title, fault, fault.message, as_upstream) for title in titles]
        write_results({"key": None if as_upstream is None else name, "hash": None}, failed, fault)


@contextmanager
def _waiting(name: str) -> Iterator[None]:
    """Show that something is going on, where somebody looks on."""
    console = messages()
    with console.status(Text(f"scoring {name} …")) if is_animated(console) else nullcontext():
        yield


@contextmanager
def _unprotected(contender: Contender, name: str, *, as_json: bool) -> Iterator[None]:
    """Say what running it here means, and let pdb find its lines.

    Where JSON goes to stdout, what the policy prints goes to stderr.
    """
    from evo.simulator.scheduling.loading import FILENAME

    lines = contender.policy.source.splitlines(keepends=True)
    linecache.cache[FILENAME] = (len(lines), None, lines, FILENAME)
    console = messages()
    console.print(
        f"WARNING: --no-sandbox runs {name} inside this process, with all your rights: it can read your files and keys,",
        "use the network, never end, and change its own score. Only for a policy that you wrote yourself.",
        style="bold red",
        soft_wrap=True,
    )
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        yield
