"""Policies that know everything and do anything, and worlds for them, to try whether a bound can be passed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from evo.evaluation.bounds import Bounds
from evo.evaluation.metrics import score
from evo.evaluation.times import Yardstick
from evo.metric import Metric
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.scaling import SCALINGS
from evo.simulator.states import Priority
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule, Trace
from tests.evaluation.knowing import needs

WILD = """
import random
NEEDS = {needs}
RANDOM = random.Random({seed})
SIZES = {sizes}
ORDER = {order}
PATIENCE = {patience}
TOGETHER = {together}

@register_scheduler_init(key="x")
def init(s):
    s.live = []
    s.arrived = 0

@register_scheduler(key="x")
def step(s, results, pipelines):
    for pipeline in pipelines:
        s.live.append((pipeline, NEEDS[s.arrived], RANDOM.random()))
        s.arrived += 1
    s.live = [one for one in s.live if not one[0].runtime_status().is_pipeline_successful()]
    s.live.sort(key=lambda one: {{
        "work": (sum(one[1]), one[2]), "chance": one[2], "class": (one[0].priority.value, sum(one[1])),
        "last": -one[0].runtime_status().arrival_tick, "small": (len(one[1]), one[2]),
    }}[ORDER])
    suspended = [Suspend(c.container_id, pool.pool_id) for pool in s.executor.pools for c in pool.active_containers
                 if RANDOM.random() < 0.1 and c.can_suspend_container()]
    out = []
    if RANDOM.random() < PATIENCE:
        return suspended, out
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for pipeline, needs, _ in s.live:
            places = {{op: place for place, op in enumerate(pipeline.values.node_lookup.values())}}
            states = pipeline.runtime_status()
            if TOGETHER and pool.multi_operator_containers and RANDOM.random() < TOGETHER:
                left = [op for op in dict.fromkeys(pipeline.values) if op.state().value != "completed"]
                groups = [left] if all(op.state() in ASSIGNABLE_STATES for op in left) else []
            else:
                groups = [[op] for op in dict.fromkeys(states.get_ops(ASSIGNABLE_STATES, require_parents_complete=True))]
            for ops in groups:
                if not ops or any(op.state() not in ASSIGNABLE_STATES for op in ops):
                    continue
                size = RANDOM.choice(SIZES)
                cpu = cpus if size is None else size
                need = max(needs[places[op]] for op in ops)
                if 0 < cpu <= cpus and (need <= ram or pool.allow_memory_overcommit):
                    out.append(Assignment(ops, cpu, need, pipeline.priority, pool.pool_id, pipeline.pipeline_id))
                    cpus -= cpu
                    ram -= need
    return suspended, out
"""
"""It gives what it knows to be needed, to whom it likes and with as many CPUs as it likes; None is all that are free."""


def wild(trace: Trace, random: Random, cpus: float) -> str:
    """The source of such a policy for a trace."""
    sizes = random.choice(
        ([None], [cpus], [cpus / 2], [1], [1e-6], [0.3, 1, 3], [cpus / 8, cpus / 3], [1e-6, 1, 4, None])
    )
    return WILD.format(
        needs=needs(trace, least=0.001),
        seed=random.randrange(10**9),
        sizes=sizes,
        order=repr(random.choice(("work", "chance", "class", "last", "small"))),
        patience=random.choice((0, 0, 0, 0.3)),
        together=random.choice((0, 0, 0.5, 1)),
    )


def world(random: Random) -> tuple[Parameters, Trace]:
    """A small cluster, often short of one thing or the other, and a trace for it, often all of one kind."""
    speed, duration = random.choice(
        ((10, 12), (10, 30), (5, 40), (20, 8), (1, 60), (2.5, 50), (7, 20), (100, 3))
    )
    cpus, ram = random.choice((1, 2, 4.5, 8, 64)), random.choice((8, 12, 32, 100.5))
    cluster = Parameters.complete(
        {
            "ticks_per_second": speed,
            "duration": duration,
            "num_pools": random.choice((1, 1, 1, 2, 3)),
            "cpus_per_pool": cpus,
            "ram_gb_per_pool": ram,
            "multi_operator_containers": random.random() < 0.5,
            "allow_memory_overcommit": random.random() < 0.3,
            "max_job_seconds": random.choice((0, 0, 0, 0.1, 0.3, 0.5)) * duration,
            "scheduler_algo": "x",
        }
    )
    scalings = random.choice((tuple(SCALINGS), *((name,) for name in SCALINGS), ("linear7", "const")))
    kinds = [_operators(random, cluster, scalings) for _ in range(random.choice((1, 1, 2, 4)))]
    waits = random.choice(((0,), (0, 0, 1, 3), (0, 1, 5, 20), (7,)))
    seconds = 0.0
    pipelines = []
    for number in range(random.choice((1, 2, 3, 5, 8, 20))):
        seconds += cluster.tick_length * random.choice(waits)
        spec = PipelineSpec(f"p{number}", random.choice(tuple(Priority)), random.choice(kinds))
        pipelines.append((seconds, spec))
    return cluster, Trace("wild", tuple(pipelines))


def _operators(random: Random, cluster: Parameters, scalings: Sequence[str]) -> tuple[OperatorSpec, ...]:
    length, ram = cluster.tick_length, float(cluster.ram_gb_per_pool)
    return tuple(
        OperatorSpec(
            parents=tuple(random.sample(range(place), min(place, random.choice((0, 1, 1, 2))))),
            baseline_cpu_seconds=random.choice((1, 2, 3, 4, 6, 12, 20, 50))
            * length
            * random.choice((1, 1.02, 2.3)),
            cpu_scaling=random.choice(scalings),
            memory_gb=random.choice((None, None, None, 0.0, ram * 0.1, ram * 0.3, ram * 0.51, ram * 0.9)),
            storage_read_gb=min(
                ram * random.choice((0.2, 0.5, 1)), random.choice((0, 1, 1, 2, 5, 20)) * length * 20
            ),
        )
        for place in range(random.choice((1, 1, 2, 3, 5)))
    )


def better(
    result: SimulatorStats | RunFailure, best: Bounds, schedule: Schedule, parameters: Parameters
) -> list[str]:
    """By which metrics, or in how many completions, a run is better than can be."""
    if isinstance(result, RunFailure):
        return []
    yardstick = Yardstick(schedule, parameters)
    wrong = []
    for metric in Metric:
        value, bound = score(metric, result, yardstick), best.of(metric)
        trifle = 1 + 1e-9 if metric.higher_is_better else 1 - 1e-9
        if math.isfinite(value) and metric.better(value, bound * trifle):
            wrong.append(f"{metric.value}: {value} is better than {bound}")
    if len(result.finished or ()) > best.completed:
        wrong.append(f"{len(result.finished or ())} completed of {best.completed}")
    return wrong
