"""A resource pool: what is free, what runs, and who must go.

A pool is ticked only where something happens to it: an order, a suspension, an operator's end, a kill. Rules from
`eudoxia/executor/resource_pool.py`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from evo.simulator.container import Container
from evo.simulator.load import Load
from evo.simulator.memory import Ledger
from evo.simulator.messages import Number, Order
from evo.simulator.parameters import Parameters
from evo.simulator.progress import Operator, Progress, Violation
from evo.simulator.scaling import DISK_SCAN_GB_SEC

_NEAR = 1e-6
"""Sums closer to a limit than this share of it are made to the last bit: far above any rounding of a run's
additions, far below any real demand."""


@dataclass(slots=True)
class Changes:
    """What the policy's side must be told at its next call, over all pools."""

    results: list[tuple[Container, int]] = field(default_factory=list)
    """Ended containers with their pool."""
    started: list[tuple[int, int]] = field(default_factory=list)
    suspendable: list[tuple[int, bool]] = field(default_factory=list)
    suspending: list[int] = field(default_factory=list)
    suspended: list[int] = field(default_factory=list)
    freed: set[int] = field(default_factory=set)
    """Pools whose free amounts changed."""

    def clear(self) -> None:
        """All of it was told."""
        for told in (
            self.results,
            self.started,
            self.suspendable,
            self.suspending,
            self.suspended,
            self.freed,
        ):
            told.clear()


@dataclass(slots=True)
class Share:
    """What a tick brings to one pool."""

    due: list[int] = field(default_factory=list)
    """Containers from the agenda."""
    suspensions: list[int | None] = field(default_factory=list)
    """Containers to suspend."""
    orders: list[tuple[int, Order]] = field(default_factory=list)
    """What to start, each with its place in the reply."""
    first: int = 0
    """The number of the first new container."""


