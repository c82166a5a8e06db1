"""Two landscapes on which searches are compared: one program with settings at its head, and two ways to score it.

Smooth: the program is a scheduling policy, scored by its simulated latency like any other. Deceptive: the score is
computed from the settings alone. Both begin at first come, first served; lower is better on both. A setting moves on a
ladder, so that it is known what a small step is. Knows no engine and no server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

Places = dict[str, int]
"""On which rung of its ladder each setting is, from 0."""

LADDERS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "CONTAINERS": (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24),
        "CPU_TILT": (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0),
        "RAM_TILT": (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0),
        "TRIES": (1, 2, 3, 4, 6),
        "GROWTH": (1.0, 1.25, 1.5, 2.0, 3.0, 4.0),
        "CLASS_WEIGHT": (0, 1, 2, 4, 8, 16, 32),
        "WORK_WEIGHT": (0, 0.5, 1, 2, 4, 8),
        "RESERVE": (0.0, 0.05, 0.1, 0.2, 0.3),
    }
)
"""What each setting may be, from one end to the other."""

SUITE = """\
name = "benchmark"

[cluster]
num_pools = 1
cpus_per_pool = 64
ram_gb_per_pool = 500
num_operators = 5
query_prob = 0.1
interactive_prob = 0.3
batch_prob = 0.6
multi_operator_containers = false
duration = 120
ticks_per_second = 10
"""
"""The paper's cluster with smaller pipelines on a coarser clock: an evaluation takes a tenth of a second, not a whole one.

First come, first served is far from the best on it, as on `quick`, and a hill climb gets down by small steps.
"""

TRACES = (1, 2, 5)
"""Seeds of the suite's traces."""

FIFO = '''\
# EVOLVE-BLOCK-START
"""A queue with settings."""

from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.utils import Priority
from eudoxia.workload import OperatorState
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES

CONTAINERS = 1  # that a pool holds at once, if each has the same
CPU_TILT = 1.0  # a container's CPUs, over its even share
RAM_TILT = 1.0  # a container's RAM, over its even share
TRIES = 1  # of an operator, before its pipeline is given up
GROWTH = 1.5  # RAM of the next try, over the last one's
CLASS_WEIGHT = 0  # places in the queue that a class is worth
WORK_WEIGHT = 0  # places in the queue that an operator less to do is worth
RESERVE = 0.0  # share of a pool that batch pipelines leave alone

CLASSES = (Priority.QUERY, Priority.INTERACTIVE, Priority.BATCH_PIPELINE)


@register_scheduler_init(key="settings")
def init(s):
    s.waiting = []  # (number of arrival, pipeline)
    s.arrived = 0
    s.tries = {}
    s.ram = {}


@register_scheduler(key="settings")
def schedule(s, results, pipelines):
    if not results and not pipelines:
        return [], []
    for pipeline in pipelines:
        s.waiting.append((s.arrived, pipeline))
        s.arrived += 1
    for result in results:
        if result.failed():
            for op in result.ops:
                s.tries[op] = s.tries.get(op, 0) + 1
                s.ram[op] = result.ram * GROWTH
    s.waiting = [(number, pipeline) for number, pipeline in s.waiting if not is_over(s, pipeline)]
    free = {pool.pool_id: [pool.avail_cpu_pool, pool.avail_ram_pool] for pool in s.executor.pools}
    assignments = []
    for _, pipeline in sorted(s.waiting, key=place):
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            start(s, pipeline, op, free, assignments)
    return [], assignments


def place(entry):
    number, pipeline = entry
    left = len(pipeline.values) - pipeline.runtime_status().state_counts[OperatorState.COMPLETED]
    return number + CLASS_WEIGHT * CLASSES.index(pipeline.priority) + WORK_WEIGHT * left


def start(s, pipeline, op, free, assignments):
    for pool in s.executor.pools:
        kept = RESERVE if pipeline.priority == Priority.BATCH_PIPELINE else 0.0
        cpu = min(pool.max_cpu_pool / CONTAINERS * CPU_TILT, pool.max_cpu_pool * (1 - kept))
        ram = min(s.ram.get(op, pool.max_ram_pool / CONTAINERS * RAM_TILT), pool.max_ram_pool * (1 - kept))
        left = free[pool.pool_id]
        if left[0] - kept * pool.max_cpu_pool >= cpu and left[1] - kept * pool.max_ram_pool >= ram:
            left[0] -= cpu
            left[1] -= ram
            assignments.append(
                Assignment(
                    ops=[op],
                    cpu=cpu,
                    ram=ram,
                    priority=pipeline.priority,
                    pool_id=pool.pool_id,
                    pipeline_id=pipeline.pipeline_id,
                )
            )
            return


def is_over(s, pipeline):
    status = pipeline.runtime_status()
    failed = status.get_ops([OperatorState.FAILED])
    return status.is_pipeline_successful() or any(s.tries.get(op, 0) >= TRIES for op in failed)
# EVOLVE-BLOCK-END
'''
"""The program that every search begins with: one container at a time, with all there is, in order of arrival."""

BROKEN = ("return [], assignments", "return [], assignment")
"""What a slip makes of the program: a name that nobody knows."""


def suite() -> str:
    """The suite of the smooth landscape, as a TOML file."""
    return SUITE + "".join(
        f"\n[[trace]]\nseed = {seed}\nnum_pipelines = 5\nwaiting_seconds_mean = 15\n" for seed in TRACES
    )


def places(program: str) -> Places:
    """Where a program's settings are, each at the nearest rung; without those that it doesn't have."""
    found = {}
    for name, ladder in LADDERS.items():
        setting = re.search(rf"^{name} = (-?[\d.]+)", program, re.MULTILINE)
        if setting is not None:
            number = float(setting[1])
            found[name] = min(range(len(ladder)), key=lambda rung: abs(ladder[rung] - number))
    return found


def moved(program: str, settings: Places) -> str:
    """The program with these settings, and without a slip."""
    for name, rung in settings.items():
        number = LADDERS[name][rung]
        program = re.sub(rf"^{name} = -?[\d.]+", f"{name} = {number}", program, flags=re.MULTILINE)
    return re.sub(rf"{re.escape(BROKEN[1])}$", BROKEN[0], program, flags=re.MULTILINE)


def slipped(program: str) -> str:
    """The program with a slip in it, which is met when it runs."""
    return program.replace(*BROKEN)


def deceptive(program: str) -> float | None:
    """The score of a program on the deceptive landscape, 100 at first and 10 at best; None if it has a slip.

    Stairs: four settings each lead down by 5 with every second step, twice; the step between is a plateau. Two basins: the
    tilts begin at the floor of a wide one. A second one lies four steps away and is deeper by 50, but whoever goes there
    loses 5 with the first step and gains only from the second on. So climbing alone ends at 60.
    """
    settings = places(program)
    if len(settings) < len(LADDERS) or re.search(rf"{re.escape(BROKEN[1])}$", program, re.MULTILINE):
        return None
    stairs = sum(
        min(settings[name], 4) // 2 for name in ("CONTAINERS", "TRIES", "CLASS_WEIGHT", "WORK_WEIGHT")
    )
    tilts = (settings["CPU_TILT"], settings["RAM_TILT"])
    wide = 60 + 5 * sum(abs(tilt - 4) for tilt in tilts)
    deep = 10 + 20 * sum(abs(tilt - 2) for tilt in tilts)
    return 40 - 5 * stairs + min(wide, deep)
