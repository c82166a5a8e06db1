"""A suite that takes milliseconds, and policies for it."""

from __future__ import annotations

import hashlib
from textwrap import indent

from evo.evaluation.suites import Suite, generated
from evo.population import Policy
from evo.simulator.parameters import Parameters

CLUSTER = {
    "duration": 40,
    "ticks_per_second": 10,
    "num_pools": 1,
    "multi_operator_containers": False,
}


def suite(seeds: tuple[int, ...] = (1, 2, 3)) -> Suite:
    """One trace per seed, called a, b, c and so on."""
    traces = []
    for name, seed in zip("abcdefgh", seeds, strict=False):
        workload = {"random_seed": seed, "num_pipelines": 3, "waiting_seconds_mean": 8.0, "num_operators": 3}
        traces.append(generated(CLUSTER, workload, name, name))
    return Suite("small", Parameters.complete(CLUSTER), tuple(traces))


def source(first: str = "pass", cpu: int = 8, memory: str = "") -> str:
    """A first-come-first-served policy with so many CPUs per container that begins each call with `first`.

    `memory` is what it does in its initialisation, to remember more than its queue.
    """
    return f"""\
@register_scheduler_init(key="small")
def init(s):
    s.queue = []
{indent(memory, "    ")}
@register_scheduler(key="small")
def step(s, results, pipelines):
{indent(first, "    ")}
    s.queue.extend(pipelines)
    pool = s.executor.pools[0]
    orders = []
    free = pool.avail_cpu_pool
    ram = pool.avail_ram_pool
    for pipeline in s.queue:
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            if free >= {cpu} and ram >= 60:
                orders.append(Assignment([op], {cpu}, 60, pipeline.priority, 0, pipeline.pipeline_id))
                free -= {cpu}
                ram -= 60
    return [], orders
"""


def policy(first: str = "pass", cpu: int = 8) -> Policy:
    """Such a policy as nobody has looked at it, so that it may do what is forbidden."""
    text = f"import os\n\n\n{source(first, cpu)}"
    return Policy(text, hashlib.sha256(text.encode()).hexdigest(), "small")
