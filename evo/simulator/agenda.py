"""When which pool must be looked at again: the one heap of a run.

Ordered by tick, pool and container, which is upstream's order of work within a tick. What the pools no longer wait for
is dropped when it comes up.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from evo.simulator.pool import Pool


class Agenda:
    """What all pools of a run wait for."""

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._pools = pools
        self._heap: list[tuple[int, int, int]] = []

    def add(self, pool: Pool) -> None:
        """Take over what a pool says that it waits for."""
        for tick, container in pool.agenda:
            heapq.heappush(self._heap, (tick, pool.number, container))
        pool.agenda.clear()

    def after(self, now: int) -> float:
        """The next tick after `now` in which a pool does anything but let memory grow; infinite if there is none."""
        heap = self._heap
        while heap:
            tick, number, container = heap[0]
            if tick > now and self._pools[number].awaits(container, tick):
                return tick
            heapq.heappop(heap)
        return math.inf

    def take(self, tick: int) -> set[int]:
        """Tell the pools what is due in them up to `tick`; gives those pools."""
        touched: set[int] = set()
        heap = self._heap
        while heap and heap[0][0] <= tick:
            due, number, container = heapq.heappop(heap)
            pool = self._pools[number]
            if due == tick and pool.awaits(container, tick):
                pool.due.append(container)
                touched.add(number)
        return touched
