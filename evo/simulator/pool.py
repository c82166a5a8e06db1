"""A resource pool: what is free, what runs, and who must go.

A pool is ticked only where something happens to it: an order, a suspension, an operator's end, a kill. Rules from
`eudoxia/executor/resource_pool.py`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from evo.simulator.agenda import Agenda
from evo.simulator.audit import SUSPENDED
from evo.simulator.container import Container, Durations
from evo.simulator.messages import Number, Order
from evo.simulator.parameters import Parameters
from evo.simulator.pressure import Pressure
from evo.simulator.progress import Operator, Progress, Violation
from evo.simulator.scaling import DISK_SCAN_GB_SEC


class Pool:
    """One pool of a cluster.

    What a tick brings is put into `due` (containers from the agenda), `suspensions` (container numbers) and `orders`
    (each with its place in the reply). The pool puts into the agenda when it must be ticked again.
    """

    def __init__(
        self, number: int, parameters: Parameters, progress: Progress, agenda: Agenda, durations: Durations
    ) -> None:
        self.number = number
        self.parameters = parameters
        self.durations = durations
        self.progress = progress
        self.agenda = agenda
        self.changes = progress.changes
        self.free_cpu: Number = parameters.cpus_per_pool
        self.free_ram: Number = parameters.ram_gb_per_pool
        self.active: dict[int, Container] = {}
        self.memory = Pressure(self.active, parameters.ram_gb_per_pool, self.durations.tick_length)
        self.suspending: list[tuple[int, Container]] = []
        self.suspended: list[Container] = []
        self.completed = 0
        self.ticks_of_ended: list[int] = []
        self.ran: dict[int, list[Any]] | None = None
        """Every container by number, with the fields of `audit.Ran`, where somebody asked for that."""
        self.due: list[Container] = []
        self.suspensions: list[int | None] = []
        self.orders: list[tuple[int, Order]] = []
        self.allocated: list[Number] = []
        self._sample_ticks = parameters.sample_ticks
        self._next_sample = 0
        self._ended: list[Container] = []
        self._limited = parameters.max_job_ticks > 0

    def tick(self, tick: int, first: int) -> None:
        """Walk one tick in upstream's order; new containers are numbered from `first`. Raises Violation."""
        if tick > self._next_sample:
            self.sample(tick - 1)
        busy = self.due
        if self.suspensions:
            self._suspend(tick)
            busy = [container for container in busy if container.number in self.active]
        if self.orders:
            busy = busy + self._start(tick, first)
        if self.suspending:
            self._end_suspensions(tick)
        dying = self._work(busy, tick)
        memory = self.memory
        if memory.tight:
            for container in memory.victims(tick, dying):
                self._kill(container, "OOM")
        if self._limited:
            self._kill_for_time(tick)
        if self._ended:
            self._collect(tick)
        if memory.tight:
            self._watch(tick)
        self.due.clear()

    def sample(self, until: int) -> None:
        """Take the samples of allocated and consumed memory, in GB, that are due up to and including `until`."""
        if until < self._next_sample:
            return
        due = self._sample_ticks
        end = bisect_right(due, until)
        ticks = due[len(self.allocated) : end]
        self.allocated += [self.memory.capacity - self.free_ram] * len(ticks)
        self.memory.ledger.sample(ticks)
        self._next_sample = due[end] if end < len(due) else self.parameters.max_ticks

    def consumed_at(self, tick: int) -> Number:
        """What the pool consumes after `tick`, in GB, if nothing else happens to it until then."""
        self.sample(tick)
        return self.memory.ledger.at(tick)

    def amounts(self) -> tuple[int, Number, Number]:
        """(pool, free CPUs, free RAM in GB)."""
        return self.number, self.free_cpu, self.free_ram

    def stirs(self, tick: int) -> bool:
        """Whether a suspension ends in a tick."""
        return any(end == tick for end, _ in self.suspending)

    def _suspend(self, tick: int) -> None:
        for number in self.suspensions:
            container = self.active.get(number) if number is not None else None
            if container is None:
                raise Violation(
                    "AttributeError", "'NoneType' object has no attribute 'can_suspend_container'"
                )
            if not container.suspendable:
                raise Violation("AssertionError", "Container cannot be suspended right now")
        for number in self.suspensions:
            container = self.active.get(number) if number is not None else None
            if container is None:
                raise Violation("AttributeError", "'NoneType' object has no attribute 'suspend_container'")
            self.memory.suspend(container, tick)
            del self.active[container.number]
            container.suspend(self.progress)
            self._note(container.number, tick, SUSPENDED)
            # A suspension of no ticks counts down from 0 and never ends.
            end = tick + int(container.ram / DISK_SCAN_GB_SEC / self.durations.tick_length) - 1
            self.suspending.append((end, container))
            if end > tick:
                self.agenda.put(end, self.number, 0)
            self.changes.suspending.append(container.number)
        self.suspensions.clear()

    def _start(self, tick: int, number: int) -> list[Container]:
        cpu: Number = 0
        ram: Number = 0
        for _, order in self.orders:
            cpu += order.cpu
            ram += order.ram
        if not cpu <= self.free_cpu:
            raise Violation("AssertionError", "Overallocated CPU in assignment")
        if not self.parameters.allow_memory_overcommit and not ram <= self.free_ram:
            raise Violation("AssertionError", "Overallocated RAM in assignment")
        started = []
        for place, order in self.orders:
            cpu, ram = order.cpu, order.ram
            self.active[number] = container = Container(number, self._operators(order), cpu, ram, tick)
            self.free_cpu -= cpu
            self.free_ram -= ram
            self.memory.start(container)
            if self.ran is not None:
                self.ran[number] = [self.number, tick, None, cpu, ram, order.ops, None]
            started.append(container)
            self.changes.started.append((number, place))
            number += 1
        self.orders.clear()
        self.changes.freed.add(self.number)
        return started

    def _operators(self, order: Order) -> list[Operator]:
        if not self.parameters.multi_operator_containers and len(order.ops) != 1:
            message = "Assignment must have exactly 1 operator when multi_operator_containers is False"
            raise Violation("AssertionError", message)
        if not order.ops:
            raise Violation("AssertionError", "Assignment must have at least 1 operator")
        return [self.progress.operator(number) for number in order.ops]

    def _end_suspensions(self, tick: int) -> None:
        ended = [c for end, c in self.suspending if end == tick]
        for container in ended:
            container.release(self.progress)
            self.free_cpu += container.cpu
            self.free_ram += container.ram
            self.suspended.append(container)
            self.changes.suspended.append(container.number)
        if ended:
            self.changes.freed.add(self.number)
            self.suspending = [(end, c) for end, c in self.suspending if end != tick]

    def _work(self, busy: Sequence[Container], tick: int) -> list[Container]:
        """The containers' part of a tick; gives those that are out of their own memory, and die of it."""
        dying = []
        for container in busy:
            if container.resting:
                former = container.stretch
                container.begin(tick, self.progress, self.durations)
                self.memory.begin(former, container)
                if container.due != tick:
                    self.agenda.put(container.due, self.number, container.number)
                    if container.suspendable:
                        self._show(container, suspendable=False)
                    continue
            if container.dies:
                dying.append(container)
                continue
            container.finish_operator(tick, self.progress)
            if container.ended:
                self._ended.append(container)
                self.memory.end(container)
            else:
                self.agenda.put(container.due, self.number, container.number)
                self._show(container, suspendable=True)
        for container in dying:
            self._kill(container, "OOM")
        return dying

    def _kill(self, container: Container, error: str) -> None:
        container.fail(error, self.progress)
        self._ended.append(container)
        self.memory.end(container)

    def _watch(self, now: int) -> None:
        """Have the pool ticked again when growth alone could fill it."""
        alarm = self.memory.alarm(now)
        if alarm == now:
            # A sample of this very tick comes before all that is asked for later.
            self.sample(now)
            alarm = now + 1 if self.memory.stays(now) else math.inf
        self.agenda.warn(self.number, alarm)

    def _show(self, container: Container, *, suspendable: bool) -> None:
        if container.suspendable != suspendable:
            container.suspendable = suspendable
            self.changes.suspendable.append((container.number, suspendable))

    def _kill_for_time(self, tick: int) -> None:
        for container in self.active.values():
            if not container.ended and container.late(tick):
                self._kill(container, "timeout")

    def _note(self, number: int, tick: int, error: str | None) -> None:
        """Record when and how a container left the active ones."""
        if self.ran is not None:
            ran = self.ran[number]
            ran[2], ran[6] = tick, error

    def _collect(self, tick: int) -> None:
        # By number is in active order.
        ended, changes = self._ended, self.changes
        if len(ended) > 1:
            ended.sort(key=lambda container: container.number)
        for container in ended:
            self.free_cpu += container.cpu
            self.free_ram += container.ram
            self.completed += container.error is None
            self.ticks_of_ended.append(tick - container.start + 1)
            self._note(container.number, tick, container.error)
            changes.results.append((container.number, container.error))
            changes.places.append(self.number)
            del self.active[container.number]
        ended.clear()
        changes.freed.add(self.number)
        self.memory.restart(tick)
