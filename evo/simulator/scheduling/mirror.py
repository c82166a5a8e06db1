"""Keeps the facade in step with the engine: every observation is written into the objects that the policy holds.

The lists that a policy may keep a hold of are changed in place, as upstream changes them.
"""

from __future__ import annotations

from typing import Any

from evo.simulator.messages import Arrival, Observation, Order
from evo.simulator.scheduling.actions import ExecutionResult
from evo.simulator.scheduling.cluster import DISK_SCAN_GB_SEC, Container, Executor, Scheduler
from evo.simulator.scheduling.nodes import Run
from evo.simulator.scheduling.pipelines import Pipeline
from evo.simulator.scheduling.returned import Reading
from evo.simulator.scheduling.watch import SimClock, Watch
from evo.simulator.states import STATES


class Mirror:
    """The facade of one run: `scheduler` is the object `s`; operators and containers by the numbers of messages."""

    def __init__(self, watch: Watch, parameters: dict[str, Any], key: str) -> None:
        self.clock = SimClock(watch, parameters["ticks_per_second"])
        self.executor = Executor(self.clock, parameters)
        self.scheduler = Scheduler(self.clock, self.executor, parameters, key)
        limit = int(parameters["max_job_seconds"] * parameters["ticks_per_second"])
        self.run = Run(self.clock, limit)
        self.pipelines: list[Pipeline] = []
        self._operators = 0
        self.containers: dict[int, Container] = {}
        self._numbers: dict[str, int] = {}
        self._replied = -1
        self._ordered: tuple[tuple[Any, Order], ...] = ()

    def answered(self, tick: int, ordered: tuple[tuple[Any, Order], ...]) -> None:
        """Remember the last reply: its tick, and its assignments, each with what the reply says of it."""
        self._replied = tick
        self._ordered = ordered

    def reading(self) -> Reading:
        """A reading of what the policy returns now."""
        return Reading(self.executor.num_pools, self.run.operators, self._numbers)

    def shown_containers(self) -> list[Container]:
        """The containers that a policy can find."""
        return [
            container
            for pool in self.executor.pools
            for shown in (pool.active_containers, pool.suspending_containers, pool.suspended_containers)
            for container in shown
        ]

    def apply(self, observation: Observation) -> tuple[list[ExecutionResult], list[Pipeline]]:
        """Write an observation into the facade; gives the results and arrivals that it brings."""
        self.clock.evo_watch.begin(observation.tick)
        for number, state in observation.moves:
            operator = self.run.operators[number]
            operator.evo_status.evo_move(operator, STATES[state])
        for number, place in observation.started:
            self._start(number, *self._ordered[place])
        for number in observation.suspending:
            self._suspend(self.containers[number])
        for number in observation.suspended:
            self._free(self.containers[number])
        for number, possible in observation.suspendable:
            self.containers[number].evo_suspendable = possible
        results = [self._end(number, error, observation.tick) for number, error in observation.results]
        for number, cpu, ram in observation.free:
            pool = self.executor.pools[number]
            pool.avail_cpu_pool, pool.avail_ram_pool = cpu, ram
        for number in observation.finished:
            self.pipelines[number].runtime_status().finish_tick = observation.tick - 1
        return results, [self._arrive(arrival) for arrival in observation.arrivals]

    def _start(self, number: int, assignment: Any, order: Order) -> None:
        pool = next(pool for pool in self.executor.pools if pool.pool_id == order.pool)
        container = Container(number, assignment, pool, self._replied)
        container.evo_ram = order.ram
        self.containers[number] = container
        self._numbers[container.container_id] = number
        pool.active_containers.append(container)

    def _suspend(self, container: Container) -> None:
        container.evo_ran = self._replied - container.evo_start
        container.suspend_ticks = int((container.evo_ram / DISK_SCAN_GB_SEC) / container.tick_length_secs)
        _move(container, container.pool.active_containers, container.pool.suspending_containers)

    def _free(self, container: Container) -> None:
        container.evo_suspended = True
        _move(container, container.pool.suspending_containers, container.pool.suspended_containers)

    def _end(self, number: int, error: str | None, tick: int) -> ExecutionResult:
        container = self.containers[number]
        pool, assignment = container.pool, container.assignment
        container.evo_ended = True
        container.error = error
        container.evo_ran = tick - container.evo_start
        _move(container, pool.active_containers, None)
        pool.container_tick_times.append(container.evo_ran)
        pool.num_completed += error is None
        return ExecutionResult(
            assignment.ops,
            assignment.cpu,
            assignment.ram,
            assignment.priority,
            pool.pool_id,
            container.container_id,
            error,
        )

    def _arrive(self, arrival: Arrival) -> Pipeline:
        pipeline = Pipeline(len(self.pipelines), self._operators, arrival, self.run)
        self.pipelines.append(pipeline)
        self._operators += len(arrival.parents)
        return pipeline


def _move(container: Container, source: list[Container], target: list[Container] | None) -> None:
    """Between lists that the policy can reach, and might have changed."""
    if container in source:
        source.remove(container)
    if target is not None:
        target.append(container)
