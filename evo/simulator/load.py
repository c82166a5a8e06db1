"""What the containers of a pool consume together, but for the last bits, when that will reach a limit, and who holds most.

Reading grows all of them at one speed, so the sum at any tick follows from how many grow and since when; no
container is looked at. Who needs the last bits asks the ledger.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Container as Collection

from evo.simulator.container import Stretch
from evo.simulator.messages import Number
from evo.simulator.scaling import DISK_SCAN_GB_SEC


class Load:
    """A sum of stretches of memory, in GB, right but for roundings; ticks that it is asked for never go back.

    Stretches come in the order in which they began, each with the RAM of its container, whose number it has alone.
    """

    def __init__(self, tick_length: float) -> None:
        self._tick_length = tick_length
        self._rate = tick_length * DISK_SCAN_GB_SEC
        self._growing: list[tuple[int, int, Stretch]] = []
        self._readers: dict[int, tuple[int, Number]] = {}
        self._settled: list[tuple[Number, int]] = []
        self._steps = 0
        self._constant = 0.0

    def enter(self, stretch: Stretch, ram: Number) -> None:
        """Count a stretch in."""
        number, began = stretch.number, stretch.began
        insort(self._growing, (stretch.end, number, stretch))
        self._readers[number] = began, ram
        self._steps += 1 - began

    def leave(self, stretch: Stretch, ram: Number) -> None:
        """Count a stretch out again."""
        number = stretch.number
        if number in self._readers:
            del self._readers[number]
            del self._growing[bisect_left(self._growing, (stretch.end, number))]
            self._steps -= 1 - stretch.began
        else:
            self._constant -= stretch.top
            del self._settled[bisect_left(self._settled, (_weight(stretch.top, ram), -number))]

    @property
    def grows(self) -> bool:
        """Whether the sum still grows after the tick last asked for."""
        return bool(self._growing)

    def at(self, tick: int) -> float:
        """The sum in `tick`."""
        growing = self._growing
        while growing and growing[0][0] <= tick:
            _, number, stretch = growing.pop(0)
            _, ram = self._readers.pop(number)
            self._steps -= 1 - stretch.began
            self._constant += stretch.top
            insort(self._settled, (_weight(stretch.top, ram), -number))
        return self._constant + (len(growing) * tick + self._steps) * self._rate

    def reaches(self, limit: float, now: int) -> float:
        """The first tick from `now` on with a sum of `limit` or more, if nothing else happens; infinite if none."""
        if self.at(now) >= limit:
            return now
        count, steps, constant, rate = len(self._growing), self._steps, self._constant, self._rate
        for end, _, stretch in self._growing:
            tick = math.ceil(((limit - constant) / rate - steps) / count)
            if tick < end:
                return max(tick, now + 1)
            count, steps, constant = count - 1, steps - 1 + stretch.began, constant + stretch.top
            if constant + (count * end + steps) * rate >= limit:
                return max(end, now + 1)
        return math.inf

    def heaviest(self, tick: int, among: Collection[int]) -> int | None:
        """The number of the first of those that use most, and most of their share; None if nobody uses any.

        `tick` is the one last asked for.
        """
        most: Number = 0
        heaviest = 0
        for weight, minus in reversed(self._settled):
            if -minus in among:
                most, heaviest = weight, -minus
                break
        least: Number = math.inf
        for number, (began, ram) in self._readers.items():
            if ram < least and number in among:  # else one that reads for longer has no more RAM
                least = ram
                weight = _weight((tick - began + 1) * self._tick_length * DISK_SCAN_GB_SEC, ram)
                if weight > most or (weight == most and number < heaviest):
                    most, heaviest = weight, number
        return heaviest or None


def _weight(memory: Number, ram: Number) -> Number:
    return memory * (memory / ram)
