"""Which cores the two sides of a run have: one each where there are enough of them, else one together.

One side always waits for the other. Apart, both stay awake and keep their caches, and a run takes half the time; on one
core they take turns. Left to wander they do worst: to wake a sleeping core costs ten times as much as a turn.
"""

from __future__ import annotations

import os


def usable() -> list[int]:
    """The cores that this process may be bound to; none where the system binds no process."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []


def settle(turn: int, sharing: int) -> int | None:
    """Bind this process, number `turn` of so many `sharing` the cores; the core for its policies, None: the same."""
    cores = usable()
    if not cores:
        return None
    apart = len(cores) >= 2 * sharing
    place = 2 * turn if apart else turn
    os.sched_setaffinity(0, {cores[place % len(cores)]})
    return cores[(place + 1) % len(cores)] if apart else None
