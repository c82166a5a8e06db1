"""The life of the process that runs one policy on the real Eudoxia: a request on stdin, an answer on stdout.

What happens is noted by wrapping upstream's methods in this process; no code of upstream is here. Only `eudoxia`
starts this, one process per run, so that nothing of a run (upstream's counter of containers, its table of policies,
what a policy changed) is left for another.
"""

from __future__ import annotations

import importlib
import io
import logging
import math
import os
import random
import resource
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from evo.simulator.eudoxia import Answer, Request
from evo.simulator.messages import Number
from evo.simulator.parameters import RunFailure
from evo.simulator.scheduling.loading import FILENAME, blame, quiet
from evo.simulator.scheduling.modules import Registry, scope
from evo.simulator.stats import PipelineStats, SimulatorStats

_MEMORY = 8 << 30  # bytes of address space: a machine should outlive a policy that devours memory
_LONG = 2**63
_NAMES_FROM = (
    "eudoxia.executor.assignment",
    "eudoxia.workload.runtime_status",
    "eudoxia.scheduler.decorators",
    "typing",
)
_MODULE = "policy_under_test"
"""The module that a policy's classes claim to be of."""


def main() -> None:
    """Answer the one request, with stdin and stdout out of the policy's way."""
    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Request)
    sink = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    with suppress(ValueError, OSError):  # a lower limit is there already, or macOS refuses to set one
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    reply = msgspec.msgpack.encode(answer(request))
    with os.fdopen(sink, "wb") as stream:
        stream.write(reply)


def answer(request: Request) -> Answer:
    """Run the policy, which may leave its marks all over this process."""
    logging.disable()  # upstream logs every container
    try:
        modules = {name: importlib.import_module(name) for name in (*_NAMES_FROM, "eudoxia.simulator")}
        container = importlib.import_module("eudoxia.executor.container").Container
        reader = importlib.import_module("eudoxia.workload.csv_io").CSVWorkloadReader
    except (ImportError, SyntaxError) as error:
        return Answer(unusable=str(error))
    container.next_container_num = 1
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - as in evo's cage, policies may draw from the global generators
    run = _Run(request, modules, container)
    try:
        workload = None
        if request.trace is not None:
            lines = io.StringIO(request.trace, newline="")
            workload = reader(lines).get_workload(request.parameters["ticks_per_second"])
        stats = _ours(modules["eudoxia.simulator"].run_simulator(request.parameters, workload))
    except BaseException as error:  # noqa: BLE001 - a policy may raise anything
        return Answer(failure=run.failure(error), events=run.lines)
    return Answer(stats, events=run.lines)


