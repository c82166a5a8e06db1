"""Queries first, then interactive pipelines, then batch; each job gets a tenth of a pool.

Work goes to the pool with most free RAM. A job that ran out of memory is tried again with twice as much, but is
given up for good when that does not fit at once or would be half a pool. Waiting queries suspend the containers of
others. A good all-round policy for mixed loads; under steady high load it starves the lower classes.
"""

from eudoxia.executor.assignment import Assignment, Suspend
from eudoxia.scheduler.decorators import register_scheduler, register_scheduler_init
from eudoxia.utils import Priority
from eudoxia.workload import OperatorState
from eudoxia.workload.runtime_status import ASSIGNABLE_STATES

CLASSES = [Priority.QUERY, Priority.INTERACTIVE, Priority.BATCH_PIPELINE]
PARTS = 10  # a new job gets one such part of a pool
GROWTH = 2  # after a failure, so many times the former amounts
LARGEST_SHARE = 0.5  # a retry that needs this share of a pool is given up


class Job:
    """Operators of one pipeline that go into a container together; `last` is the result of a former try."""

    def __init__(self, pipeline, ops, priority, last_cpu=None, last_ram=None, failed=False):
        self.pipeline = pipeline
        self.ops = ops
        self.priority = priority
        self.last_cpu = last_cpu
        self.last_ram = last_ram
        self.failed = failed


@register_scheduler_init(key="priority")
def init(s):
    s.whole_pipelines = s.params["multi_operator_containers"]
    s.queues = {priority: [] for priority in CLASSES}
    s.suspended = {}  # jobs of containers on their way out, by container


@register_scheduler(key="priority")
def schedule(s, results, pipelines):
    if results or pipelines:
        queue_changed(s, results, pipelines)
    queue_suspended(s)
    free = [[pool.avail_cpu_pool, pool.avail_ram_pool] for pool in s.executor.pools]
    assignments = []
    for priority in CLASSES:
        start_waiting(s, s.queues[priority], free, assignments)
    return make_room(s), assignments


def queue_changed(s, results, pipelines):
    """Queue what became ready in the pipelines that arrived or had a container end."""
    changed = {p.pipeline_id: p for p in pipelines}
    former = {}
    for result in results:
        for op in result.ops:
            changed[op.pipeline.pipeline_id] = op.pipeline
            if result.failed() and op.state() != OperatorState.COMPLETED:
                former[op] = result
    queued = {op for queue in s.queues.values() for job in queue for op in job.ops}
    for pipeline in changed.values():
        ready = pipeline.runtime_status().get_ops(
            ASSIGNABLE_STATES, require_parents_complete=not s.whole_pipelines
        )
        ops = [op for op in ready if op not in queued]
        if s.whole_pipelines:
            groups = [ops] if ops else []
        else:
            groups = [[op] for op in ops]
        for group in groups:
            s.queues[pipeline.priority].append(new_job(pipeline, group, former.get(group[0])))


def new_job(pipeline, ops, result):
    if result is None:
        return Job(pipeline, ops, pipeline.priority)
    return Job(pipeline, ops, pipeline.priority, result.cpu, result.ram, failed=True)


def queue_suspended(s):
    """Remember the work of containers being suspended, and queue it when that is over."""
    for pool in s.executor.pools:
        for container in pool.suspending_containers:
            if container.container_id not in s.suspended:
                s.suspended[container.container_id] = job_of(container)
    if not s.suspended:
        return
    for pool in s.executor.pools:
        for container in pool.suspended_containers:
            if container.container_id in s.suspended:
                job = s.suspended.pop(container.container_id)
                s.queues[job.priority].append(job)


def job_of(container):
    ops = [op for op in container.operators if op.state() != OperatorState.COMPLETED]
    assert ops, "suspending container has no incomplete operators"
    given = container.assignment
    return Job(ops[0].pipeline, ops, container.priority, given.cpu, given.ram)


def start_waiting(s, queue, free, assignments):
    """Start the jobs of a queue in order while any pool has something free."""
    done = []
    for job in queue:
        if job.pipeline.runtime_status().has_timed_out():
            done.append(job)
            continue
        pool_id = roomiest(free)
        if pool_id is None:
            break
        done.append(job)
        size = amounts(job, s.executor.pools[pool_id], free[pool_id])
        if size is None:
            continue
        cpu, ram = size
        free[pool_id][0] -= cpu
        free[pool_id][1] -= ram
        assignments.append(
            Assignment(
                ops=job.ops,
                cpu=cpu,
                ram=ram,
                priority=job.priority,
                pool_id=pool_id,
                pipeline_id=job.pipeline.pipeline_id,
            )
        )
    for job in done:
        queue.remove(job)


def roomiest(free):
    """The pool with most free RAM among those with a free CPU."""
    best, most = None, 0
    for pool_id, (cpu, ram) in enumerate(free):
        if cpu > 0 and ram > most:
            best, most = pool_id, ram
    return best


def amounts(job, pool, free):
    """(CPUs, RAM) for a job; None gives it up."""
    free_cpu, free_ram = free
    if job.failed:
        cpu, ram = GROWTH * job.last_cpu, GROWTH * job.last_ram
        if cpu > free_cpu or ram > free_ram:
            return None
        if cpu / pool.max_cpu_pool >= LARGEST_SHARE or ram / pool.max_ram_pool >= LARGEST_SHARE:
            return None
        return cpu, ram
    if job.last_cpu is not None and job.last_cpu < free_cpu and job.last_ram < free_ram:
        return job.last_cpu, job.last_ram
    cpu, ram = max(1, int(pool.max_cpu_pool / PARTS)), max(1, int(pool.max_ram_pool / PARTS))
    if cpu >= free_cpu or ram >= free_ram:
        return free_cpu, free_ram
    return cpu, ram


def make_room(s):
    """For each waiting query, suspend a container of another class that can be suspended now, from each pool in turn."""
    waiting = len(s.queues[Priority.QUERY])
    if not waiting:
        return []
    candidates = []
    for pool in s.executor.pools:
        others = [c for c in pool.active_containers if c.priority != Priority.QUERY]
        for turn, container in enumerate(others):
            if container.can_suspend_container():
                candidates.append((turn, pool.pool_id, container.container_id))
    candidates.sort(key=lambda candidate: candidate[:2])
    return [Suspend(container_id, pool_id) for _, pool_id, container_id in candidates[:waiting]]