class Pool:
    """One pool of a cluster.

    `agenda` takes (tick, container) where the pool must be ticked again; container 0 is the pool itself.
    """

    def __init__(self, number: int, parameters: Parameters, progress: Progress, changes: Changes) -> None:
        self.number = number
        self.parameters = parameters
        self.tick_length = parameters.tick_length
        self.progress = progress
        self.changes = changes
        self.free_cpu: Number = parameters.cpus_per_pool
        self.free_ram: Number = parameters.ram_gb_per_pool
        self.capacity: Number = parameters.ram_gb_per_pool
        self.active: dict[int, Container] = {}
        self.ledger = Ledger(self.active)
        self.load = Load(self.tick_length)
        self.suspending: list[tuple[int, Container]] = []
        self.suspended: list[Container] = []
        self.completed = 0
        self.ticks_of_ended: list[int] = []
        self.agenda: list[tuple[int, int]] = []
        self.allocated: list[Number] = []
        self.consumed: list[Number] = []
        self._sample_ticks = parameters.sample_ticks
        self._next_sample = 0
        self._ended: list[Container] = []
        self._bound: Number = 0.0
        self._lingering: list[Container] = []
        self._alarm: int | None = None
        self._limited = parameters.max_job_ticks > 0
        self._near = self.capacity * (1 - _NEAR)

    def tick(self, tick: int, share: Share) -> None:
        """Walk one tick in upstream's order; raises Violation."""
        if tick > self._next_sample:
            self.sample(tick - 1)
        if share.suspensions:
            self._suspend(tick, share.suspensions)
        active = self.active
        busy = [c for number in share.due if (c := active.get(number)) is not None and c.due == tick]
        if share.orders:
            busy += self._start(tick, share.orders, share.first)
        if self.suspending:
            self._end_suspensions(tick)
        dying = [container for container in busy if self._work(container, tick)]
        for container in dying:
            self._kill(container, "OOM")
        if self._bound > self._near and self.load.at(tick) >= self._near:
            self._relieve(tick, dying)
        if self._limited:
            self._kill_for_time(tick)
        if self._ended:
            self._collect(tick)
        if self._bound > self._near:
            self._watch(tick)

    def sample(self, until: int) -> None:
        """Take the samples of allocated and consumed memory, in GB, that are due up to and including `until`."""
        if until < self._next_sample:
            return
        due = self._sample_ticks
        end = bisect_right(due, until)
        ticks = due[len(self.allocated) : end]
        self.allocated += [self.capacity - self.free_ram] * len(ticks)
        self.consumed += self.ledger.values(ticks)
        self._next_sample = due[end] if end < len(due) else self.parameters.max_ticks

    def consumed_at(self, tick: int) -> Number:
        """What the pool consumes after `tick`, in GB, if nothing else happens to it until then."""
        self.sample(tick)
        return self.ledger.at(tick)

    def amounts(self) -> tuple[int, Number, Number]:
        """(pool, free CPUs, free RAM in GB)."""
        return self.number, self.free_cpu, self.free_ram

    def awaits(self, number: int, tick: int) -> bool:
        """Whether what the agenda says still holds."""
        if number == 0:
            return tick == self._alarm or any(end == tick for end, _ in self.suspending)
        container = self.active.get(number)
        return container is not None and container.due == tick

    def _suspend(self, tick: int, numbers: Sequence[int | None]) -> None:
        for number in numbers:
            container = self.active.get(number) if number is not None else None
            if container is None:
                raise Violation(
                    "AttributeError", "'NoneType' object has no attribute 'can_suspend_container'"
                )
            if not container.suspendable:
                raise Violation("AssertionError", "Container cannot be suspended right now")
        # Its memory stays in the sum until the next fresh one, though it is no member any more.
        self.ledger.at(tick - 1)
        for number in numbers:
            container = self.active.pop(number) if number in self.active else None
            if container is None:
                raise Violation("AttributeError", "'NoneType' object has no attribute 'suspend_container'")
            container.suspend(self.progress)
            self._lingering.append(container)
            # A suspension of no ticks counts down from 0 and never ends.
            end = tick + int(container.ram / DISK_SCAN_GB_SEC / self.tick_length) - 1
            self.suspending.append((end, container))
            if end > tick:
                self.agenda.append((end, 0))
            self.changes.suspending.append(container.number)

    def _start(self, tick: int, orders: Sequence[tuple[int, Order]], number: int) -> list[Container]:
        cpu: Number = 0
        ram: Number = 0
        for _, order in orders:
            cpu += order.cpu
            ram += order.ram
        if not cpu <= self.free_cpu:
            raise Violation("AssertionError", "Overallocated CPU in assignment")
        if not self.parameters.allow_memory_overcommit and not ram <= self.free_ram:
            raise Violation("AssertionError", "Overallocated RAM in assignment")
        started = []
        for place, order in orders:
            container = Container(number, self._operators(order), order.cpu, order.ram, tick)
            self.free_cpu -= order.cpu
            self.free_ram -= order.ram
            self.active[number] = container
            self._bound += container.bound
            started.append(container)
            self.changes.started.append((number, place))
            number += 1
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

    def _work(self, container: Container, tick: int) -> bool:
        """A container's part of a tick; whether it is out of its own memory, and dies."""
        if container.resting:
            self._begin(container, tick)
            if container.due != tick:
                self.agenda.append((container.due, container.number))
                self._show(container, suspendable=False)
                return False
        if container.dies:
            return True
        container.finish_operator(tick, self.progress)
        if container.ended:
            self._ended.append(container)
            self._forget(container)
        else:
            self.agenda.append((container.due, container.number))
            self._show(container, suspendable=True)
        return False

    def _begin(self, container: Container, tick: int) -> None:
        former = container.stretch
        stretch = container.begin(tick, self.progress, self.tick_length)
        if former is not None:
            self.ledger.supersede(former)
            self.load.leave(former)
        self.load.enter(stretch)

    def _kill(self, container: Container, error: str) -> None:
        container.fail(error, self.progress)
        self._ended.append(container)
        self._forget(container)

    def _forget(self, container: Container) -> None:
        """It ended: its memory is free."""
        self._bound -= container.bound
        if container.stretch is not None:
            self.load.leave(container.stretch)

    def _show(self, container: Container, *, suspendable: bool) -> None:
        if container.suspendable != suspendable:
            container.suspendable = suspendable
            self.changes.suspendable.append((container.number, suspendable))

    def _relieve(self, tick: int, dying: list[Container]) -> None:
        """Kill the heaviest until what is consumed fits; only near the capacity is that added up to the last bit."""
        consumed: Number = self.load.at(tick)
        exactly = False
        while consumed >= self._near:
            if not exactly and consumed * (1 - _NEAR) < self.capacity:
                exactly = True
                consumed = self._added(tick, dying)
            heaviest = self._heaviest(tick)
            if heaviest is None or (exactly and consumed <= self.capacity):
                break
            dying.append(heaviest)
            self._kill(heaviest, "OOM")
            consumed += 0.0 - heaviest.level(tick)

    def _heaviest(self, tick: int) -> Container | None:
        """The first of the containers that use most and more than their share."""
        heaviest = None
        most: Number = 0
        for container in self.active.values():
            memory = container.level(tick)
            weight = memory * (memory / container.ram)
            if weight > most and not container.ended:
                heaviest, most = container, weight
        return heaviest

    def _added(self, tick: int, dying: list[Container]) -> Number:
        """What is consumed after the containers' part of a tick."""
        consumed = self.ledger.at(tick - 1)
        for container in self.active.values():
            before, memory = container.step(tick)
            consumed += memory - before
            if container.ended and container.error is None:
                consumed += 0.0 - memory
        for container in dying:
            consumed += 0.0 - container.level(tick)
        return consumed

    def _kill_for_time(self, tick: int) -> None:
        for container in self.active.values():
            if not container.ended and container.late(tick):
                self._kill(container, "timeout")

    def _collect(self, tick: int) -> None:
        # By number is in active order.
        for container in sorted(self._ended, key=lambda container: container.number):
            self.free_cpu += container.cpu
            self.free_ram += container.ram
            self.completed += container.error is None
            self.ticks_of_ended.append(tick - container.start + 1)
            self.changes.results.append((container, self.number))
            del self.active[container.number]
        for container in self._lingering:
            self._forget(container)
        self._lingering.clear()
        self._ended.clear()
        self.changes.freed.add(self.number)
        self.ledger.restart(tick)

    def _watch(self, now: int) -> None:
        """Have the pool ticked again when growth alone could fill it."""
        if not self.active:
            return
        if self.load.at(now) < self._near:
            later = self.load.reaches(self._near, now)
        else:
            # Growth has only a few ticks left to go. And a fresh sum may exceed what the drifting one did not: the
            # killer looks again in the very next tick.
            again = self.load.grows or self.consumed_at(now) > self.capacity
            later = now + 1 if again else None
        if later is not None and later != self._alarm:
            self.agenda.append((later, 0))
        self._alarm = later
