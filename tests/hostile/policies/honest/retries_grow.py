from collections import defaultdict


@register_scheduler_init(key="retries-grow")
def init(s):
    s.waiting = []
    s.wanted = defaultdict(lambda: 20.0)


@register_scheduler(key="retries-grow")
def schedule(s, results, pipelines):
    s.waiting += pipelines
    for r in results:
        if r.failed() and r.error == "OOM":
            for op in r.ops:
                s.wanted[op.id] = min(2 * r.ram, s.executor.ram_gb_per_pool)
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in s.waiting:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                need = s.wanted[op.id]
                if cpu >= 4 and ram >= need:
                    out.append(Assignment([op], 4, need, p.priority, pool.pool_id, p.pipeline_id))
                    cpu, ram = cpu - 4, ram - need
    return [], out
