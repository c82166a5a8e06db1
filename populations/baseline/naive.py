"""First come, first served: a pool runs one container at a time and gives it everything it has.

Simple, fair in order of arrival, and wasteful: a small job keeps a large pool to itself. Failed pipelines are not
tried again. Use it as the mark that every other policy should beat.
"""

from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.workload import OperatorState
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES


@register_scheduler_init(key="naive")
def init(s):
    s.waiting = []
    s.whole_pipelines = s.params["multi_operator_containers"]


@register_scheduler(key="naive")
def schedule(s, results, pipelines):
    if not results and not pipelines:
        return [], []
    s.waiting.extend(pipelines)
    assignments = []
    tried = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        if cpu <= 0 or ram <= 0:
            continue
        pipeline, ops = next_work(s, tried)
        if ops:
            assignments.append(
                Assignment(
                    ops=ops,
                    cpu=cpu,
                    ram=ram,
                    priority=pipeline.priority,
                    pool_id=pool.pool_id,
                    pipeline_id=pipeline.pipeline_id,
                )
            )
    s.waiting.extend(tried)
    return [], assignments


def next_work(s, tried):
    """The first waiting pipeline that has work, with that work; those looked at go to `tried`, those done with are dropped."""
    while s.waiting:
        pipeline = s.waiting.pop(0)
        if is_over(pipeline):
            continue
        tried.append(pipeline)
        ops = startable(s, pipeline)
        if ops:
            return pipeline, ops
    return None, []


def is_over(pipeline):
    status = pipeline.runtime_status()
    failed = status.state_counts[OperatorState.FAILED] > 0
    return failed or status.is_pipeline_successful() or status.has_timed_out()


def startable(s, pipeline):
    """All operators left, if a container may hold several; else the first whose parents are complete."""
    status = pipeline.runtime_status()
    if s.whole_pipelines:
        return status.get_ops(ASSIGNABLE_STATES)
    return status.get_ops(ASSIGNABLE_STATES, require_parents_complete=True)[:1]
