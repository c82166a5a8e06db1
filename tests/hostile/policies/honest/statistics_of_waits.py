import statistics
from bisect import insort

WINDOW: int = 50


@register_scheduler_init(key="statistics-of-waits")
def init(s):
    s.waits: list = []
    s.waiting: list = []


@register_scheduler(key="statistics-of-waits")
def schedule(s, results, pipelines):
    now = s.clock.now_ticks()
    s.waiting += pipelines
    for r in results:
        for op in r.ops:
            insort(s.waits, now - op.pipeline.runtime_status().arrival_tick)
    del s.waits[WINDOW:]
    typical = statistics.median(s.waits) if s.waits else 0
    old_first = sorted(s.waiting, key=lambda p: (now - p.runtime_status().arrival_tick <= typical, p.priority.value))
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in old_first:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= 4 and ram >= 60:
                    out.append(Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
                    cpu -= 4
                    ram -= 60
    return [], out
