@register_scheduler_init(key="local-imports")
def init(s):
    from collections import deque

    s.waiting = deque(maxlen=10_000)


@register_scheduler(key="local-imports")
def schedule(s, results, pipelines):
    import math
    from itertools import chain

    from eudoxia.executor.assignment import Assignment as Start

    s.waiting.extend(pipelines)
    out = []
    for pool in s.executor.pools:
        places = math.floor(min(pool.avail_cpu_pool / 4, pool.avail_ram_pool / 60))
        ready = chain.from_iterable(
            ((p, op) for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)) for p in s.waiting
        )
        for (p, op), _ in zip(list(ready), range(places)):
            out.append(Start([op], 4, 60, p.priority, pool.pool_id, p.pipeline_id))
    return [], out
