import random


@register_scheduler_init(key="random-order")
def init(s):
    s.rng = random.Random(7)
    s.waiting = []


@register_scheduler(key="random-order")
def schedule(s, results, pipelines):
    s.waiting += pipelines
    if not results and not pipelines:
        return [], []
    order = s.waiting[:]
    s.rng.shuffle(order)
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        for p in order:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= 4 and ram >= 60:
                    out.append(Assignment([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
                    cpu -= 4
                    ram -= 60
    return [], out
