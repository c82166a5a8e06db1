import heapq
import itertools

_counter = itertools.count()
WEIGHTS = {Priority.QUERY: 10.0, Priority.INTERACTIVE: 5.0, Priority.BATCH_PIPELINE: 1.0}


@register_scheduler_init(key="heap")
def init(s):
    s.heap = []


@register_scheduler(key="heap")
def schedule(s, results, pipelines):
    for p in pipelines:
        heapq.heappush(s.heap, (-WEIGHTS[p.priority], len(p.values), next(_counter), p))
    assignments, kept = [], []
    pool = s.executor.pools[s.executor.get_pool_id_with_max_avail_ram()]
    cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
    while s.heap:
        entry = heapq.heappop(s.heap)
        p = entry[-1]
        if p.runtime_status().is_pipeline_successful():
            continue
        kept.append(entry)
        for op in p.runtime_status().get_ops([OperatorState.PENDING, OperatorState.FAILED], require_parents_complete=True):
            if cpu < 3 or ram < 60:
                break
            assignments.append(Assignment(ops=[op], cpu=3, ram=60, priority=p.priority, pool_id=pool.pool_id, pipeline_id=p.pipeline_id))
            cpu -= 3
            ram -= 60
    s.heap = kept
    heapq.heapify(s.heap)
    return [], assignments
