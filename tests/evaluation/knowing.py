"""A policy that knows what no policy may know, to see how near anybody can come to a bound."""

from __future__ import annotations

from evo.simulator.audit import Laws
from evo.simulator.engine import simulate
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import Trace

KNOWING = """
NEEDS = {needs}

@register_scheduler_init(key="x")
def init(s):
    s.live = []
    s.arrived = 0

@register_scheduler(key="x")
def step(s, results, pipelines):
    for pipeline in pipelines:
        s.live.append((pipeline, NEEDS[s.arrived]))
        s.arrived += 1
    s.live = [one for one in s.live if not one[0].runtime_status().is_pipeline_successful()]
    s.live.sort(key=lambda one: {order})
    out = []
    for pool in s.executor.pools:
        cpus, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for pipeline, needs in s.live:
            ready = pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
            places = {{op: place for place, op in enumerate(pipeline.values.node_lookup.values())}}
            for op in dict.fromkeys(ready):
                need = needs[places[op]]
                if {cpu} <= cpus and need <= ram:
                    out.append(Assignment([op], {cpu}, need, pipeline.priority, pool.pool_id, pipeline.pipeline_id))
                    cpus -= {cpu}
                    ram -= need
    return [], out
"""

ORDERS = (
    "one[0].priority.value",
    "len(one[1])",
    "sum(one[1])",
    "-one[0].runtime_status().arrival_tick",
    "one[0].runtime_status().arrival_tick",
)
"""Which pipelines such a policy serves first."""


def knowing(trace: Trace, cpu: float, order: str = ORDERS[0]) -> str:
    """A policy that gives every operator just the memory that it needs, and so many CPUs."""
    return KNOWING.format(needs=needs(trace, least=0.1), cpu=cpu, order=order)


def needs(trace: Trace, least: float) -> list[list[float]]:
    """The memory that each operator of each pipeline needs, at least so much, and a trifle."""
    return [
        [max(least, float(operator.peak_memory_gb) * (1 + 1e-9)) for operator in pipeline.operators]
        for _, pipeline in trace.pipelines
    ]


def fares(
    source: str, trace: Trace, parameters: Parameters, laws: Laws | None = None
) -> SimulatorStats | RunFailure:
    """How a policy fares on a trace."""
    schedule = trace.schedule(parameters.ticks_per_second, parameters.max_ticks)
    return simulate(Host(source, "x", work_limit=400_000), schedule, parameters, None, laws)
