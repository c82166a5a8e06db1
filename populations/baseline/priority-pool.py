"""One pool for queries and interactive pipelines, another for batch; each job gets a tenth of its pool.

Whole pipelines go into one container. A job that ran out of memory is tried again with twice as much, unless that
would be half the pool. Nothing is suspended. Use it where batch work must never stand in the way of the rest, and
the other way round. It needs exactly two pools.
"""

from eudoxia.executor.assignment import Assignment
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.utils import Priority
from eudoxia.workload import OperatorState

POOL_OF = {Priority.QUERY: 0, Priority.INTERACTIVE: 0, Priority.BATCH_PIPELINE: 1}
PARTS = 10  # a new job gets one such part of its pool
GROWTH = 2  # after a failure, so many times the former amounts
LARGEST_SHARE = 0.5  # a retry that needs this share of the pool is given up


@register_scheduler_init(key="priority-pool")
def init(s):
    assert s.executor.num_pools == 2, "Priority-by-pool scheduler requires 2 pools"
    s.queues = {priority: [] for priority in POOL_OF}


@register_scheduler(key="priority-pool")
def schedule(s, results, pipelines):
    for pipeline in pipelines:
        s.queues[pipeline.priority].append((pipeline, list(pipeline.values), None))
    for result in results:
        if result.failed():
            s.queues[result.priority].append(retry(result))
    free = {pool.pool_id: [pool.avail_cpu_pool, pool.avail_ram_pool] for pool in s.executor.pools}
    assignments = []
    for priority, queue in s.queues.items():
        pool = s.executor.pools[POOL_OF[priority]]
        start_waiting(queue, priority, pool, free[pool.pool_id], assignments)
    return [], assignments


def retry(result):
    """A job for what a failed container left undone."""
    ops = [op for op in result.ops if op.state() != OperatorState.COMPLETED]
    assert ops, "failed container has no incomplete operators"
    return ops[0].pipeline, ops, result


def start_waiting(queue, priority, pool, free, assignments):
    """Start the jobs of a queue, a list of (pipeline, operators, failed result), while the pool has something free."""
    done = []
    for job in queue:
        pipeline, ops, failed = job
        if pipeline.runtime_status().has_timed_out():
            done.append(job)
            continue
        cpu, ram = free
        if cpu == 0 or ram == 0:
            assert cpu == 0 and ram == 0, f"Avail RAM: {ram}, CPU: {cpu} invalid pool {pool.pool_id}"
            break
        done.append(job)
        size = amounts(failed, pool, free)
        if size is None:
            continue
        cpu, ram = size
        free[0] -= cpu
        free[1] -= ram
        assignments.append(
            Assignment(
                ops=ops,
                cpu=cpu,
                ram=ram,
                priority=priority,
                pool_id=pool.pool_id,
                pipeline_id=pipeline.pipeline_id,
            )
        )
    for job in done:
        queue.remove(job)


def amounts(failed, pool, free):
    """(CPUs, RAM) for a job; None gives it up. What does not fit gets all that is free."""
    if failed is None:
        cpu, ram = max(1, int(pool.max_cpu_pool / PARTS)), max(1, int(pool.max_ram_pool / PARTS))
    else:
        cpu, ram = GROWTH * failed.cpu, GROWTH * failed.ram
        if cpu / pool.max_cpu_pool >= LARGEST_SHARE or ram / pool.max_ram_pool >= LARGEST_SHARE:
            return None
    if cpu >= free[0] or ram >= free[1]:
        return free[0], free[1]
    return cpu, ram
