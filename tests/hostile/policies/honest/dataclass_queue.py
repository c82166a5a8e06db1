"""A queue of small records, kept in order of waiting time."""

from __future__ import annotations

from dataclasses import dataclass, field

from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.utils import Priority
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES


@dataclass(order=True)
class Job:
    rank: int
    arrived: int
    pipeline: object = field(compare=False)


@register_scheduler_init(key="dataclass-queue")
def init(s):
    s.jobs = []


@register_scheduler(key="dataclass-queue")
def schedule(s, results, pipelines):
    ranks = {Priority.QUERY: 0, Priority.INTERACTIVE: 1, Priority.BATCH_PIPELINE: 2}
    s.jobs += [Job(ranks[p.priority], s.clock.now_ticks(), p) for p in pipelines]
    s.jobs.sort()
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for job in s.jobs:
            for op in job.pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= 2 and ram >= 60:
                    out.append(Assignment([op], 2, 60, job.pipeline.priority, pool.pool_id, job.pipeline.pipeline_id))
                    cpu, ram = cpu - 2, ram - 60
    return [], out
