"""Every operator gets one CPU and may use a pool's whole memory, however much of it is in use already.

Only CPUs are counted, so memory is promised many times over and the platform kills the greediest container when it
runs out; a pipeline is given up after its third failure. Use it with `allow_memory_overcommit`, for operators that
rarely need much memory at the same time. Without overcommit its second container in a pool ends the run.
"""

from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES

CPUS_EACH = 1
MOST_FAILURES = 3


@register_scheduler_init(key="overbook")
def init(s):
    s.queue = []
    s.failures = {}  # by pipeline


@register_scheduler(key="overbook")
def schedule(s, results, pipelines):
    if not results and not pipelines:
        return [], []
    queue_ready(s, results, pipelines)
    return [], start_waiting(s)


def queue_ready(s, results, pipelines):
    """Queue the ready operators of the pipelines that arrived or had a container end."""
    changed = {p.pipeline_id: p for p in pipelines}
    for result in results:
        [op] = result.ops
        name = op.pipeline.pipeline_id
        changed[name] = op.pipeline
        if result.failed():
            s.failures[name] = s.failures.get(name, 0) + 1
    queued = set(s.queue)
    for pipeline in changed.values():
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            if op not in queued:
                s.queue.append(op)


def start_waiting(s):
    """Assign queued operators in order until no pool has a CPU left."""
    free = {pool.pool_id: pool.avail_cpu_pool for pool in s.executor.pools}
    assignments = []
    for place, op in enumerate(s.queue):
        pipeline = op.pipeline
        if s.failures.get(pipeline.pipeline_id, 0) >= MOST_FAILURES or pipeline.runtime_status().has_timed_out():
            continue
        assert op.state() in ASSIGNABLE_STATES, (
            f"op {op.id} of pipeline {pipeline.pipeline_id} was in queue, but has non-assignable state, {op.state()}"
        )
        pool_id = next((number for number, cpus in free.items() if cpus >= CPUS_EACH), None)
        if pool_id is None:
            s.queue = s.queue[place:]
            return assignments
        free[pool_id] -= CPUS_EACH
        assignments.append(
            Assignment(
                ops=[op],
                cpu=CPUS_EACH,
                ram=s.executor.pools[pool_id].max_ram_pool,
                priority=pipeline.priority,
                pool_id=pool_id,
                pipeline_id=pipeline.pipeline_id,
            )
        )
    s.queue = []
    return assignments
