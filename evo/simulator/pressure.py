"""The memory of a pool: what its containers consume together, and who must go when that is too much.

Most of the time a sum without its last bits tells that there is room, and when there may be none; only near the
capacity are the additions made as upstream makes them (`eudoxia/executor/resource_pool.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evo.simulator.container import Container, Stretch
from evo.simulator.load import Load
from evo.simulator.memory import Ledger
from evo.simulator.messages import Number

_NEAR = 1e-6
"""Sums closer to a limit than this share of it are made to the last bit: far above any rounding of a run's
additions, far below any real demand."""


class Pressure:
    """What the containers of a pool consume; `members` are the active ones, in active order, and the pool's to change."""

    def __init__(self, members: dict[int, Container], capacity: Number, tick_length: float) -> None:
        self.ledger = Ledger(members)
        self.capacity = capacity
        self._members = members
        self._tick_length = tick_length
        self._load: Load | None = None
        self._near = capacity * (1 - _NEAR)
        self._most: Number = 0.0
        self._lingering: list[Container] = []
        self.tight = False
        """Whether they could fill the pool, as they are now."""

    def start(self, container: Container) -> None:
        """A container was created."""
        self._most += container.bound
        if not self.tight and self._most > self._near:
            self.tight = True
            self._load = Load(self._tick_length)
            begun = [c for c in (*self._members.values(), *self._lingering) if c.stretch.number]
            for member in sorted(begun, key=lambda member: member.stretch.began):
                self._load.enter(member.stretch, member.ram)

    def begin(self, former: Stretch, container: Container) -> None:
        """A container went from one operator to the next."""
        if former.number:
            self.ledger.supersede(former)
        if self._load is not None:
            if former.number:
                self._load.leave(former, container.ram)
            self._load.enter(container.stretch, container.ram)

    def end(self, container: Container) -> None:
        """A container ended, and gives its memory back."""
        self._most -= container.bound
        if self._load is None:
            return
        if self._most <= self._near:
            self.tight = False
            self._load = None
        elif container.stretch.number:
            self._load.leave(container.stretch, container.ram)

    def suspend(self, container: Container, tick: int) -> None:
        """A container is about to leave in `tick`; its memory stays in the sum until the next fresh one (odd)."""
        self.ledger.at(tick - 1)
        self._lingering.append(container)

    def restart(self, tick: int) -> None:
        """All that ended in a tick has left: what remains is summed afresh."""
        for container in self._lingering:
            self.end(container)
        self._lingering.clear()
        self.ledger.restart(tick)

    def victims(self, tick: int, dying: Sequence[Container]) -> list[Container]:
        """Who is killed in a tick so that the rest fits, in order; `dying` are killed already, for their own excess."""
        if self._load is None or (consumed := self._load.at(tick)) < self._near:
            return []
        victims: list[Container] = []
        among = dict(self._members)
        exactly = False
        while consumed >= self._near:
            if not exactly and consumed * (1 - _NEAR) < self.capacity:
                exactly = True
                consumed = self._added(tick, [*dying, *victims])
            if exactly and consumed <= self.capacity:
                break
            number = self._load.heaviest(tick, among)
            if number is None:
                break
            victims.append(heaviest := among.pop(number))
            consumed += 0.0 - heaviest.stretch.level(tick)
        return victims

    def alarm(self, now: int) -> float:
        """The first tick from `now` on in which there may be victims, unless something happens before; or infinite."""
        return math.inf if self._load is None else self._load.reaches(self._near, now)

    def stays(self, now: int) -> bool:
        """Whether, near the limit in `now`, the killer must look again in the very next tick.

        Growth has only a few ticks left to go there. And a fresh sum may exceed what the drifting one did not.
        """
        grows = self._load is not None and self._load.grows
        return bool(self._members) and (grows or self.ledger.at(now) > self.capacity)

    def _added(self, tick: int, killed: Sequence[Container]) -> Number:
        """What is consumed after the containers' part of a tick, to the last bit."""
        consumed = self.ledger.at(tick - 1)
        for container in self._members.values():
            stretch = container.stretch
            memory = stretch.level(tick)
            consumed += memory - (stretch.before if stretch.began == tick else stretch.level(tick - 1))
            if container.ended and container.error is None:
                consumed += 0.0 - memory
        for container in killed:
            consumed += 0.0 - container.stretch.level(tick)
        return consumed
