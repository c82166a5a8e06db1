"""Keeps the facade in step with the engine: every observation is written into the objects that the policy holds.

The lists that a policy may keep a hold of are changed in place, as upstream changes them.
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
from evo.simulator.scheduling.watch import SimClock, Watch
from evo.simulator.states import STATES

_Running = tuple[Any, Number, ResourcePool, int]
"""Assignment, RAM, pool and tick of the reply of a container that runs."""


class Mirror:
    """The facade of one run: `scheduler` is the object `s`."""

    def __init__(self, watch: Watch, parameters: dict[str, Any], key: str) -> None:
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
        self._ordered: Sequence[tuple[Any, Order]] = ()

    def answered(self, tick: int, ordered: Sequence[tuple[Any, Order]]) -> None:
        """Remember the last reply: its tick, and its assignments, each with what the reply says of it."""
        self._replied = tick
        self._ordered = ordered

    def reading(self) -> Reading:
        """A reading of what the policy returns now."""
        return Reading(len(self._pools), self.run.operators, self._started)

    def kept(self) -> list[Any]:
        """What a policy can find by way of the pools, and may have put something into."""
        return [*self._containers.values(), *(assignment for assignment, *_ in self._running.values())]

    def apply(self, observation: Observation) -> tuple[list[ExecutionResult], list[Pipeline]]:
        """Write an observation into the facade; gives the results and arrivals that it brings."""
        tick = observation.tick
        self.clock.evo_watch.begin(tick)
        operators = self.run.operators
        for number, state in observation.moves:
            operator = operators[number]
            operator.evo_status.evo_move(operator, STATES[state])
        if observation.started:
            self._start(observation.started)
        if observation.suspending or observation.suspended or observation.suspendable:
            self._suspend(observation)
        results = []
        for number, error in observation.results:
            results.append(self._end(number, error, tick))
        for number, cpu, ram in observation.free:
            pool = self._pools[number]
            pool.avail_cpu_pool, pool.avail_ram_pool = cpu, ram
        for number in observation.finished:
            self.pipelines[number].runtime_status().finish_tick = tick - 1
        return results, self._arrive(observation.arrivals) if observation.arrivals else []

    def _start(self, started: tuple[tuple[int, int], ...]) -> None:
        for number, place in started:
            assignment, order = self._ordered[place]
            # An order of which a container was made names a pool by its number, if perhaps as 1.0.
            pool = self._pools[int(order.pool)]  # type: ignore[arg-type]
            self._started = number
            self._running[number] = assignment, order.ram, pool, self._replied
            if "active_containers" in vars(pool):
                pool.active_containers.append(self._container(number))

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
            container.suspend_ticks = int((container.evo_ram / DISK_SCAN_GB_SEC) / container.tick_length_secs)
            _leave(container, container.pool.active_containers)
            container.pool.suspending_containers.append(container)
        for number in observation.suspended:
            container = self._containers[number]
            container.evo_suspended = True
            _leave(container, container.pool.suspending_containers)
            container.pool.suspended_containers.append(container)
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
            _leave(container, pool.active_containers)
        pool.container_tick_times.append(ran)
        if error is None:
            pool.num_completed += 1
        return ExecutionResult(
            assignment.ops,
            assignment.cpu,
            assignment.ram,
            assignment.priority,
            pool.pool_id,
            f"c{number}",
            error,
        )

    def _arrive(self, arrivals: tuple[Arrival, ...]) -> list[Pipeline]:
        arrived = []
        for arrival in arrivals:
            pipeline = Pipeline(len(self.pipelines), self._operators, arrival, self.run)
            self._operators += len(arrival.parents)
            self.pipelines.append(pipeline)
            arrived.append(pipeline)
        return arrived


def _leave(container: Container, shown: list[Container]) -> None:
    """Take a container out of a list that the policy can reach, and might have changed."""
    if container in shown:
        shown.remove(container)
