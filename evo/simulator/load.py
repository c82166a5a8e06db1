"""What the containers of a pool consume together, but for the last bits, and when that will reach a limit.

Reading grows all of them at one speed, so the sum at any tick follows from how many grow and since when; no
container is looked at. Who needs the last bits asks the ledger.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort

from evo.simulator.container import Stretch
from evo.simulator.scaling import DISK_SCAN_GB_SEC


class Load:
    """A sum of stretches of memory, in GB, right but for roundings; ticks that it is asked for never go back."""

    def __init__(self, tick_length: float) -> None:
        self._rate = tick_length * DISK_SCAN_GB_SEC
        self._growing: list[tuple[int, int, Stretch]] = []
        self._steps = 0
        self._constant = 0.0

    def enter(self, stretch: Stretch) -> None:
        """Count a stretch in."""
        insort(self._growing, (stretch.end, stretch.number, stretch))
        self._steps += 1 - stretch.began

    def leave(self, stretch: Stretch) -> None:
        """Count a stretch out again."""
        growing = self._growing
        entry = (stretch.end, stretch.number, stretch)
        place = bisect_left(growing, entry)
        if place < len(growing) and growing[place] == entry:
            del growing[place]
            self._steps -= 1 - stretch.began
        else:
            self._constant -= stretch.top

    @property
    def grows(self) -> bool:
        """Whether the sum still grows after the tick last asked for."""
        return bool(self._growing)

    def at(self, tick: int) -> float:
        """The sum in `tick`."""
        growing = self._growing
        while growing and growing[0][0] <= tick:
            stretch = growing.pop(0)[2]
            self._steps -= 1 - stretch.began
            self._constant += stretch.top
        return self._constant + (len(growing) * tick + self._steps) * self._rate

    def reaches(self, limit: float, now: int) -> int | None:
        """The first tick from `now` on with a sum of `limit` or more, if nothing else happens."""
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
        return None
