"""When which pool must be looked at again: the one heap of a run, and the alarms of pools that fill up.

Ordered by tick, pool and container, which is upstream's order of work within a tick. What the pools no longer wait for
is dropped when it comes up.
"""

from __future__ import annotations

import heapq
import math
from typing import Protocol

from evo.simulator.container import Container


class Waiting(Protocol):
    """A pool as the agenda sees it."""

    active: dict[int, Container]
    due: list[Container]
    """What the tick at hand brings."""

    def stirs(self, tick: int) -> bool:
        """Whether a suspension ends in a tick."""


class Agenda:
    """What the pools of a run, which are given their places in `pools`, wait for."""

    def __init__(self) -> None:
        self.pools: list[Waiting] = []
        self._heap: list[tuple[int, int, int]] = []
        self._alarms: dict[int, float] = {}

    def put(self, tick: int, pool: int, container: int) -> None:
        """The pool at a place must be looked at in a tick, for one of its containers or (0) for suspended ones."""
        heapq.heappush(self._heap, (tick, pool, container))

    def warn(self, pool: int, tick: float) -> None:
        """Growth alone may fill the pool at a place in a tick (infinite: never); replaces what was said before."""
        self._alarms[pool] = tick

    def after(self, now: int) -> float:
        """The next tick after `now` in which a pool does anything but let memory grow; infinite if there is none."""
        due = self._due(now)
        return min(due, *self._alarms.values()) if self._alarms else due

    def _due(self, now: int) -> float:
        heap = self._heap
        while heap:
            tick, place, number = heap[0]
            if tick > now:
                pool = self.pools[place]
                container = pool.active.get(number)
                if container.due == tick if container is not None else pool.stirs(tick):
                    return tick
            heapq.heappop(heap)
        return math.inf

    def take(self, tick: int) -> list[int]:
        """Tell the pools what is due in them up to `tick`; gives the places of those pools, which rise."""
        touched: list[int] = []
        heap = self._heap
        while heap and heap[0][0] <= tick:
            due, place, number = heapq.heappop(heap)
            pool = self.pools[place]
            container = pool.active.get(number)
            if container is not None:
                if container.due != due:
                    continue
                pool.due.append(container)
            elif not pool.stirs(due):
                continue
            if place not in touched:
                touched.append(place)
        for place in [place for place, alarm in self._alarms.items() if alarm == tick]:
            del self._alarms[place]
            if place not in touched:
                touched.append(place)
                touched.sort()
        return touched
