"""A resource pool: what is free, what runs, and the memory that all containers of the pool consume together.

A tick is walked in full where something happens (`tick`); between, the pool's consumed memory is summed for many
ticks at once (`glide`), with the same additions in the same order as upstream makes them, so that every bit agrees.
Rules from `eudoxia/executor/resource_pool.py`.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evo.simulator.container import DISK_GB_PER_SECOND, Container, Curves
from evo.simulator.messages import Number, Order
from evo.simulator.parameters import Parameters
from evo.simulator.progress import Operator, Progress, Violation
from evo.simulator.sums import compensated_sum


@dataclass
class Changes:
    """What the policy's side must be told at its next call, over all pools."""

    results: list[tuple[Container, int]] = field(default_factory=list)
    """Ended containers with their pool."""
    started: list[tuple[int, int]] = field(default_factory=list)
    suspendable: list[tuple[int, bool]] = field(default_factory=list)
    suspending: list[int] = field(default_factory=list)
    suspended: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Glide:
    """Consumed memory after each tick from `start` on, in pieces of consecutive ticks; constant after the last."""

    pieces: tuple[tuple[int, NDArray[np.float64]], ...]
    overflow: int | None
    """The first tick that ends with more consumed than the pool has; nothing after it is known."""

    def consumed(self, tick: int, before: Number) -> Number:
        """Consumed memory after `tick`; `before` is what it was before the first piece."""
        value = before
        for start, rows in self.pieces:
            if tick < start:
                break
            value = rows[min(tick - start, len(rows) - 1)].item()
        return value


