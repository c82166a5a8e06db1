"""The memory that the containers of a pool consume together, to the last bit, and added up only when asked for.

Upstream adds each container's change in each tick to one accumulator, in active order, and starts from a fresh sum
whenever a container ends (`eudoxia/executor/resource_pool.py`). So what happened before the last ending is of no
account, and the additions since are made here, the same ones in the same order, many at once, when a sample, a
policy or the killer asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from evo.simulator.container import Container, Stretch
from evo.simulator.leaps import grown, walked
from evo.simulator.messages import Number
from evo.simulator.sums import compensated_sum


class Ledger:
    """The accumulator of one pool; `members` are its active containers, in active order, and the pool's to change."""

    def __init__(self, members: dict[int, Container]) -> None:
        self._members = members
        self._settled = -1
        self._value: Number | None = 0.0
        self._past: list[Stretch] = []

    def restart(self, tick: int) -> None:
        """A container ended in `tick`: from here on a fresh sum over those that remain counts."""
        self._settled = tick
        self._value = None
        self._past.clear()

    def settle(self, tick: int, value: Number) -> None:
        """What is consumed after `tick` has been added up elsewhere."""
        self._settled = tick
        self._value = value
        self._past.clear()

    def supersede(self, stretch: Stretch) -> None:
        """A container goes on to its next operator: remember the memory of the one before."""
        self._past.append(stretch)

    def at(self, tick: int) -> Number:
        """What is consumed after `tick`, in GB; no earlier tick can be asked for from then on."""
        return self.values([tick])[0]

    def values(self, ticks: Sequence[int]) -> list[Number]:
        """What is consumed after each of these ticks, which rise, in GB; ends settled at the last."""
        base = self._base()
        last = ticks[-1]
        growing = self._growing(last)
        start = self._settled
        if not growing:
            values = [base] * len(ticks)
        elif base == 0 and len(growing) == 1 and growing[0].began > start and growing[0].before == 0:
            # Neighbouring levels are within a factor of two, so that their differences are exact, and the sums too.
            (alone,) = growing
            values = [float(alone.level(tick)) if tick >= alone.began else base for tick in ticks]
        else:
            values = []
            for tick in ticks:
                base = _added(base, growing, start, tick)
                values.append(base)
                start = tick
        self.settle(last, values[-1])
        return values

    def _base(self) -> Number:
        """What is consumed after the settled tick."""
        if self._value is None:
            tick = self._settled
            there = [c.stretch for c in self._members.values() if c.start <= tick]
            if self._past:
                earlier = {stretch.number: stretch for stretch in self._past if stretch.began <= tick}
                there = [s if s.began <= tick else earlier[s.number] for s in there]
            self._value = compensated_sum([s.top if s.end <= tick else s.level(tick) for s in there])
        return self._value

    def _growing(self, last: int) -> list[Stretch]:
        """What changes after the settled tick and up to `last`, in active order."""
        start = self._settled
        growing = [s for c in self._members.values() if (s := c.stretch).end > start and s.began <= last]
        if self._past:
            growing += [stretch for stretch in self._past if stretch.end > start]
            growing.sort(key=lambda stretch: (stretch.number, stretch.began))
        return growing


def _added(total: Number, growing: Sequence[Stretch], done: int, until: int) -> Number:
    """The sum after the tick `until`; `total` is that after the tick `done`."""
    jumps = {s.began for s in growing if done < s.began <= until and (s.before != 0 or s.end == s.began)}
    for tick in sorted(jumps):
        total = grown(float(total), growing, done, tick - 1)
        total = walked(total, growing, tick - 1, tick)
        done = tick
    return grown(float(total), growing, done, until)
