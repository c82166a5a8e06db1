"""The cluster as a policy sees it: executor, pools, containers, and the scheduler object `s`.

Behaves as `eudoxia/executor/executor.py`, `resource_pool.py`, `container.py` and `scheduler/scheduler.py` do, seen
from outside. Nothing here runs anything: the mirror writes what the engine tells. Whatever moves with time by
itself says so when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from evo.simulator.messages import Number
from evo.simulator.scheduling.watch import Facade, Shown, SimClock, Watch, lazy
from evo.simulator.sums import compensated_sum

DISK_SCAN_GB_SEC = 20
"""GB a second that a disk reads or writes (eudoxia/utils/consts.py)."""


class Container(Facade):
    """A running, suspending, suspended or ended container; `container_id` is "c1", "c2", … in order of creation."""

    def __init__(self, number: int, assignment: Any, ram: Number, pool: ResourcePool, start: int) -> None:
        self.evo_number = number
        self.evo_start = start
        self.evo_ram = ram
        self.evo_ran: int | None = None
        self.evo_ended = False
        self.evo_suspended = False
        self.evo_suspendable = False
        self.container_id = f"c{number}"
        self.assignment = assignment
        self.evo_pool = pool
        self.pool = pool
        self.error: str | None = None
        self.suspend_ticks: int | None = None
        self.ticks_per_second = pool.evo_rate
        self.tick_length_secs = 1.0 / pool.evo_rate

    def __hash__(self) -> int:
        return self.evo_number

    @property
    def operators(self) -> Any:
        """The assignment's own list of operators."""
        return self.assignment.ops

    @property
    def pool_id(self) -> int:
        """The number of its pool."""
        return self.pool.pool_id

    @property
    def priority(self) -> Any:
        """The assignment's priority."""
        return self.assignment.priority

    def can_suspend_container(self) -> bool:
        """True only in the call right after one of its operators, but not the last, ended."""
        return self.evo_suspendable

    def get_current_memory_usage(self) -> Number:
        """Memory in use in GB."""
        return 0.0 if self.evo_ended else self.pool.evo_watch.held(self.evo_number)

    def ticks_elapsed(self) -> int:
        """How many ticks it has run."""
        if self.evo_ran is not None:
            return self.evo_ran
        watch = self.pool.evo_watch
        watch.touch()
        return watch.tick - self.evo_start

    def is_completed(self) -> bool:
        """Whether it has ended, with or without an error."""
        return self.evo_ended

    def is_suspended(self) -> bool:
        """Whether its suspension is over."""
        return self.evo_suspended

    def get_pipeline_id(self) -> Any:
        """The one id of its operators' pipelines, or "multiple_pipelines"."""
        ids = {op.pipeline.pipeline_id for op in self.operators if op.pipeline and op.pipeline.pipeline_id}
        if len(ids) > 1:
            return "multiple_pipelines"
        return ids.pop() if ids else "no_pipeline"

    def to_dict(self) -> dict[str, Any]:
        """The container as plain data."""
        return {
            "container_id": self.container_id,
            "pipeline_id": self.get_pipeline_id(),
            "operator_ids": [str(op.id) for op in self.operators],
            "cpu": self.assignment.cpu,
            "ram_gb": self.assignment.ram,
            "current_memory_gb": self.get_current_memory_usage(),
            "priority": self.priority.name,
        }

    def __repr__(self) -> str:
        return (
            f"container={self.container_id} pipeline={self.get_pipeline_id()} ops={len(self.operators)} "
            f"cpus={self.assignment.cpu} ram_gb={self.assignment.ram}"
        )


