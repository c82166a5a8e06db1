"""Keeps the facade in step with the engine: every observation is written into the objects that the policy holds.

The lists that a policy may keep a hold of are changed in place, as upstream changes them. What it puts in their place,
or into anything else that it can reach, is never relied on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evo.simulator.messages import Arrival, Number, Observation, Order
from evo.simulator.scheduling.actions import ExecutionResult
from evo.simulator.scheduling.cluster import DISK_SCAN_GB_SEC, Container, Executor, ResourcePool, Scheduler
from evo.simulator.scheduling.nodes import Run
from evo.simulator.scheduling.pipelines import Pipeline
from evo.simulator.scheduling.returned import Reading
from evo.simulator.scheduling.watch import Shown, SimClock, Watch
from evo.simulator.states import STATES

_LISTS = frozenset({list, Shown})
"""Kinds of list that can be written whatever a policy did."""

_Running = tuple[Any, Number, ResourcePool, int]
"""Assignment, RAM, pool and tick of the reply of a container that runs."""


class SpoiltError(Exception):
    """What a policy returned can't be read any more; `cause` is what came of what the policy did."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(type(cause)))
        self.cause = cause


class Mirror:
    """The facade of one run: `scheduler` is the object `s`."""

    def __init__(self, watch: Watch, parameters: dict[str, Any], key: str) -> None:
        self._watch = watch
        self.clock = SimClock(watch, parameters["ticks_per_second"])
        self.executor = Executor(self.clock, parameters)
        self.scheduler = Scheduler(self.clock, self.executor, parameters, key)
        limit = int(parameters["max_job_seconds"] * parameters["ticks_per_second"])
        self.run = Run(self.clock, limit)
        self.pipelines: list[Pipeline] = []
        self._operators = 0
        self._pools = tuple(self.executor.pools)
        for pool in self._pools:
            pool.evo_find = self._active
        self._started = 0
        self._running: dict[int, _Running] = {}
        self._containers: dict[int, Container] = {}
        self._replied = -1
        self._assignments: Sequence[Any] = ()
        self._orders: Sequence[Order] = ()

    def answered(self, tick: int, assignments: Sequence[Any] = (), orders: Sequence[Order] = ()) -> None:
        """Remember the last reply: its tick, and its assignments with what the reply says of them."""
        self._replied = tick
        self._assignments = assignments
        self._orders = orders

    def reading(self) -> Reading:
        """A reading of what the policy returns now."""
        return Reading(len(self._pools), self.run.operators, self._started)

    def kept(self) -> list[Any]:
        """What a policy can find by way of the pools, and may have put something into."""
        return [*self._containers.values(), *(assignment for assignment, *_ in self._running.values())]

    def apply(self, observation: Observation) -> tuple[list[ExecutionResult], list[Pipeline]]:
        """Write an observation into the facade; gives the results and arrivals that it brings."""
        tick = observation.tick
        self._watch.begin(tick)
        operators = self.run.operators
        for number, state in observation.moves:
            operator = operators[number]
            operator.evo_status.evo_move(operator, STATES[state])
        if observation.started:
            self._start(observation.started)
        if observation.suspending or observation.suspended or observation.suspendable:
            self._suspend(observation)
        end = self._end
        results = [end(number, error, tick) for number, error in observation.results]
        for number, cpu, ram in observation.free:
            pool = self._pools[number]
            pool.avail_cpu_pool, pool.avail_ram_pool = cpu, ram
        for number in observation.finished:
            Pipeline.runtime_status(self.pipelines[number]).finish_tick = tick - 1
        return results, self._arrive(observation.arrivals) if observation.arrivals else []

    def _start(self, started: tuple[tuple[int, int], ...]) -> None:
        for number, place in started:
            order = self._orders[place]
            # An order of which a container was made names a pool by its number, if perhaps as 1.0.
            pool = self._pools[int(order.pool)]  # type: ignore[arg-type]
            self._started = number
            self._running[number] = self._assignments[place], order.ram, pool, self._replied
            if "active_containers" in vars(pool):
                _join(self._container(number), pool, "active_containers")

    def _container(self, number: int) -> Container:
        """A container that has not ended; made when somebody looks."""
        container = self._containers.get(number)
        if container is None:
            container = self._containers[number] = Container(number, *self._running[number])
        return container

    def _active(self, pool: ResourcePool) -> list[Container]:
        return [
            self._container(number) for number, (_, _, place, _) in self._running.items() if place is pool
        ]

    def _suspend(self, observation: Observation) -> None:
        """Note what may be suspended, and what is."""
        for number in observation.suspending:
            container = self._container(number)
            del self._running[number]
            container.evo_ran = self._replied - container.evo_start
            pool = container.evo_pool
            container.suspend_ticks = int((container.evo_ram / DISK_SCAN_GB_SEC) / (1.0 / pool.evo_rate))
            _leave(container, pool, "active_containers")
            _join(container, pool, "suspending_containers")
        for number in observation.suspended:
            container = self._containers[number]
            container.evo_suspended = True
            _leave(container, container.evo_pool, "suspending_containers")
            _join(container, container.evo_pool, "suspended_containers")
        for number, possible in observation.suspendable:
            self._container(number).evo_suspendable = possible

    def _end(self, number: int, error: str | None, tick: int) -> ExecutionResult:
        assignment, _, pool, start = self._running.pop(number)
        ran = tick - start
        container = self._containers.pop(number, None)
        if container is not None:
            container.evo_ended = True
            container.error = error
            container.evo_ran = ran
            _leave(container, pool, "active_containers")
        _join(ran, pool, "container_tick_times")
        if error is None:
            pool.evo_completed += 1
            pool.num_completed = pool.evo_completed
        try:
            ops, cpu, ram, priority = assignment.ops, assignment.cpu, assignment.ram, assignment.priority
        except BaseException as spoiling:
            raise SpoiltError(spoiling) from spoiling
        return ExecutionResult(ops, cpu, ram, priority, pool.evo_number, f"c{number}", error)

    def _arrive(self, arrivals: tuple[Arrival, ...]) -> list[Pipeline]:
        arrived = []
        first, tick, run = self._operators, self._watch.tick, self.run
        for number, arrival in enumerate(arrivals, len(self.pipelines)):
            arrived.append(Pipeline(number, arrival, tick, first, run))
            first += len(arrival.parents)
        self._operators = first
        self.pipelines += arrived
        return arrived


def _join(value: Any, pool: ResourcePool, name: str) -> None:
    """Append to a list of a pool's, if that is still one."""
    shown: Any = vars(pool).get(name)
    if type(shown) in _LISTS:
        shown.append(value)


def _leave(container: Container, pool: ResourcePool, name: str) -> None:
    """Take a container out of a list of a pool's, if it is in one."""
    shown: Any = vars(pool).get(name)
    if type(shown) not in _LISTS:
        return
    for place, other in enumerate(shown):
        if other is container:
            del shown[place]
            break
