@register_scheduler_init(key="every-tick-timer")
def init(s):
    s.calls = 0
    s.waiting = []


@register_scheduler(key="every-tick-timer")
def schedule(s, results, pipelines):
    s.calls += 1
    s.waiting += pipelines
    if s.calls % 5:
        return [], []
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool - pool.consumed_ram_gb * 0
        for p in s.waiting:
            if p.runtime_status().has_timed_out():
                continue
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= 4 and ram >= 60:
                    out.append(Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
                    cpu, ram = cpu - 4, ram - 60
    return [], out