class ResourcePool(Facade):
    """A machine: what it has, what is free, and the containers on it."""

    def __init__(self, clock: SimClock, pool_id: int, parameters: Mapping[str, Any]) -> None:
        self.evo_watch: Watch = clock.evo_watch
        self.evo_number = pool_id
        self.evo_rate: Number = parameters["ticks_per_second"]
        self.evo_completed = 0
        self.clock = clock
        self.pool_id = pool_id
        self.ticks_per_second = self.evo_rate
        self.tick_length_secs = 1.0 / self.evo_rate
        self.multi_operator_containers: bool = parameters["multi_operator_containers"]
        self.allow_memory_overcommit: bool = parameters["allow_memory_overcommit"]
        self.max_cpu_pool: Number = parameters["cpus_per_pool"]
        self.max_ram_pool: Number = parameters["ram_gb_per_pool"]
        self.avail_cpu_pool = self.max_cpu_pool
        self.avail_ram_pool = self.max_ram_pool
        self.evo_find: Callable[[ResourcePool], Iterable[Container]] = _none
        self.suspending_containers: list[Container] = Shown()
        self.suspended_containers: list[Container] = Shown()
        self.num_completed = 0
        self.container_tick_times: list[int] = Shown()
        self.cost = 0

    @lazy
    def active_containers(self) -> list[Container]:
        """The containers that run, in order of creation."""
        return Shown(self.evo_find(self))

    def __hash__(self) -> int:
        return self.evo_number

    def __repr__(self) -> str:
        return f"<ResourcePool {self.pool_id}>"

    @property
    def consumed_ram_gb(self) -> Number:
        """Memory that the containers really use, in GB, to upstream's last bit."""
        return self.evo_watch.consumed(self.pool_id)

    @property
    def i(self) -> int:
        """How many ticks the pool has run."""
        self.evo_watch.touch()
        return max(self.evo_watch.tick, 0)

    def get_allocated_ram_gb(self) -> Number:
        """RAM given to containers in GB."""
        allocated: Number = self.max_ram_pool - self.avail_ram_pool
        return allocated

    def get_consumed_ram_gb(self) -> Number:
        """Memory that the containers really use, in GB."""
        return self.consumed_ram_gb

    def get_container_by_id(self, container_id: Any) -> Container | None:
        """The active container with this id, if there is one."""
        for container in self.active_containers:
            if container.container_id == container_id:
                return container
        return None

    def to_dict(self) -> dict[str, Any]:
        """The pool as plain data."""
        return {
            "pool_id": self.pool_id,
            "max_cpu": self.max_cpu_pool,
            "max_ram_gb": self.max_ram_pool,
            "avail_cpu": self.avail_cpu_pool,
            "avail_ram_gb": self.avail_ram_pool,
            "consumed_ram_gb": self.consumed_ram_gb,
            "active_containers": [c.to_dict() for c in self.active_containers],
            "suspending_containers": [c.to_dict() for c in self.suspending_containers],
            "suspended_containers": [c.to_dict() for c in self.suspended_containers],
        }


class Executor(Facade):
    """All pools."""

    def __init__(self, clock: SimClock, parameters: Mapping[str, Any]) -> None:
        self.clock = clock
        self.num_pools: int = parameters["num_pools"]
        self.cpus_per_pool: Number = parameters["cpus_per_pool"]
        self.ram_gb_per_pool: Number = parameters["ram_gb_per_pool"]
        self.ticks_per_second: Number = parameters["ticks_per_second"]
        self.tick_length_secs = 1.0 / self.ticks_per_second
        self.pools: list[ResourcePool] = Shown(
            ResourcePool(clock, number, parameters) for number in range(self.num_pools)
        )

    def get_pool_id_with_max_avail_ram(self) -> int:
        """The first of the pools with most free RAM; -1 if none has more than -1."""
        best, most = -1, -1
        for number in range(self.num_pools):
            if most < self.pools[number].avail_ram_pool:
                best, most = number, self.pools[number].avail_ram_pool
        return best

    def num_completed(self) -> int:
        """Containers that ended without an error."""
        return sum(pool.num_completed for pool in self.pools)

    def container_tick_times(self) -> list[int]:
        """Ticks that each ended container ran, pool by pool."""
        return [ticks for pool in self.pools for ticks in pool.container_tick_times]

    def get_total_ram_gb(self) -> Number:
        """RAM of all pools in GB."""
        return self.num_pools * self.ram_gb_per_pool

    def get_allocated_ram_gb(self) -> Number:
        """RAM given to containers in GB."""
        return compensated_sum([pool.get_allocated_ram_gb() for pool in self.pools])

    def get_consumed_ram_gb(self) -> Number:
        """Memory that the containers really use, in GB."""
        return compensated_sum([pool.consumed_ram_gb for pool in self.pools])


class Scheduler(Facade):
    """The object `s` that both functions of a policy are given; policies keep their own attributes on it."""

    def __init__(self, clock: SimClock, executor: Executor, parameters: dict[str, Any], key: str) -> None:
        self.clock = clock
        self.executor = executor
        self.params = parameters
        self.algo_name = key
        self.algo_func: Callable[..., Any] = _unregistered


def _none(_: ResourcePool) -> tuple[()]:
    return ()


def _unregistered(*_: Any) -> NoReturn:
    raise RuntimeError("no scheduler function is registered yet")
