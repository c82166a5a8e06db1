"""The sum that costs nothing per container says what the containers say, and foresees when a limit is reached."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.container import Stretch
from evo.simulator.load import Load

LENGTH = 1.0 / 50
RAM = 64


def stretch(number: int, began: int, storage: float) -> Stretch:
    """An operator that reads so many GB at 50 ticks a second."""
    return Stretch(number, began, began + int(storage / 20 / LENGTH), storage, 0.0, LENGTH)


def loaded(reading: list[Stretch]) -> Load:
    """A load of all of them."""
    load = Load(LENGTH)
    for one in reading:
        load.enter(one, RAM)
    return load


STRETCHES = st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 60)), min_size=1, max_size=8)


@given(STRETCHES, st.integers(0, 7), st.integers(60, 200))
def test_a_load_is_the_sum_of_levels(drawn: list[tuple[int, float]], gone: int, tick: int) -> None:
    """With one of them gone, which may have been growing or not."""
    reading = [stretch(number, *one) for number, one in enumerate(sorted(drawn), 1)]
    load = loaded(reading)
    load.at(60)
    load.leave(reading.pop(gone % len(reading)), RAM)
    assert load.at(tick) == pytest.approx(sum(one.level(tick) for one in reading), abs=1e-9)
    assert load.grows == any(one.end > tick for one in reading)


@settings(max_examples=200)
@given(STRETCHES, st.floats(1, 200))
def test_a_limit_is_foreseen(drawn: list[tuple[int, float]], limit: float) -> None:
    """The tick foretold is the first one with so much, as walking through all of them finds."""
    reading = [stretch(number, *one) for number, one in enumerate(sorted(drawn), 1)]
    load = loaded(reading)
    now = 60
    levels = {tick: sum(one.level(tick) for one in reading) for tick in range(now, 300)}
    if load.at(now) >= limit or any(abs(level - limit) < 1e-6 for level in levels.values()):
        return
    first = next((tick for tick, level in levels.items() if level >= limit), math.inf)
    assert load.reaches(limit, now) == first


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.floats(0.5, 60), st.sampled_from((1, 2, 8.0, 64))), max_size=8),
    st.data(),
)
def test_the_heaviest_is_the_one_that_a_look_at_all_of_them_finds(
    drawn: list[tuple[int, float, float]], data: st.DataObject
) -> None:
    """The first of those with the most memory and the largest share of their RAM in use, among those that still count."""
    load = Load(LENGTH)
    reading = [
        (stretch(number, began, storage), ram)
        for number, (began, storage, ram) in enumerate(sorted(drawn), 1)
    ]
    for one, ram in reading:
        load.enter(one, ram)
    load.at(tick := data.draw(st.integers(60, 200)))
    among = data.draw(st.sets(st.integers(1, 8)))
    weights = {
        one.number: one.level(tick) * (one.level(tick) / ram) for one, ram in reading if one.number in among
    }
    assert load.heaviest(tick, among) == max(weights, key=lambda number: weights[number], default=None)
