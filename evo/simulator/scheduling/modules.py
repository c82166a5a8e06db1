"""The `eudoxia` package as a policy imports it: module objects made afresh for each host, in no `sys.modules`.

Each module has the names that a policy can import from upstream's, and no others, so that imports mean the same on
both sides. What a scheduler can't have (workloads, the simulator itself) can be imported, so that annotations work, but
not be used.
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


_SIMULATOR = "run_simulator get_param_defaults parse_args_with_defaults SimulatorStats PipelineStats"
_UTILS = "DISK_SCAN_GB_SEC SEC_TO_MICROSECONDS MICROSEC_TO_SEC EudoxiaException Priority DagShape"
_ACTIONS = "Assignment Suspend ExecutionResult"
_WORK = "Pipeline Operator Segment"
_STATUS = "PipelineRuntimeStatus OperatorState ASSIGNABLE_STATES"
_REGISTER = "register_scheduler_init register_scheduler"
_TABLES = "INIT_ALGOS SCHEDULING_ALGOS"

_OFFERED: Mapping[str, str] = {
    "eudoxia": _SIMULATOR,
    "eudoxia.clock": "SimClock",
    "eudoxia.estimator": "Estimate Estimator",
    "eudoxia.estimator.estimator": "Estimate Estimator",
    "eudoxia.executor": f"Executor {_ACTIONS}",
    "eudoxia.executor.assignment": f"{_ACTIONS} {_WORK} OperatorState Priority List",
    "eudoxia.executor.container": "Container Assignment Operator OperatorState Priority DISK_SCAN_GB_SEC "
    "List Optional Generator",
    "eudoxia.executor.executor": f"Executor ResourcePool {_ACTIONS} List",
    "eudoxia.executor.resource_pool": f"ResourcePool Container {_ACTIONS} List",
    "eudoxia.scheduler": f"Scheduler {_REGISTER}",
    "eudoxia.scheduler.decorators": f"{_TABLES} {_REGISTER}",
    "eudoxia.scheduler.scheduler": f"Scheduler SimClock Executor {_ACTIONS} Pipeline Operator Priority {_TABLES} "
    "List Tuple Dict",
    "eudoxia.scheduler.waiting_queue": "WaitingQueueJob RetryStats Pipeline Operator Priority List Optional",
    "eudoxia.simulator": f"{_SIMULATOR} MICROSEC_TO_SEC Priority Executor Scheduler Workload WorkloadGenerator "
    "Pipeline Assignment Estimator SimClock List Dict Union",
    "eudoxia.utils": f"{_UTILS} Node DAG DAGIterator",
    "eudoxia.utils.consts": "DISK_SCAN_GB_SEC SEC_TO_MICROSECONDS MICROSEC_TO_SEC",
    "eudoxia.utils.dag": "Node DAG DAGIterator List Optional",
    "eudoxia.utils.utils": "EudoxiaException Priority DagShape",
    "eudoxia.workload": f"{_WORK} {_STATUS} Workload WorkloadGenerator CSVWorkloadReader",
    "eudoxia.workload.csv_io": f"{_WORK} Priority Workload WorkloadReader CSVWorkloadReader CSVWorkloadWriter "
    "List Optional Iterator TextIO",
    "eudoxia.workload.pipeline": f"{_WORK} {_STATUS} ScalingFuncs Estimate EudoxiaException DISK_SCAN_GB_SEC "
    "Priority Node DAG List Optional",
    "eudoxia.workload.runtime_status": f"{_STATUS} VALID_TRANSITIONS Dict List Optional Union",
    "eudoxia.workload.workload": f"{_WORK} Priority DagShape Workload WorkloadGenerator WorkloadReader "
    "WorkloadTrace List Optional Iterator",
}
"""The names in each module, where upstream has them; parents come before what is in them.

Left out is what a scheduler has no use for, and what isn't Eudoxia's own but for annotations.
"""

_STARRED = frozenset({"eudoxia", "eudoxia.simulator"})
"""Modules of which a star gives no more than how to run a simulation."""

_GIVEN = f"{_REGISTER} {_ACTIONS} Pipeline Operator OperatorState ASSIGNABLE_STATES Priority List Tuple Dict Optional"
_TYPING = "List Tuple Dict Optional Union Iterator Generator TextIO"
_ABSENT = (
    f"{_SIMULATOR} Estimator DAGIterator Segment ScalingFuncs Workload WorkloadGenerator WorkloadReader "
    "WorkloadTrace CSVWorkloadReader CSVWorkloadWriter"
)
_KINDS = (
    *(Assignment, Container, DAG, DagShape, Estimate, EudoxiaException, ExecutionResult, Executor, Node),
    *(
        Operator,
        OperatorState,
        Pipeline,
        PipelineRuntimeStatus,
        Priority,
        ResourcePool,
        RetryStats,
        Scheduler,
    ),
    *(SimClock, Suspend, WaitingQueueJob),
)


def _absent(name: str) -> type:
    """A class that can be imported and named, but not made: a scheduler has no such things."""

    def refuse(self: object, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise RuntimeError(f"{type(self).__name__} is not available to a scheduler")

    return type(name, (), {"__doc__": "Not available to a scheduler.", "__init__": refuse})


def _meanings(registry: Registry) -> dict[str, Any]:
    """What each name stands for, in whatever module it is, but for `_ABSENT`."""
    return {
        **{kind.__name__: kind for kind in _KINDS},
        **{name: getattr(typing, name) for name in _TYPING.split()},
        "ASSIGNABLE_STATES": ASSIGNABLE_STATES,
        "DISK_SCAN_GB_SEC": DISK_SCAN_GB_SEC,
        "INIT_ALGOS": registry.inits,
        "MICROSEC_TO_SEC": 1 / 1_000_000,
        "SCHEDULING_ALGOS": registry.schedulers,
        "SEC_TO_MICROSECONDS": 1_000_000,
        "VALID_TRANSITIONS": ShownDict((state, Shown(then)) for state, then in VALID_TRANSITIONS.items()),
        "register_scheduler": registry.register_scheduler,
        "register_scheduler_init": registry.register_scheduler_init,
    }


def package(registry: Registry) -> dict[str, ModuleType]:
    """The modules by full name, each an attribute of its parent."""
    meanings = _meanings(registry) | {name: _absent(name) for name in _ABSENT.split()}
    modules: dict[str, ModuleType] = {}
    for name, offered in _OFFERED.items():
        module = modules[name] = ModuleType(name)
        vars(module).update({word: meanings[word] for word in offered.split()})
        if name in _STARRED:
            vars(module)["__all__"] = _SIMULATOR.split()
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
    meanings = _meanings(registry)
    return {name: meanings[name] for name in _GIVEN.split()}
