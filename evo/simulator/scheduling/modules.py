"""The `eudoxia` package as a policy imports it: module objects made afresh for each host, in no `sys.modules`.

Every name of upstream that policies use is there. What a scheduler has no use for (workloads, the simulator
itself) can be imported, so that imports and annotations work, but not be used.
"""

from __future__ import annotations

import builtins
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, NoReturn

from evo.simulator.scheduling.actions import Assignment, ExecutionResult, Suspend
from evo.simulator.scheduling.cluster import (
    DISK_SCAN_GB_SEC,
    Container,
    Executor,
    ResourcePool,
    Scheduler,
)
from evo.simulator.scheduling.nodes import DAG, Estimate, Node, Operator
from evo.simulator.scheduling.pipelines import Pipeline
from evo.simulator.scheduling.status import PipelineRuntimeStatus
from evo.simulator.scheduling.watch import Facade, Shown, ShownDict, SimClock
from evo.simulator.states import ASSIGNABLE_STATES, VALID_TRANSITIONS, DagShape, OperatorState, Priority

Registered = Callable[..., Any]


class EudoxiaException(Exception):  # noqa: N818 - upstream's name
    """Upstream's own error."""


@dataclass
class RetryStats:
    """What is known of a container that failed or was suspended (eudoxia/scheduler/waiting_queue.py)."""

    old_ram: Any
    old_cpu: Any
    error: Any
    container_id: Any
    pool_id: Any


class WaitingQueueJob(Facade):
    """Work that waits in a queue (eudoxia/scheduler/waiting_queue.py)."""

    def __init__(self, priority: Any, p: Any = None, ops: Any = None, retry_stats: Any = None) -> None:
        self.priority = priority
        self.pipeline = p
        self.ops = ops
        self.retry_stats = retry_stats


@dataclass
class Registry:
    """The functions that a policy registered, by key."""

    inits: dict[str, Registered] = field(default_factory=dict)
    schedulers: dict[str, Registered] = field(default_factory=dict)

    def register_scheduler_init(self, key: str) -> Callable[[Registered], Registered]:
        """Decorator for the function that prepares `s`; raises KeyError for a key used before."""
        return _registrar(self.inits, key)

    def register_scheduler(self, key: str) -> Callable[[Registered], Registered]:
        """Decorator for the function called in every tick; raises KeyError for a key used before."""
        return _registrar(self.schedulers, key)


def _registrar(table: dict[str, Registered], key: str) -> Callable[[Registered], Registered]:
    def register(function: Registered) -> Registered:
        if key in table:
            raise KeyError(f"Algorithm key '{key}' is already registered.")
        table[key] = function
        return function

    return register


_UTILS: Mapping[str, Any] = {
    "Priority": Priority,
    "EudoxiaException": EudoxiaException,
    "DISK_SCAN_GB_SEC": DISK_SCAN_GB_SEC,
    "SEC_TO_MICROSECONDS": 1_000_000,
    "MICROSEC_TO_SEC": 1 / 1_000_000,
    "DagShape": DagShape,
    "Node": Node,
    "DAG": DAG,
}
_STATUS: Mapping[str, Any] = {
    "PipelineRuntimeStatus": PipelineRuntimeStatus,
    "OperatorState": OperatorState,
    "ASSIGNABLE_STATES": ASSIGNABLE_STATES,
}
_ACTIONS: Mapping[str, Any] = {
    "Assignment": Assignment,
    "Suspend": Suspend,
    "ExecutionResult": ExecutionResult,
}
_PIPELINE: Mapping[str, Any] = {
    "Pipeline": Pipeline,
    "Operator": Operator,
    "OperatorState": OperatorState,
    "ASSIGNABLE_STATES": ASSIGNABLE_STATES,
    "Priority": Priority,
}
_QUEUE: Mapping[str, Any] = {"WaitingQueueJob": WaitingQueueJob, "RetryStats": RetryStats}


_TYPING = ("List", "Tuple", "Dict", "Optional")
_SIMULATOR = (
    "run_simulator",
    "get_param_defaults",
    "parse_args_with_defaults",
    "SimulatorStats",
    "PipelineStats",
)
_MAKERS = ("Workload", "WorkloadGenerator", "WorkloadReader", "WorkloadTrace")
_CSV = ("CSVWorkloadReader", "CSVWorkloadWriter")


