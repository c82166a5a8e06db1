"""The memory that the containers of a pool consume together, to the last bit, and added up only when asked for.

Upstream adds each container's change in each tick to one accumulator, in active order, and starts from a fresh sum
whenever a container ends (`eudoxia/executor/resource_pool.py`). So what happened before the last ending is of no
account, and the additions since are made here, the same ones in the same order, many at once, when a sample, a
policy or the killer asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evo.simulator.container import Container, Stretch
from evo.simulator.messages import Number
from evo.simulator.scaling import DISK_SCAN_GB_SEC
from evo.simulator.sums import compensated_sum

_CHUNK = 2**16
_LONG = 2**19
_FEW = 16


class Ledger:
    """The accumulator of one pool; `members` are its active containers, in active order, and the pool's to change."""

    def __init__(self, members: dict[int, Container], tick_length: float) -> None:
        self._members = members
        self._tick_length = tick_length
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
        elif (last - start) * len(growing) <= _FEW:
            values = _added_one_by_one(base, growing, start, ticks)
        else:
            values = self._added_at_once(base, growing, ticks)
        self.settle(last, values[-1])
        return values

    def _base(self) -> Number:
        """What is consumed after the settled tick."""
        if self._value is None:
            tick = self._settled
            earlier = {stretch.number: stretch for stretch in self._past if stretch.began <= tick}
            held: list[Number] = []
            for container in self._members.values():
                stretch = container.stretch
                if container.start <= tick and stretch is not None:
                    held.append((stretch if stretch.began <= tick else earlier[container.number]).level(tick))
            self._value = compensated_sum(held)
        return self._value

    def _growing(self, last: int) -> list[Stretch]:
        """What changes after the settled tick and up to `last`, in active order."""
        start = self._settled
        growing = [
            container.stretch
            for container in self._members.values()
            if container.stretch is not None
            and container.stretch.end > start
            and container.stretch.began <= last
        ]
        if self._past:
            growing += [stretch for stretch in self._past if stretch.end > start]
            growing.sort(key=lambda stretch: (stretch.number, stretch.began))
        return growing

    def _added_at_once(self, base: Number, growing: list[Stretch], ticks: Sequence[int]) -> list[Number]:
        values: list[Number] = []
        done = self._settled
        end = min(ticks[-1], max(stretch.end for stretch in growing))
        rows = max(1, _CHUNK // len(growing))
        place = 0
        while place < len(ticks) and ticks[place] <= done:
            values.append(base)
            place += 1
        while done < end:
            until = min(done + rows, end)
            sums = self._sums(base, growing, done + 1, until)
            while place < len(ticks) and ticks[place] <= until:
                values.append(sums[ticks[place] - done - 1].item())
                place += 1
            base = sums[-1].item()
            done = until
        return values + [base] * (len(ticks) - place)

    def _sums(self, base: Number, growing: list[Stretch], first: int, last: int) -> NDArray[np.float64]:
        """What is consumed after each of the ticks `first` to `last`; numpy's accumulate adds strictly in order."""
        changes = np.zeros((last - first + 1, len(growing)))
        for column, stretch in enumerate(growing):
            start, end = max(first, stretch.began), min(last, stretch.end)
            if start > end:
                continue
            part = changes[start - first : end - first + 1, column]
            part[:] = self._growth(start - stretch.began, end - stretch.began)
            if end == stretch.end > stretch.began:
                part[-1] = stretch.top - stretch.level(end - 1)
            if start == stretch.began:
                part[0] = stretch.level(start) - stretch.before
        changes[0, 0] += base
        return np.add.accumulate(changes.ravel())[len(growing) - 1 :: len(growing)]

    def _growth(self, first: int, last: int) -> NDArray[np.float64]:
        """How memory grows in these steps of a reading operator, in GB: the same for all, since the disk is."""
        if last >= _LONG:
            return _steps(self._tick_length, first, last)
        return _known_steps(self._tick_length, max(10, last.bit_length()))[first : last + 1]


@lru_cache(maxsize=32)
def _known_steps(tick_length: float, bits: int) -> NDArray[np.float64]:
    return _steps(tick_length, 0, 2**bits - 1)


def _steps(tick_length: float, first: int, last: int) -> NDArray[np.float64]:
    return np.diff(np.arange(first, last + 2, dtype=np.float64) * tick_length * DISK_SCAN_GB_SEC)


def _added_one_by_one(
    base: Number, growing: Iterable[Stretch], start: int, ticks: Sequence[int]
) -> list[Number]:
    values: list[Number] = []
    wanted = iter(ticks)
    stop = next(wanted)
    for tick in range(start, ticks[-1] + 1):
        if tick > start:
            for stretch in growing:
                if stretch.began <= tick <= stretch.end:
                    before = stretch.before if tick == stretch.began else stretch.level(tick - 1)
                    base += stretch.level(tick) - before
        while tick == stop:
            values.append(base)
            stop = next(wanted, -1)
    return values