class Pool:
    """One pool of a cluster."""

    def __init__(
        self, number: int, parameters: Parameters, progress: Progress, changes: Changes, curves: Curves
    ) -> None:
        self.number = number
        self.parameters = parameters
        self.progress = progress
        self.changes = changes
        self.curves = curves
        self.free_cpu: Number = parameters.cpus_per_pool
        self.free_ram: Number = parameters.ram_gb_per_pool
        self.capacity: Number = parameters.ram_gb_per_pool
        self.consumed: Number = 0.0
        self.active: dict[int, Container] = {}
        self.growing: list[Container] = []
        self.suspending: list[tuple[int, Container]] = []
        self.suspended: list[Container] = []
        self.completed = 0
        self.ticks_of_ended: list[int] = []
        self.freed = False
        self._due: list[tuple[int, int]] = []

    def next_event(self, now: int) -> int | None:
        """The next tick after `now` in which something happens here (growing memory aside), if any ever does."""
        due = self._due
        while due and (due[0][1] not in self.active or self.active[due[0][1]].due != due[0][0]):
            heapq.heappop(due)
        tick = due[0][0] if due else None
        for end, _ in self.suspending:
            if end > now and (tick is None or end < tick):
                tick = end
        # A fresh sum may exceed what the drifting one did not: the killer looks again in the very next tick.
        if self.active and self.consumed > self.capacity:
            return now + 1
        return tick

    def tick(
        self, tick: int, suspensions: Sequence[int | None], orders: Sequence[tuple[int, Order]], first: int
    ) -> None:
        """Walk one tick in upstream's order; new containers are numbered from `first`.

        `suspensions` are container numbers, `orders` pairs of (place in the reply, order). Raises Violation.
        """
        if suspensions:
            self._suspend(tick, suspensions)
        if orders:
            self._start(tick, orders, first)
        if self.suspending:
            self._end_suspensions(tick)
        if not self.active:
            return
        busy = self._busy(tick)
        for container in busy:
            self._run(container, tick)
        self._kill_for_memory(busy)
        if self.parameters.max_job_ticks > 0:
            self._kill_for_time(tick)
        self._collect(tick)
        self.growing = [
            c for c in self.growing if not c.ended and c.growth_end > tick and c.number in self.active
        ]

    def glide(self, start: int, end: int) -> Glide:
        """What the growing containers make of consumed memory in ticks `start` to `end`, if nothing else happens."""
        pieces: list[tuple[int, NDArray[np.float64]]] = []
        consumed = self.consumed
        growing = [c for c in self.growing if c.growth_end >= start]
        while growing and start <= end:
            stop = min(end, *(c.growth_end for c in growing))
            rows = np.empty((stop - start + 1, len(growing)))
            for column, container in enumerate(growing):
                assert container.curve is not None
                offset = start - container.began
                rows[:, column] = container.curve.deltas[offset : offset + len(rows)]
            rows[0, 0] = consumed + rows[0, 0]
            sums = np.add.accumulate(rows.ravel())[len(growing) - 1 :: len(growing)]
            pieces.append((start, sums))
            over = np.flatnonzero(sums > self.capacity)
            if len(over):
                return Glide(tuple(pieces), start + int(over[0]))
            consumed = sums[-1].item()
            growing = [c for c in growing if c.growth_end > stop]
            start = stop + 1
        return Glide(tuple(pieces), None)

    def settle(self, glide: Glide, tick: int) -> None:
        """Make the glide true up to and including `tick`."""
        self.consumed = glide.consumed(tick, self.consumed)
        for container in self.growing:
            container.memory = container.level(tick)
        self.growing = [c for c in self.growing if c.growth_end > tick]

    def may_overflow(self) -> bool:
        """Whether growth alone could take the pool over its capacity before the next event."""
        if not self.growing:
            return False
        peak = sum(max(c.curve.levels[c.curve.last] - c.memory, 0) for c in self.growing if c.curve)
        # The margin is far above any rounding of the sums and far below any real demand.
        return self.consumed + peak > self.capacity * (1 - 1e-9)

    def _suspend(self, tick: int, numbers: Sequence[int | None]) -> None:
        for number in numbers:
            container = self.active.get(number) if number is not None else None
            if container is None:
                raise Violation(
                    "AttributeError", "'NoneType' object has no attribute 'can_suspend_container'"
                )
            if not container.suspendable:
                raise Violation("AssertionError", "Container cannot be suspended right now")
        for number in numbers:
            container = self.active.pop(number) if number in self.active else None
            if container is None:
                raise Violation("AttributeError", "'NoneType' object has no attribute 'suspend_container'")
            container.suspend(self.progress)
            writing = int(container.ram / DISK_GB_PER_SECOND / self.curves.tick_length)
            # A suspension of no ticks counts down from 0 and never ends.
            end = tick + writing - 1
            self.suspending.append((end, container))
            self.changes.suspending.append(container.number)

    def _start(self, tick: int, orders: Sequence[tuple[int, Order]], number: int) -> None:
        cpu: Number = 0
        ram: Number = 0
        for _, order in orders:
            cpu += order.cpu
            ram += order.ram
        if not cpu <= self.free_cpu:
            raise Violation("AssertionError", "Overallocated CPU in assignment")
        if not self.parameters.allow_memory_overcommit and not ram <= self.free_ram:
            raise Violation("AssertionError", "Overallocated RAM in assignment")
        for place, order in orders:
            operators = self._operators(order)
            self.free_cpu -= order.cpu
            self.free_ram -= order.ram
            self.freed = True
            self.active[number] = Container(number, operators, order.cpu, order.ram, tick)
            heapq.heappush(self._due, (tick, number))
            self.changes.started.append((number, place))
            number += 1

    def _operators(self, order: Order) -> list[Operator]:
        if not self.parameters.multi_operator_containers and len(order.ops) != 1:
            message = "Assignment must have exactly 1 operator when multi_operator_containers is False"
            raise Violation("AssertionError", message)
        if not order.ops:
            raise Violation("AssertionError", "Assignment must have at least 1 operator")
        return [self.progress.operators[number] for number in order.ops]

    def _end_suspensions(self, tick: int) -> None:
        ended = [c for end, c in self.suspending if end == tick]
        for container in ended:
            container.release(self.progress)
            self.free_cpu += container.cpu
            self.free_ram += container.ram
            self.freed = True
            self.suspended.append(container)
            self.changes.suspended.append(container.number)
        if ended:
            self.suspending = [(end, c) for end, c in self.suspending if end != tick]

    def _busy(self, tick: int) -> list[Container]:
        """Active containers to which this tick does anything, in active order, which is the order of creation."""
        numbers = {c.number for c in self.growing}
        while self._due and self._due[0][0] <= tick:
            due, number = heapq.heappop(self._due)
            if number in self.active and self.active[number].due == due:
                numbers.add(number)
        return [self.active[number] for number in sorted(numbers) if number in self.active]

    def _run(self, container: Container, tick: int) -> None:
        if container.due != tick:
            self._hold(container, container.level(tick))
            return
        if container.resting:
            container.begin(tick, self.progress, self.curves)
            if container.growth_end > tick:
                self.growing.append(container)
                self.growing.sort(key=lambda c: c.number)
        self._hold(container, container.level(tick))
        if container.memory > container.ram:
            return
        suspendable = False
        if tick == container.began + container.total - 1:
            container.finish_operator(tick, self.progress)
            if container.ended:
                self._hold(container, 0.0)
            else:
                suspendable = True
        if not container.ended:
            heapq.heappush(self._due, (container.due, container.number))
            if suspendable != container.suspendable:
                self.changes.suspendable.append((container.number, suspendable))
        container.suspendable = suspendable

    def _hold(self, container: Container, memory: Number) -> None:
        delta = memory - container.memory
        container.memory = memory
        self.consumed += delta

    def _kill(self, container: Container, error: str) -> None:
        container.fail(error, self.progress)
        self._hold(container, 0.0)

    def _kill_for_memory(self, busy: list[Container]) -> None:
        for container in busy:
            if container.memory > container.ram:
                self._kill(container, "OOM")
        if self.consumed <= self.capacity:
            return
        candidates = [c for c in self.active.values() if not c.ended and c.memory > 0]
        candidates.sort(key=lambda c: c.memory * (c.memory / c.ram), reverse=True)
        for container in candidates:
            if self.consumed <= self.capacity:
                break
            self._kill(container, "OOM")

    def _kill_for_time(self, tick: int) -> None:
        for container in self.active.values():
            if not container.ended and any(o.pipeline.timed_out(tick) for o in container.operators):
                self._kill(container, "timeout")

    def _collect(self, tick: int) -> None:
        ended = [c for c in self.active.values() if c.ended]
        for container in ended:
            self.free_cpu += container.cpu
            self.free_ram += container.ram
            self.completed += container.error is None
            self.ticks_of_ended.append(tick - container.start + 1)
            self.changes.results.append((container, self.number))
            del self.active[container.number]
        if ended:
            self.freed = True
            self.consumed = compensated_sum([c.memory for c in self.active.values()])