def _absent(*names: str) -> dict[str, type]:
    """Classes that can be imported and named, but not made: a scheduler has no such things."""

    def refuse(self: object, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise RuntimeError(f"{type(self).__name__} is not available to a scheduler")

    return {
        name: type(name, (), {"__doc__": "Not available to a scheduler.", "__init__": refuse})
        for name in names
    }


def _contents(registry: Registry) -> dict[str, Mapping[str, Any]]:
    """The names in each module; parents come before what is in them."""
    decorators = {
        "register_scheduler_init": registry.register_scheduler_init,
        "register_scheduler": registry.register_scheduler,
    }
    simulator = _absent(*_SIMULATOR)
    estimator = {"Estimate": Estimate, **_absent("Estimator")}
    transitions = ShownDict((state, Shown(following)) for state, following in VALID_TRANSITIONS.items())
    status = {**_STATUS, "VALID_TRANSITIONS": transitions}
    pipeline = {**_PIPELINE, **status, **_absent("Segment", "ScalingFuncs")}
    executor = {"Executor": Executor, "ResourcePool": ResourcePool, "Container": Container, **_ACTIONS}
    workload = {**pipeline, **_absent(*_MAKERS, *_CSV)}
    tables = {"INIT_ALGOS": registry.inits, "SCHEDULING_ALGOS": registry.schedulers}
    return {
        "eudoxia": simulator,
        "eudoxia.clock": {"SimClock": SimClock},
        "eudoxia.estimator": estimator,
        "eudoxia.estimator.estimator": estimator,
        "eudoxia.executor": executor,
        "eudoxia.executor.assignment": {**pipeline, **_ACTIONS},
        "eudoxia.executor.container": executor,
        "eudoxia.executor.executor": executor,
        "eudoxia.executor.resource_pool": executor,
        "eudoxia.scheduler": {"Scheduler": Scheduler, **decorators},
        "eudoxia.scheduler.decorators": {**tables, **decorators},
        "eudoxia.scheduler.scheduler": {"Scheduler": Scheduler},
        "eudoxia.scheduler.waiting_queue": {**_PIPELINE, **_QUEUE},
        "eudoxia.simulator": {**simulator, **workload, **_ACTIONS},
        "eudoxia.utils": _UTILS,
        "eudoxia.utils.consts": _UTILS,
        "eudoxia.utils.dag": _UTILS,
        "eudoxia.utils.utils": _UTILS,
        "eudoxia.workload": workload,
        "eudoxia.workload.csv_io": workload,
        "eudoxia.workload.pipeline": workload,
        "eudoxia.workload.runtime_status": workload,
        "eudoxia.workload.workload": workload,
    }


def package(registry: Registry) -> dict[str, ModuleType]:
    """The modules by full name, each an attribute of its parent."""
    modules: dict[str, ModuleType] = {}
    for name, contents in _contents(registry).items():
        module = modules[name] = ModuleType(name)
        vars(module).update(contents)
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(modules[parent], last, module)
    return modules


def importer(
    modules: Mapping[str, ModuleType], shadows: Mapping[str, Mapping[str, Any]]
) -> Callable[..., ModuleType]:
    """An `__import__` that finds `modules`, and everything else as usual; raises ImportError as the real one does.

    Of the modules named in `shadows` it gives a copy, in which those names are replaced.
    """
    copies: dict[str, ModuleType] = {}

    def shadowed(module: ModuleType) -> ModuleType:
        name = module.__name__
        if name not in shadows:
            return module
        if name not in copies:
            copies[name] = ModuleType(name)
            vars(copies[name]).update({**vars(module), **shadows[name]})
        return copies[name]

    def find(
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - the builtin's own parameter names
        locals: Mapping[str, object] | None = None,  # noqa: A002 - as above
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        if level or top not in modules:
            return shadowed(builtins.__import__(name, globals, locals, fromlist or (), level))
        if name not in modules:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return modules[name if fromlist else top]

    return find


def scope(registry: Registry) -> dict[str, Any]:
    """The names that are there without an import, as the paper's loop gives them."""
    names = {**_ACTIONS, **_PIPELINE, **{name: getattr(typing, name) for name in _TYPING}}
    names["register_scheduler_init"] = registry.register_scheduler_init
    names["register_scheduler"] = registry.register_scheduler
    return names
