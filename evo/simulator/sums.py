"""The built-in `sum` of CPython 3.12, on any Python.

Upstream sums memory with `sum`, which is compensated (Neumaier) since 3.12 and plain before; a run must not
depend on the Python that it runs on. Knows numbers and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from evo.simulator.messages import Number

_LARGEST_LONG = 2**63


def compensated_sum(values: Iterable[Number]) -> Number:
    """The sum of ints and floats, bit for bit as in CPython 3.12 (Python/bltinmodule.c); the int 0 if empty.

    Ints before the first float are added exactly. From then on floats are added with compensation, and ints
    plainly. An int beyond 64 bits ends the compensation, and what it had gathered is dropped.
    """
    rest = iter(values)
    total: Number = 0
    for value in rest:
        total += value
        if isinstance(total, float):
            return _float_sum(total, rest)
    return total


def _float_sum(total: float, rest: Iterable[Number]) -> float:
    correction = 0.0
    numbers = iter(rest)
    for value in numbers:
        if isinstance(value, float):
            larger, smaller = (total, value) if abs(total) >= abs(value) else (value, total)
            total += value
            correction += (larger - total) + smaller
        elif -_LARGEST_LONG <= value < _LARGEST_LONG:
            total += value
        else:
            return _plain_sum(total + value, numbers)
    return total + correction if correction and math.isfinite(correction) else total


def _plain_sum(total: float, rest: Iterable[Number]) -> float:
    for value in rest:
        total += value
    return total
