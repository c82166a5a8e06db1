"""How many ticks an operator takes on a number of CPUs.

Pure arithmetic, to the last bit of upstream's: which divisions are made, and in which order, decides which tick
an operator ends in. Where upstream calls a numpy scalar function, so does this file, because `math.log` and `**`
differ from them in the last bit. Knows neither containers nor memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from evo.simulator.messages import Number

DISK_SCAN_GB_SEC = 20
"""How fast storage is read, in GB per second (eudoxia/utils/consts.py)."""


def _const(_cpus: Number, baseline: Number) -> Number:
    return baseline


def _linear3(cpus: Number, baseline: Number) -> Number:
    return baseline / cpus if cpus < 3 else baseline / 3


def _linear7(cpus: Number, baseline: Number) -> Number:
    return baseline / cpus if cpus < 7 else baseline / 7


def _sqrt(cpus: Number, baseline: Number) -> Number:
    return _quotient(baseline, np.sqrt(cpus))


def _log(cpus: Number, baseline: Number) -> Number:
    return _quotient(baseline, np.log(cpus) + 1)


def _squared(cpus: Number, baseline: Number) -> Number:
    return _quotient(baseline, np.power(cpus, 2))


def _exp(cpus: Number, baseline: Number) -> Number:
    return _quotient(baseline, np.power(2, cpus)) if cpus < 4 else baseline / 16


def _quotient(baseline: Number, factor: np.number) -> float:
    """`baseline / factor` as numpy divides: by zero it is infinite (log at 1/e CPUs), never an exception."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return float(baseline / factor)


SCALINGS: Mapping[str, Callable[[Number, Number], Number]] = MappingProxyType(
    {
        "const": _const,
        "log": _log,
        "sqrt": _sqrt,
        "linear3": _linear3,
        "linear7": _linear7,
        "squared": _squared,
        "exp": _exp,
    }
)
"""CPU seconds as a function of (CPUs, seconds on one CPU), by upstream's names (eudoxia/workload/pipeline.py).

`log` is negative below 1/e CPUs and infinite or huge near it.
"""


def io_ticks(storage_gb: Number, tick_length: float) -> int:
    """Whole ticks of the I/O phase; `tick_length` in seconds (the quotient 1.0 / ticks per second)."""
    return int(storage_gb / DISK_SCAN_GB_SEC / tick_length)


def cpu_ticks(scaling: str, cpus: Number, baseline: Number, tick_length: float) -> int:
    """Whole ticks of the CPU phase, negative where `log` is; `baseline` in seconds on one CPU.

    Raises OverflowError where the scaling is infinite, or ValueError where that makes NaN of a baseline of 0, as
    upstream does.
    """
    return int(SCALINGS[scaling](cpus, baseline) / tick_length)
