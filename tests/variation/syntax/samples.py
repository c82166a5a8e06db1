"""Parents for the tests of variation: the stock policies, and small ones in the styles that models use."""

from __future__ import annotations

from pathlib import Path

from evo.policy import parse
from evo.population import Failure, FailureKind, Individual, Lineage

STOCK = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[3] / "populations" / "baseline").glob("*.py"))
}

DRAIN = '''\
# A queue that is drained from its head.
@register_scheduler_init(key="drain")
def init(s):
    s.waiting = []  # pipelines
    s.share = 0.25


@register_scheduler(key="drain")
def schedule(s, results, pipelines):
    """Start the first pipelines while they fit."""
    for p in pipelines:
        s.waiting.append(p)
    out = []
    ram = s.executor.pools[0].avail_ram_pool
    while s.waiting:
        pipeline = s.waiting.pop(0)
        ops = pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)[:1]
        need = s.executor.pools[0].max_ram_pool * s.share
        if not ops or need > ram:
            continue
        ram -= need
        out.append(Assignment(ops=ops, cpu=2, ram=need, priority=pipeline.priority, pool_id=0,
                              pipeline_id=pipeline.pipeline_id))  # é
    return [], out
'''

JOBS = """\
from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES

PARTS = 8


@register_scheduler_init("jobs")
def init(s):
    s.urgent = []
    s.others = []


def fits(job, pool, ram):
    # Memory only.
    return job["ram"] <= ram and pool.avail_cpu_pool > 0


@register_scheduler("jobs")
def schedule(s, results, pipelines):
    for pipeline in pipelines:
        queue = s.urgent if pipeline.priority.value < 3 else s.others
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES):
            queue.append({"pipeline": pipeline, "ops": [op], "ram": 500 / PARTS})
    out = []
    for pool in s.executor.pools:
        ram = pool.avail_ram_pool
        for queue in (s.urgent, s.others):
            for job in list(queue):
                if not fits(job, pool, ram):
                    break
                queue.remove(job)
                ram -= job["ram"]
                out.append(
                    Assignment(job["ops"], 1, job["ram"], job["pipeline"].priority, pool.pool_id, "any")
                )
    return [], out
"""

SOURCES = {**STOCK, "drain": DRAIN, "jobs": JOBS}


def parent(source: str, number: int = 0) -> Individual:
    """An individual with that source; variation never looks at its outcome."""
    return Individual(
        number, 0, parse(source), Lineage("initial"), Failure(FailureKind.UNSCORED, "never run")
    )
