"""How good any policy could be on a workload: a latency below and a throughput above which none gets.

Sound before tight: what is left out (that waiting work waits) only makes the bounds looser. Computed from the
workload and the cluster alone, once for each; knows nothing of policies or runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from evo.simulator.parameters import Parameters
from evo.simulator.scaling import DISK_SCAN_GB_SEC, cpu_ticks, io_ticks
from evo.simulator.states import Priority
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule

_WEIGHTS = MappingProxyType({Priority.QUERY: 10.0, Priority.INTERACTIVE: 5.0, Priority.BATCH_PIPELINE: 1.0})
"""What a pipeline counts in the adjusted latency."""

_ROUNDING = 1e-9
"""What is free in a pool drifts by roundings as it is taken and given back, so a policy may find a trifle more."""

_NARROW = 1.01
"""Blocks of numbers of pipelines that differ by less are not split: the bound loses at most as much."""

_Array = np.ndarray[Any, np.dtype[np.float64]]


class Bounds(NamedTuple):
    """The least latency in seconds, infinite if no pipeline can be completed, and the most throughput."""

    latency: float
    throughput: float


def bounds(schedule: Schedule, parameters: Parameters) -> Bounds:
    """What no policy can better, whatever it does.

    An operator takes at least the ticks that it takes on a whole pool's CPUs, which are the fastest of every scaling
    but `log` (odd: below 1/e CPUs that one even takes time off reading, so its operators count as one tick). It may
    begin in the very tick in which its last parent ends, so a pipeline's latency is at least the longest path of
    its operators' ticks less one. What doesn't fit into the run, or not into a pool's RAM, is never completed.
    Without overcommit a container holds at least its operator's memory for all of its ticks, so what is completed
    can't hold more GB times ticks than the cluster has from the first arrival on.

    Latency: who completes k pipelines completes at best the k with the least weighted mean, and has it divided by
    k / arrived; the bound is the least over all k that are possible. Throughput counts containers that end well, and
    each of these completes an operator that nobody completed before: at most as many as there are that fit.
    """
    least = _Least(parameters)
    waits: list[float] = []
    weights: list[float] = []
    areas: list[float] = []
    pieces: list[float] = []
    last = parameters.max_ticks - 1
    for tick, specs in schedule:
        for spec in specs:
            needs = least.of_pipeline(spec)
            pieces += [area for end, area in needs if tick + end <= last]
            wait = max(end for end, _ in needs)
            if tick + wait <= last:
                waits.append(wait)
                weights.append(_WEIGHTS[spec.priority])
                areas.append(sum(area for _, area in needs))
    room = _room(schedule, parameters)
    arrived = sum(len(specs) for _, specs in schedule)
    ticks = _least_latency(_Pool(np.array(waits), np.array(weights)), _fitting(areas, room), arrived)
    duration = parameters.duration
    return Bounds(
        ticks / parameters.ticks_per_second,
        _fitting(pieces, room) / duration if duration else math.inf,
    )


class _Least:
    """The least that operators take on a cluster, computed once for each kind."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._cpus = parameters.cpus_per_pool * (1 + _ROUNDING)
        self._operators: dict[OperatorSpec, tuple[float, float]] = {}
        self._pipelines: dict[tuple[OperatorSpec, ...], list[tuple[float, float]]] = {}

    def of_pipeline(self, spec: PipelineSpec) -> list[tuple[float, float]]:
        """Per operator the ticks after arrival in which it ends at the earliest, and its GB times ticks."""
        known = self._pipelines.get(spec.operators)
        if known is not None:
            return known
        needs: list[tuple[float, float]] = []
        for operator in spec.operators:
            ticks, memory = self._of(operator)
            ready = max((needs[parent][0] for parent in operator.parents), default=0.0)
            needs.append((ready + ticks - 1, ticks * memory))
        self._pipelines[spec.operators] = needs
        return needs

    def _of(self, operator: OperatorSpec) -> tuple[float, float]:
        """(ticks, GB of memory at its peak), the ticks infinite if it can never be completed."""
        known = self._operators.get(operator)
        if known is None:
            self._operators[operator] = known = self._computed(operator)
        return known

    def _computed(self, operator: OperatorSpec) -> tuple[float, float]:
        parameters = self._parameters
        try:
            reading, total = self._ticks(operator)
        except OverflowError:  # so many ticks that upstream fails as well
            return math.inf, 0.0
        if operator.memory_gb is not None:
            memory = float(operator.memory_gb)
        else:
            grown = total * parameters.tick_length * DISK_SCAN_GB_SEC
            memory = float(operator.storage_read_gb) if total > reading else grown
        too_big = memory > parameters.ram_gb_per_pool * (1 + _ROUNDING)
        # Upstream counts no operator without ticks as completed. With overcommit a container may be of any size,
        # and one tick's work ends before anybody looks at the pool.
        if total <= 0 or (too_big and not parameters.allow_memory_overcommit):
            return math.inf, 0.0
        return float(total), memory

    def _ticks(self, operator: OperatorSpec) -> tuple[int, int]:
        """(ticks of reading, the fewest ticks in all)."""
        length = self._parameters.tick_length
        reading = io_ticks(operator.storage_read_gb, length)
        seconds = operator.baseline_cpu_seconds
        if seconds == 0:
            return reading, reading
        if operator.cpu_scaling == "log":
            # Without reading there is nothing to take time off: fewer than 1/e CPUs never complete it.
            least = 1 if reading else cpu_ticks("log", max(self._cpus, 1 / math.e + 1e-6), seconds, length)
            return reading, max(1, least)
        total = reading + cpu_ticks(operator.cpu_scaling, self._cpus, seconds, length)
        # Fewer CPUs make longer what is too short for a tick, but where they change nothing.
        return reading, total if operator.cpu_scaling == "const" else max(1, total)


