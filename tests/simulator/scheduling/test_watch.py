"""The notes that a host takes while a policy runs."""

from __future__ import annotations

import pytest

from evo.simulator.messages import Memory
from evo.simulator.scheduling.watch import SimClock, Watch


def test_a_call_is_still_until_something_is_touched() -> None:
    """One touch spoils one call, and the next one begins anew."""
    watch = Watch()
    watch.begin(0)
    assert watch.still
    watch.touch()
    watch.touch()
    assert not watch.still
    watch.begin(1)
    assert watch.still


def test_memory_is_asked_for_once_a_tick() -> None:
    """All readings in one call come from one question, which counts as reading what moves with time."""
    asked = []

    def probe(tick: int) -> Memory:
        asked.append(tick)
        return Memory((1.5, tick), ((3, 0.25),))

    watch = Watch()
    assert watch.consumed(0) == 0.0
    assert watch.still
    watch.connect(probe)
    watch.begin(4)
    assert (watch.consumed(0), watch.consumed(1), watch.held(3), watch.held(9)) == (1.5, 4, 0.25, 0.0)
    assert asked == [4]
    assert not watch.still
    watch.begin(5)
    assert watch.consumed(1) == 5
    assert asked == [4, 5]


def test_a_failing_question_is_remembered() -> None:
    """A broken connection is not the policy's fault, so it is kept even if the policy swallows the exception."""

    def probe(tick: int) -> Memory:
        raise ConnectionError("gone")

    watch = Watch()
    watch.connect(probe)
    with pytest.raises(ConnectionError):
        watch.consumed(0)
    assert isinstance(watch.broken, ConnectionError)


def test_reading_the_clock_is_a_touch() -> None:
    """Whoever knows the time must be called in every tick."""
    watch = Watch()
    clock = SimClock(watch, 4)
    assert (clock.now_ticks(), clock.now_seconds()) == (-1, -0.25)
    assert not watch.still
    watch.begin(6)
    assert clock.ticks_per_second == 4
    assert watch.still
    assert (clock.now_ticks(), clock.now_seconds()) == (6, 1.5)
