from functools import lru_cache


@lru_cache(maxsize=None)
def depth(op):
    """Operators still to come after this one."""
    return 1 + max((depth(child) for child in op.children), default=0)


@register_scheduler_init(key="critical-path")
def init(s):
    s.open = []


@register_scheduler(key="critical-path")
def schedule(s, results, pipelines):
    s.open.extend(pipelines)
    s.open = [p for p in s.open if not p.runtime_status().is_pipeline_successful()]
    ready = [op for p in s.open for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)]
    ready.sort(key=depth, reverse=True)
    out = []
    for pool in s.executor.pools:
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        while ready and cpu >= 4 and ram >= 60:
            op = ready.pop(0)
            out.append(Assignment([op], 4, 60, op.pipeline.priority, pool.pool_id, op.pipeline.pipeline_id))
            cpu -= 4
            ram -= 60
    return [], out