class _Run:
    """Follows a run of upstream's: where it stands, and what happened, in the form of `events.EventLog`."""

    def __init__(self, request: Request, modules: dict[str, ModuleType], container: Any) -> None:
        self.lines: list[dict[str, Any]] = []
        self._request = request
        self._modules = modules
        self._phase = "init"
        self._tick: int | None = None
        self._started: list[tuple[int, int]] = []
        self._containers: set[object] = set()
        simulator: Any = modules["eudoxia.simulator"]
        _wrap(simulator.SimClock, "__init__", self._begin)
        _wrap(simulator.SimClock, "tick", self._advance)
        _wrap(simulator.Scheduler, "__init__", self._prepare)
        _wrap(simulator.Scheduler, "run_one_tick", self._decide)
        _wrap(simulator.Executor, "run_one_tick", self._execute)
        _wrap(simulator.Executor, "num_completed", self._sum_up)
        _wrap(container, "__init__", self._start)

    def failure(self, error: BaseException) -> RunFailure:
        """The failure that ended the run."""
        phase = "init" if self._phase == "prepared" else self._phase
        fault = blame(phase, error)
        if phase in {"policy", "executor", "bookkeeping"}:
            self._line().update({"results": [], "error": True})
        message = fault.message.encode("utf-8", "backslashreplace").decode()
        return RunFailure(fault.kind, message, self._tick, phase, fault.line)

    def _begin(self, original: Callable[..., None], clock: Any, *args: Any, **named: Any) -> None:
        original(clock, *args, **named)
        self._tick = -1

    def _advance(self, original: Callable[..., None], clock: Any) -> None:
        self._phase = "workload"
        original(clock)
        self._tick = clock.now_ticks()

    def _prepare(self, original: Callable[..., None], scheduler: Any, *args: Any, **named: Any) -> None:
        """Load the policy when upstream looks for it: its errors come then, with the clock at -1."""
        decorators: Any = self._modules["eudoxia.scheduler.decorators"]
        decorators.INIT_ALGOS.clear()
        decorators.SCHEDULING_ALGOS.clear()
        module = sys.modules[_MODULE] = ModuleType(_MODULE)
        for name in scope(Registry()):
            found = next(place for place in self._modules.values() if hasattr(place, name))
            setattr(module, name, getattr(found, name))
        with quiet():
            code = compile(self._request.source, FILENAME, "exec", dont_inherit=True)
        exec(code, vars(module))  # noqa: S102 - running the policy is what this process is for
        original(scheduler, *args, **named)
        self._phase = "prepared"

    def _decide(
        self, original: Callable[..., Any], scheduler: Any, results: Any, pipelines: Sequence[Any]
    ) -> Any:
        self._phase = "policy"
        if pipelines:
            self._line()["arrivals"] = [str(pipeline.pipeline_id) for pipeline in pipelines]
        actions = original(scheduler, results, pipelines)
        self._phase = "executor"
        return actions

    def _execute(self, original: Callable[..., Any], executor: Any, stops: Any, starts: Any) -> Any:
        stopped, started = self._walked(stops), self._walked(starts)
        self._note(executor, stopped, started)
        self._started.clear()
        try:
            results = original(
                executor,
                stops if stopped is stops else iter(stopped),
                starts if started is starts else iter(started),
            )
        finally:
            self._name_containers(started)
        self._phase = "bookkeeping"
        if results:
            self._line()["results"] = [
                [int(each.container_id[1:]), each.pool_id, each.error or "ok"] for each in results
            ]
        return results

    def _walked(self, items: Any) -> Any:
        """If `items` can be walked only once, a list of what the first pool takes of them, for it uses them up."""
        if hasattr(items, "__len__") or not hasattr(items, "__iter__"):
            return items
        try:
            return [item for item in items if item.pool_id == 0]
        except BaseException:
            self._unreadable()
            raise

    def _unreadable(self) -> None:
        self._line().update({"suspensions": "unreadable", "assignments": "unreadable"})

    def _note(self, executor: Any, stops: Any, starts: Any) -> None:
        """Write down what the policy wants; what can't be read, upstream will stumble over."""
        try:
            stopping = [[self._container(each), _pool(executor, each)] for each in stops]
            starting = [_assignment(executor, each) for each in starts]
        except (AttributeError, TypeError, ValueError, ArithmeticError):
            self._unreadable()
            return
        if stopping or starting:
            self._line().update({"suspensions": stopping, "assignments": starting})

    def _name_containers(self, starts: Any) -> None:
        """Write the containers' numbers beside the assignments that they were made of, pool by pool in order."""
        if not self._started:
            return
        written = self._line()["assignments"]
        taken: set[int] = set()
        for pool, number in self._started:
            place = next(i for i, each in enumerate(starts) if i not in taken and each.pool_id == pool)
            taken.add(place)
            if written != "unreadable":
                written[place]["container"] = number

    def _start(self, original: Callable[..., None], container: Any, *args: Any, **named: Any) -> None:
        original(container, *args, **named)
        self._containers.add(container.container_id)
        self._started.append((container.pool_id, int(container.container_id[1:])))

    def _sum_up(self, original: Callable[..., Any], executor: Any) -> Any:
        """The first thing after the last tick; a policy may ask as well, but in other phases."""
        if self._phase in {"prepared", "bookkeeping"}:
            self._phase = "statistics"
        return original(executor)

    def _container(self, stop: Any) -> int | None:
        name = stop.container_id
        return int(name[1:]) if isinstance(name, str) and name in self._containers else None

    def _line(self) -> dict[str, Any]:
        if not self.lines or self.lines[-1]["tick"] != self._tick:
            empty: dict[str, Any] = {"arrivals": [], "suspensions": [], "assignments": [], "results": []}
            self.lines.append({"tick": self._tick, **empty})
        return self.lines[-1]


def _wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    original = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **named: Any) -> Any:
        return around(original, *args, **named)

    setattr(owner, name, wrapped)


def _pool(executor: Any, action: Any) -> Number | str | None:
    """The pool as given; what an answer can't hold is replaced by the pool that it equals, if any."""
    value = action.pool_id
    if value is None or isinstance(value, str) or type(value) is float:
        return value
    if type(value) is int and -_LONG <= value < _LONG:
        return value
    return next((number for number in range(executor.num_pools) if value == number), None)


def _assignment(executor: Any, assignment: Any) -> dict[str, Any]:
    places = [list(op.pipeline.values.node_lookup).index(op.id) for op in assignment.ops]
    line: dict[str, Any] = {
        "pool": _pool(executor, assignment),
        "cpu": _plain(assignment.cpu),
        "ram": _plain(assignment.ram),
        "pipeline": str(assignment.pipeline_id),
        "ops": places,
    }
    owners = [str(op.pipeline.pipeline_id) for op in assignment.ops]
    if any(owner != line["pipeline"] for owner in owners):
        line["op_pipelines"] = owners
    return {**line, "container": None}


def _plain(value: Any) -> Number:
    """A Python int or float of the same value."""
    if isinstance(value, int | np.integer | np.bool_) and -_LONG <= int(value) < _LONG:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _ours(theirs: Any) -> SimulatorStats:
    """Upstream's statistics as evo's, which have the same fields."""
    classes = {
        name: PipelineStats(*map(_plain, getattr(theirs, name)))  # type: ignore[arg-type]  # counts are ints
        for name in SimulatorStats._fields
        if name.startswith("pipelines_") and name != "pipelines_created"
    }
    counts = {str(error): int(count) for error, count in theirs.failure_error_counts.items()}
    rest = {
        name: _plain(getattr(theirs, name))
        for name in SimulatorStats._fields
        if name not in {*classes, "failure_error_counts", "finished"}
    }
    fields: dict[str, Any] = {**rest, **classes, "failure_error_counts": counts}
    return SimulatorStats(**fields)


if __name__ == "__main__":
    main()
