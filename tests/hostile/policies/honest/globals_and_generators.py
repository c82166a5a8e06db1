_state = {"ticks": 0}
LIMITS = (4, 60)


def ready(waiting):
    for p in waiting:
        yield from ((p, op) for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True))


@register_scheduler_init(key="globals-and-generators")
def init(s):
    global _last
    _last = None
    s.waiting = []


@register_scheduler(key="globals-and-generators")
def schedule(s, results, pipelines):
    global _last
    _state["ticks"] += 1
    _last = results or _last
    s.waiting.extend(pipelines)
    stream = ready(s.waiting)
    cpu, ram = LIMITS
    out = []
    for pool in s.executor.pools:
        a, b = pool.avail_cpu_pool, pool.avail_ram_pool
        while a >= cpu and b >= ram:
            p, op = next(stream, (None, None))
            if op is None:
                break
            out.append(Assignment([op], cpu, ram, p.priority, pool.pool_id, p.pipeline_id))
            a -= cpu
            b -= ram
    return [], out