def _room(schedule: Schedule, parameters: Parameters) -> float:
    """GB of RAM times ticks from the first arrival to the end of the run; endless with overcommit."""
    if parameters.allow_memory_overcommit:
        return math.inf
    ticks = parameters.max_ticks - (schedule[0][0] if schedule else 0)
    return parameters.num_pools * parameters.ram_gb_per_pool * ticks * (1 + _ROUNDING)


def _fitting(areas: list[float], room: float) -> int:
    """How many of these fit at most."""
    return int(np.searchsorted(np.cumsum(np.sort(areas)), room, side="right"))


@dataclass(frozen=True, slots=True)
class _Pool:
    """Pipelines that can be completed: the least ticks that each takes, and its weight."""

    waits: _Array
    weights: _Array

    def mean(self, count: int) -> float:
        """The least weighted mean of so many of them, by Dinkelbach's iteration: what it gives is attained."""
        mean = math.inf
        chosen = np.argsort(self.waits, kind="stable")[:count]
        while True:
            weights = self.weights[chosen]
            better = float((weights * self.waits[chosen]).sum() / weights.sum())
            if not better < mean:
                return mean
            mean = better
            gains = self.weights * (self.waits - mean)
            chosen = np.argpartition(gains, count - 1)[:count]


def _least_latency(pool: _Pool, most: int, arrived: int) -> float:
    """The least of mean(k) * arrived / k over k from 1 to `most`, in ticks, or a little less than that.

    The mean only rises with k, so for all k of a block it is at least that of the lowest, and the divisor at most
    the highest: blocks that can't hold the least are passed over, others are split.
    """
    if most == 0:
        return math.inf
    best = pool.mean(most) * arrived / most
    blocks = [(1, most)]
    while blocks:
        low, high = blocks.pop()
        bound = pool.mean(low) * arrived / high
        if bound >= best:
            continue
        if high <= low * _NARROW:
            best = bound
            continue
        middle = (low + high) // 2
        blocks += [(low, middle), (middle + 1, high)]
    return best


def earliest(schedule: Schedule, parameters: Parameters) -> _Array:
    """Seconds from its arrival until each pipeline can be completed at the earliest; infinite if it can't within the run."""
    least = _Least(parameters)
    last = parameters.max_ticks - 1
    ticks = [
        wait if tick + wait <= last else math.inf
        for tick, specs in schedule
        for wait in (max(end for end, _ in least.of_pipeline(spec)) for spec in specs)
    ]
    return np.array(ticks) / parameters.ticks_per_second
