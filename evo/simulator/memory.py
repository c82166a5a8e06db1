"""The memory that the containers of a pool consume together, to the last bit, and added up only when asked for.

Upstream adds each container's change in each tick to one accumulator, in active order, and starts from a fresh sum
whenever a container ends (`eudoxia/executor/resource_pool.py`). So what happened before the last ending is of no
account, and the additions since are made here, the same ones in the same order, many at once, when a sample, a
policy or the killer asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evo.simulator.container import Container, Stretch
from evo.simulator.leaps import grown, walked
from evo.simulator.messages import Number
from evo.simulator.sums import compensated_sum

_MOST = 100_000
"""So many stretches may wait for their additions."""


@dataclass(frozen=True, slots=True)
class _Course:
    """Additions to be made: after the tick `start` there is a fresh sum over `there`, or (None) what was before."""

    there: Sequence[Stretch] | None
    growing: Sequence[Stretch]
    """What changes from then on, in active order."""
    start: int
    ticks: Sequence[int]

    def values(self, before: Number) -> list[Number]:
        """The sums after each of the ticks."""
        growing, start = self.growing, self.start
        base = before
        if self.there is not None:
            base = compensated_sum([s.top if s.end <= start else s.level(start) for s in self.there])
        if not growing:
            return [base] * len(self.ticks)
        if base == 0 and len(growing) == 1 and growing[0].began > start and growing[0].before == 0:
            # Neighbouring levels are within a factor of two, so that their differences are exact, and the sums too.
            (alone,) = growing
            return [float(alone.level(tick)) if tick >= alone.began else base for tick in self.ticks]
        values = []
        for tick in self.ticks:
            base = _added(base, growing, start, tick)
            values.append(base)
            start = tick
        return values


class Ledger:
    """The accumulator of one pool; `members` are its active containers, in active order, and the pool's to change.

    Samples, which nobody needs before the end, are added up many in a row: that costs half of what it would in between.
    """

    def __init__(self, members: dict[int, Container]) -> None:
        self._members = members
        self._settled = -1
        self._fresh = False
        self._value: Number = 0.0
        self._past: list[Stretch] = []
        self._courses: list[_Course] = []
        self._samples: list[Number] = []

    def restart(self, tick: int) -> None:
        """A container ended in `tick`: from here on a fresh sum over those that remain counts."""
        self._settled = tick
        self._fresh = True
        self._past.clear()

    def supersede(self, stretch: Stretch) -> None:
        """A container goes on to its next operator: remember the memory of the one before."""
        self._past.append(stretch)

    def at(self, tick: int) -> Number:
        """What is consumed after `tick`, in GB; no earlier tick can be asked for from then on."""
        self._add_up()
        (self._value,) = self._course([tick]).values(self._value)
        return self._value

    def sample(self, ticks: Sequence[int]) -> None:
        """Take samples after these ticks, which rise and are no earlier than any asked for before."""
        if ticks:
            self._courses.append(self._course(ticks))
            if len(self._courses) * (1 + len(self._members)) > _MOST:
                self._add_up()

    @property
    def samples(self) -> Sequence[Number]:
        """All samples taken so far, in GB."""
        self._add_up()
        return self._samples

    def _add_up(self) -> None:
        for course in self._courses:
            values = course.values(self._value)
            self._value = values[-1]
            self._samples += values
        self._courses.clear()

    def _course(self, ticks: Sequence[int]) -> _Course:
        course = _Course(
            self._there() if self._fresh else None, self._growing(ticks[-1]), self._settled, ticks
        )
        self._settled = ticks[-1]
        self._fresh = False
        self._past.clear()
        return course

    def _there(self) -> list[Stretch]:
        """What makes up the sum after the settled tick."""
        tick = self._settled
        there = [c.stretch for c in self._members.values() if c.start <= tick]
        if self._past:
            earlier = {stretch.number: stretch for stretch in self._past if stretch.began <= tick}
            there = [s if s.began <= tick else earlier[s.number] for s in there]
        return there

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
