"""The built-in `sum` of CPython 3.12, on any Python.

Upstream sums memory with `sum`, which is compensated (Neumaier) since 3.12 and plain before; a run must not
depend on the Python that it runs on. Knows numbers and nothing else.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Iterator

from evo.simulator.messages import Number

_LONG = 2**63


def neumaier_sum(values: Iterable[Number]) -> Number:
    """The sum of ints and floats, bit for bit as in CPython 3.12 (Python/bltinmodule.c); the int 0 if empty.

    Ints before the first float are added exactly. From then on floats are added with compensation, and ints
    plainly. Once an int beyond 64 bits is met or reached, the rest is added plainly.
    """
    rest = iter(values)
    total: Number = 0
    for value in rest:
        total += value
        if isinstance(total, float):
            return _float_sum(total, rest)
        if not (-_LONG <= value < _LONG and -_LONG <= total < _LONG):
            return _plain_sum(total, rest)
    return total


def _float_sum(total: float, rest: Iterator[Number]) -> float:
    correction = 0.0
    for value in rest:
        if isinstance(value, float):
            larger, smaller = (total, value) if abs(total) >= abs(value) else (value, total)
            total += value
            correction += (larger - total) + smaller
        elif -_LONG <= value < _LONG:
            total += value
        else:
            return float(_plain_sum(_corrected(total, correction) + value, rest))
    return _corrected(total, correction)


def _corrected(total: float, correction: float) -> float:
    return total + correction if correction and math.isfinite(correction) else total


def _plain_sum(total: Number, rest: Iterator[Number]) -> Number:
    for value in rest:
        total += value
    return total


compensated_sum: Callable[[Iterable[Number]], Number] = sum if sys.version_info >= (3, 12) else neumaier_sum
"""`neumaier_sum`, or the built-in where that is it."""
