"""A policy's `Behaviour` on a trace, from the engine's own record of containers; nothing is the policy's own word."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from evo.behaviour import Behaviour
from evo.simulator.audit import SUSPENDED, Ran
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.trace import PipelineSpec


class Arrived(NamedTuple):
    """The pipelines of a workload with the ticks in which they arrive, and of each operator to which of them it belongs."""

    pipelines: Sequence[tuple[int, PipelineSpec]]
    owners: Sequence[int]


def behaviour(
    ran: Sequence[Sequence[Any]],
    finished: Sequence[tuple[int, int]],
    arrived: Arrived,
    parameters: Parameters,
) -> Behaviour:
    """What the containers in `ran` amount to, each as `audit.Ran` has it; `finished` are completions as (pipeline, tick)."""
    containers = [Ran(*each) for each in ran]
    begun: dict[int, int] = {}
    cpu = ram = 0.0
    for one in containers:
        ticks = (parameters.max_ticks if one.end is None else one.end + 1) - one.start
        cpu, ram = cpu + one.cpu * ticks, ram + one.ram * ticks
        for operator in one.operators:
            begun.setdefault(arrived.owners[operator], one.start)
    ends = Counter((one.error or "", one.end is None) for one in containers)
    digest = hashlib.sha256(msgspec.msgpack.encode((sorted(ends.items()), list(finished))))
    count, whole = max(len(containers), 1), parameters.num_pools * parameters.max_ticks
    waits = [_wait(priority, arrived.pipelines, begun, parameters.max_ticks) for priority in Priority]
    return Behaviour(
        digest.hexdigest()[:16],
        _short(sum(one.error == "OOM" for one in containers) / count),
        _short(sum(one.error == SUSPENDED for one in containers) / count),
        _short(cpu / (parameters.cpus_per_pool * whole)),
        _short(ram / (parameters.ram_gb_per_pool * whole)),
        (waits[0], waits[1], waits[2]),
    )


def _wait(
    priority: Priority, pipelines: Sequence[tuple[int, PipelineSpec]], begun: dict[int, int], end: int
) -> float | None:
    """The mean wait of a class for its first container, as a share of the trace."""
    waits = [
        begun.get(number, end) - arrival
        for number, (arrival, spec) in enumerate(pipelines)
        if spec.priority is priority
    ]
    return _short(math.fsum(waits) / len(waits) / end) if waits else None


def _short(share: float) -> float:
    return float(f"{share:.2g}")
