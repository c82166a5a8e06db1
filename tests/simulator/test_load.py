"""The sum that costs nothing per container says what the containers say, and foresees when a limit is reached."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.container import Stretch
from evo.simulator.load import Load

LENGTH = 1.0 / 50


def stretch(number: int, began: int, storage: float) -> Stretch:
    """An operator that reads so many GB at 50 ticks a second."""
    return Stretch(number, began, began + int(storage / 20 / LENGTH), storage, 0.0, LENGTH)


STRETCHES = st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 60)), min_size=1, max_size=8)


@given(STRETCHES, st.integers(0, 7), st.integers(60, 200))
def test_a_load_is_the_sum_of_levels(drawn: list[tuple[int, float]], gone: int, tick: int) -> None:
    """With one of them gone, which may have been growing or not."""
    reading = [stretch(number, *one) for number, one in enumerate(drawn)]
    load = Load(LENGTH)
    for one in reading:
        load.enter(one)
    load.at(60)
    load.leave(reading.pop(gone % len(reading)))
    assert load.at(tick) == pytest.approx(sum(one.level(tick) for one in reading), abs=1e-9)
    assert load.grows == any(one.end > tick for one in reading)


@settings(max_examples=200)
@given(STRETCHES, st.floats(1, 200))
def test_a_limit_is_foreseen(drawn: list[tuple[int, float]], limit: float) -> None:
    """The tick foretold is the first one with so much, as walking through all of them finds."""
    reading = [stretch(number, began, storage) for number, (began, storage) in enumerate(drawn)]
    load = Load(LENGTH)
    for one in reading:
        load.enter(one)
    now = 60
    levels = {tick: sum(one.level(tick) for one in reading) for tick in range(now, 300)}
    if load.at(now) >= limit or any(abs(level - limit) < 1e-6 for level in levels.values()):
        return
    first = next((tick for tick, level in levels.items() if level >= limit), None)
    assert load.reaches(limit, now) == first
