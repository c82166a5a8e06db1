"""What the containers of a pool consume together, but for the last bits, and when that will reach a limit.

Reading grows all of them at one speed, so the sum at any tick follows from how many grow and since when; no
container is looked at. Who needs the last bits asks the ledger.
"""

from __future__ import annotations

import heapq
import math

from evo.simulator.container import Stretch
from evo.simulator.scaling import DISK_SCAN_GB_SEC


class Load:
    """A sum of stretches of memory, in GB, right but for roundings; ticks that it is asked for never go back."""

    def __init__(self, tick_length: float) -> None:
        self._rate = tick_length * DISK_SCAN_GB_SEC
        self._growing: dict[int, Stretch] = {}
        self._ends: list[tuple[int, int]] = []
        self._steps = 0
        self._constant = 0.0

    def enter(self, stretch: Stretch) -> None:
        """Count a stretch in."""
        self._growing[stretch.number] = stretch
        self._steps += 1 - stretch.began
        heapq.heappush(self._ends, (stretch.end, stretch.number))

    def leave(self, stretch: Stretch) -> None:
        """Count a stretch out again."""
        if self._growing.get(stretch.number) is stretch:
            del self._growing[stretch.number]
            self._steps -= 1 - stretch.began
        else:
            self._constant -= stretch.top

    @property
    def grows(self) -> bool:
        """Whether the sum still grows after the tick last asked for."""
        return bool(self._growing)

    def at(self, tick: int) -> float:
        """The sum in `tick`."""
        while self._ends and self._ends[0][0] <= tick:
            end, number = heapq.heappop(self._ends)
            stretch = self._growing.get(number)
            if stretch is not None and stretch.end == end:
                del self._growing[number]
                self._steps -= 1 - stretch.began
                self._constant += stretch.top
        return self._constant + (len(self._growing) * tick + self._steps) * self._rate

    def reaches(self, limit: float, now: int) -> int | None:
        """The first tick after `now`, the tick last asked for, with a sum of `limit` or more, if nothing else happens."""
        growing, steps, constant = len(self._growing), self._steps, self._constant
        if not growing:
            return None
        tick = math.ceil(((limit - constant) / self._rate - steps) / growing)
        if tick >= self._ends[0][0]:
            # Some have stopped to grow before that.
            for stretch in sorted(self._growing.values(), key=lambda stretch: stretch.end):
                if tick < stretch.end:
                    break
                growing, steps, constant = growing - 1, steps - 1 + stretch.began, constant + stretch.top
                if constant + (growing * stretch.end + steps) * self._rate >= limit:
                    tick = stretch.end
                    break
                if not growing:
                    return None
                tick = math.ceil(((limit - constant) / self._rate - steps) / growing)
        return max(tick, now + 1)
