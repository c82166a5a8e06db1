"""The least that an operator takes on a cluster: ticks, and area of CPUs and memory, whatever it is given.

A container may have any positive number of CPUs up to a whole pool's; the floor of `evaluation.floor` is not assumed.
Everything follows from the rules of `simulator.container` and `simulator.scaling`. Knows no pipelines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from evo.simulator.parameters import Parameters
from evo.simulator.scaling import DISK_SCAN_GB_SEC, cpu_ticks, io_ticks
from evo.simulator.trace import OperatorSpec

MIXES = (0.0, 0.5, 1.0)
"""Shares of the CPUs in a mixed area; the rest is memory's. Each mix is a bound of its own, and the best one counts."""

ROUNDING = 1e-9
"""What is free in a pool drifts by roundings as it is taken and given back, so a policy may find a trifle more."""

_EXACT = 128
_NARROW = 1.005
"""Up to so many ticks each number is looked at, then only ranges whose ends differ by this factor."""

Array = np.ndarray[Any, np.dtype[np.float64]]

_INVERSES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "sqrt": np.square,
        "squared": np.sqrt,
        "exp": lambda speed: np.log2(np.maximum(speed, 1)),
        "log": lambda speed: np.exp(np.minimum(speed, 700) - 1),
    }
)
"""CPUs by how many times as fast as on one CPU they are, where that isn't the same number."""


class Operators:
    """The least ticks and areas of operators on one cluster, computed once for each kind.

    The mixed area of an operator that holds c CPUs and r GB for n ticks is n * (mix * c / C + (1 - mix) * r / R) with C
    and R a pool's. In no tick do all containers of a pool together hold more than 1 of that.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._cpus = parameters.cpus_per_pool * (1 + ROUNDING)
        self._ram = parameters.ram_gb_per_pool * (1 + ROUNDING)
        self._rate = parameters.tick_length * DISK_SCAN_GB_SEC
        self._known: dict[OperatorSpec, float] = {}
        self._firsts, self._lasts = _ranges(max(1, parameters.max_ticks))

    def ticks(self, operator: OperatorSpec) -> float:
        """The fewest ticks in which it can be completed; infinite if it never can.

        They are those on a whole pool's CPUs, which are the fastest of every scaling but `log` (odd: below 1/e CPUs
        that one even takes time off reading, so that such operators count as one tick).
        """
        known = self._known.get(operator)
        if known is None:
            self._known[operator] = known = self._fewest(operator)
        return known

    def areas(self, operator: OperatorSpec, limits: Array) -> Array:
        """The least mixed areas if it may take up to each of the limits in ticks: a row for each mix.

        To take n ticks an operator needs the more CPUs the fewer they are, and memory for all of them. So on a range of
        numbers of ticks the area is at least that of the fewest ticks on the CPUs that the most ticks need.
        """
        fewest = self.ticks(operator)
        if not math.isfinite(fewest):
            return np.full((len(MIXES), len(limits)), math.inf)
        inside = self._lasts >= fewest
        firsts, lasts = np.maximum(self._firsts[inside], fewest), self._lasts[inside]
        cpu = firsts * np.minimum(self._cpus_for(operator, lasts), self._cpus) / self._cpus
        memory = self._memory_area(operator, firsts) / self._ram
        places = np.searchsorted(firsts, limits, side="right")
        rows = [np.minimum.accumulate(mix * cpu + (1 - mix) * memory) for mix in MIXES]
        return np.array([np.concatenate([[math.inf], row])[places] for row in rows]) * (1 - ROUNDING)

    def _fewest(self, operator: OperatorSpec) -> float:
        try:
            total = self._least_total(operator)
        except OverflowError:  # so many ticks that upstream fails as well
            return math.inf
        # Upstream counts no operator without ticks as completed.
        return math.inf if total <= 0 or self._too_big(operator, total) else float(total)

    def _least_total(self, operator: OperatorSpec) -> int:
        length = self._parameters.tick_length
        reading = io_ticks(operator.storage_read_gb, length)
        seconds = operator.baseline_cpu_seconds
        if seconds == 0:
            return reading
        if operator.cpu_scaling == "log":
            # Without reading there is nothing to take time off: fewer than 1/e CPUs never complete it.
            return (
                1
                if reading
                else max(1, cpu_ticks("log", max(self._cpus, 1 / math.e + 1e-6), seconds, length))
            )
        total = reading + cpu_ticks(operator.cpu_scaling, self._cpus, seconds, length)
        # Fewer CPUs make longer what is too short for a tick, but where they change nothing.
        return total if operator.cpu_scaling == "const" else max(1, total)

    def _too_big(self, operator: OperatorSpec, ticks: int) -> bool:
        """Whether a pool can't hold its memory; with overcommit the last tick's work ends before anybody looks."""
        seen = ticks - self._parameters.allow_memory_overcommit
        return seen > 0 and float(self._peak(operator, np.array([float(seen)]), ticks)[0]) > self._ram

    def _peak(self, operator: OperatorSpec, ticks: Array, total: int) -> Array:
        """The most memory in so many first ticks, in GB, of an operator that takes `total`."""
        if operator.memory_gb is not None:
            return np.full(len(ticks), float(operator.memory_gb))
        reading = io_ticks(operator.storage_read_gb, self._parameters.tick_length)
        top = operator.storage_read_gb if total > reading else math.inf
        return np.where(ticks > reading, top, ticks * self._rate)

    def _memory_area(self, operator: OperatorSpec, ticks: Array) -> Array:
        """GB times ticks that must be had at least, by the ticks that it takes.

        A container without as much RAM as its operator's peak is killed; with overcommit its RAM is not held against the
        pool's, but what it consumes is, after every tick but its last.
        """
        reading = io_ticks(operator.storage_read_gb, self._parameters.tick_length)
        if not self._parameters.allow_memory_overcommit:
            if operator.memory_gb is not None:
                return ticks * float(operator.memory_gb)
            peaks: Array = np.where(ticks > reading, float(operator.storage_read_gb), ticks * self._rate)
            return ticks * peaks
        seen = ticks - 1
        if operator.memory_gb is not None:
            return seen * float(operator.memory_gb)
        grown = np.minimum(seen, reading)
        area: Array = grown * (grown + 1) / 2 * self._rate + (seen - grown) * float(operator.storage_read_gb)
        return area

    def _cpus_for(self, operator: OperatorSpec, ticks: Array) -> Array:
        """The CPUs below which it takes more than so many ticks: int(baseline / speed) is at most k below k + 1."""
        length = self._parameters.tick_length
        reading = io_ticks(operator.storage_read_gb, length)
        seconds = operator.baseline_cpu_seconds
        if seconds == 0 or operator.cpu_scaling == "const" or (operator.cpu_scaling == "log" and reading):
            return np.zeros(len(ticks))
        speed: Array = seconds / length / np.maximum(ticks - reading + 1, 1) * (1 - ROUNDING)
        inverse = _INVERSES.get(operator.cpu_scaling)
        return speed if inverse is None else inverse(speed)


def _ranges(most: int) -> tuple[Array, Array]:
    """Numbers of ticks from 1 to `most` in ranges: the first and the last of each."""
    firsts = np.arange(1, min(most, _EXACT) + 1, dtype=np.float64)
    if most > _EXACT:
        steps = math.ceil(math.log(most / _EXACT) / math.log(_NARROW)) + 1
        wide = np.unique(np.floor(_EXACT * _NARROW ** np.arange(1, steps)))
        firsts = np.concatenate([firsts, wide[(wide > _EXACT) & (wide <= most)]])
    return firsts, np.append(firsts[1:] - 1, float(most))
