"""Ticks of work, bit for bit as recorded from upstream."""

from __future__ import annotations

import math

import pytest

from evo.simulator.messages import Number
from evo.simulator.scaling import SCALINGS, cpu_ticks, io_ticks

CPU: list[tuple[str, Number, Number, float, int, float]] = [
    ("log", 4, 10, 0.001, 4190, 4.190597841964052),
    ("log", 0.3, 1, 0.1, -49, -4.902614362265966),
    ("log", 2.5, 7.3, 1 / 3, 11, 3.8094428358793517),
    ("sqrt", 2, 15, 0.001, 10606, 10.606601717798211),
    ("sqrt", 0.5, 3, 0.1, 42, 4.242640687119285),
    ("squared", 0.7, 4.9, 0.1, 100, 10.000000000000002),
    ("squared", 3, 10, 0.001, 1111, 1.1111111111111112),
    ("exp", 3, 10, 0.001, 1250, 1.25),
    ("exp", 0.1, 10, 0.001, 9330, 9.330329915368074),
    ("exp", 4, 10, 0.001, 625, 0.625),
    ("exp", 3.99, 1, 0.001, 62, 0.06293472187854492),
    ("linear3", 2, 0.3, 0.1, 1, 0.15),
    ("linear3", 9, 0.3, 0.1, 0, 0.09999999999999999),
    ("linear7", 6.5, 100, 1 / 7, 107, 15.384615384615385),
    ("linear7", 8, 100, 1 / 7, 100, 14.285714285714286),
    ("const", 1, 0.3, 0.1, 2, 0.3),
    ("const", 64, 0.7, 0.001, 699, 0.7),
]
"""(scaling, CPUs, seconds on one CPU, tick length, ticks, seconds), as Eudoxia computes them."""


@pytest.mark.parametrize(("scaling", "cpus", "baseline", "tick_length", "ticks", "seconds"), CPU)
def test_cpu_work_takes_the_recorded_ticks(
    scaling: str, cpus: Number, baseline: Number, tick_length: float, ticks: int, seconds: float
) -> None:
    """Seconds agree to the last bit, and so does the tick in which the work ends."""
    assert SCALINGS[scaling](cpus, baseline) == seconds
    assert cpu_ticks(scaling, cpus, baseline, tick_length) == ticks


@pytest.mark.parametrize(
    ("storage", "tick_length", "ticks"),
    [
        (55, 0.001, 2750),
        (35, 1 / 7, 12),
        (6, 0.1, 2),
        (6.0, 0.1, 2),
        (2.2, 1 / 30, 3),
        (1.9, 0.1, 0),
        (0, 0.1, 0),
    ],
)
def test_reading_takes_the_recorded_ticks(storage: Number, tick_length: float, ticks: int) -> None:
    """6 GB are 0.3 seconds, and 0.3 / 0.1 is just below 3: two ticks, not three."""
    assert io_ticks(storage, tick_length) == ticks


def test_log_at_the_pole_fails_as_upstream_does() -> None:
    """At 1/e CPUs the logarithm's divisor is zero: no number of ticks, and no warning either."""
    with pytest.raises(OverflowError):
        cpu_ticks("log", 1 / math.e, 1.0, 0.1)
    with pytest.raises(ValueError, match="NaN"):
        cpu_ticks("log", 1 / math.e, 0.0, 0.1)
