import numpy as np


@register_scheduler_init(key="numpy-scores")
def init(s):
    s.pipelines = []


@register_scheduler(key="numpy-scores")
def schedule(s, results, pipelines):
    s.pipelines += pipelines
    ready = [
        (p, op)
        for p in s.pipelines
        for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
    ]
    if not ready:
        return [], []
    now = s.clock.now_seconds()
    weights = np.array([{1: 10.0, 2: 5.0, 3: 1.0}[p.priority.value] for p, _ in ready])
    ages = np.array([now - p.runtime_status().arrival_tick / s.clock.ticks_per_second for p, _ in ready])
    order = np.argsort(-(weights * (1 + ages)), kind="stable")
    assignments = []
    for pool in s.executor.pools:
        slots = int(min(pool.avail_cpu_pool // 4, pool.avail_ram_pool // 60))
        for place in order[:slots]:
            p, op = ready[int(place)]
            assignments.append(Assignment([op], np.int64(4), np.float64(60.0), p.priority, pool.pool_id, p.pipeline_id))
        order = order[slots:]
    return [], assignments
