"""What happened since the policy was last told: filled by the pools, read and cleared by the engine.

Plain numbers, as messages have them; knows nothing of what they stand for.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Changes:
    """What the policy's side must be told at its next call, over all pools."""

    moves: list[tuple[int, int]] = field(default_factory=list)
    """Operators with their new states."""
    results: list[tuple[int, str | None]] = field(default_factory=list)
    """Containers that ended, with their errors."""
    places: list[int] = field(default_factory=list)
    """The pool of each of them."""
    started: list[tuple[int, int]] = field(default_factory=list)
    suspendable: list[tuple[int, bool]] = field(default_factory=list)
    suspending: list[int] = field(default_factory=list)
    suspended: list[int] = field(default_factory=list)
    freed: set[int] = field(default_factory=set)
    """Pools whose free amounts changed."""

    def clear(self) -> None:
        """All of it was told."""
        self.moves.clear()
        self.freed.clear()
        if self.started:
            self.started.clear()
        if self.results:
            self.results.clear()
            self.places.clear()
        if self.suspendable or self.suspending or self.suspended:
            self.suspendable.clear()
            self.suspending.clear()
            self.suspended.clear()
