"""Sums made in leaps are, to the last bit, those made one addition after the other."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.container import Stretch
from evo.simulator.leaps import grown, walked

RATES = st.sampled_from((1, 2.5, 7, 10, 100, 128, 1000, 1024, 10_000))


@st.composite
def stretches(draw: st.DrawFn) -> tuple[list[Stretch], int]:
    """Operators that read at some time, as many as a pool may hold, and a tick at which all of them may be over."""
    per_second = draw(RATES)
    tick_length = 1.0 / per_second
    count = draw(st.integers(1, 12))
    made = []
    for number in range(count):
        began = draw(st.integers(1, int(2 * per_second) + 2))
        storage = draw(st.one_of(st.sampled_from((35, 55, 55.0, 6.0)), st.floats(0.01, 60)))
        reading = int(storage / 20 / tick_length)
        if reading == 0:
            continue
        made.append(Stretch(number, began, began + reading, storage, 0.0, tick_length))
    last = max((stretch.end for stretch in made), default=1)
    return made, draw(st.integers(1, last + 1))


@settings(max_examples=150)
@given(stretches(), st.one_of(st.floats(0, 600), st.integers(0, 600).map(float), st.just(1e-12)))
def test_leaps_land_where_steps_do(case: tuple[list[Stretch], int], total: float) -> None:
    """Whatever is read by whom, and wherever the sum begins."""
    reading, until = case
    until = min(until, 30_000 // max(1, len(reading)))
    assert grown(total, reading, 0, until).hex() == walked(total, reading, 0, until).hex()


@settings(max_examples=60)
@given(stretches(), st.floats(1, 400), st.lists(st.integers(1, 4000), min_size=1, max_size=4))
def test_leaps_may_be_cut_anywhere(case: tuple[list[Stretch], int], total: float, cuts: list[int]) -> None:
    """One leap or several in a row: the roundings are the same."""
    reading, until = case
    whole = grown(total, reading, 0, until)
    for start, end in pairwise(sorted({0, until, *(cut % until for cut in cuts)})):
        total = grown(total, reading, start, end)
    assert total.hex() == whole.hex()


def test_a_leap_passes_powers_of_two_and_tables() -> None:
    """From 0 to over 1000 GB, with steps far beyond one table: ten thousand ticks a second for ten seconds."""
    tick_length = 1.0 / 10_000
    reading = [Stretch(n, 1 + 700 * n, 1 + 700 * n + 100_000, 200.0, 0.0, tick_length) for n in range(5)]
    assert grown(0.0, reading, 0, 104_000).hex() == walked(0.0, reading, 0, 104_000).hex()
    assert grown(0.0, reading, 0, 104_000) > 999


def test_ties_go_to_the_even_neighbour() -> None:
    """The one thing that a closed form would miss: halves of the last place, which depend on the sum before."""
    stretch = Stretch(1, 1, 2001, 40.0, 0.0, 1.0 / 1000)
    for total in (256.0, 256.0 + 2**-44, 300.1, 511.9):
        assert grown(total, [stretch] * 3, 0, 2000).hex() == walked(total, [stretch] * 3, 0, 2000).hex()
