pick = lambda seq, n: seq[:n]
compose = lambda *fs: (lambda x: [x := f(x) for f in fs][-1])
halve, floor = (lambda x: x / 2), (lambda x: int(x // 1))
size = compose(halve, halve, halve, floor)


@register_scheduler_init(key="async-free-lambda")
def init(s):
    s.seen, s.waiting = set(), []


@register_scheduler(key="async-free-lambda")
def schedule(s, results, pipelines):
    fresh = [p for p in pipelines if p.pipeline_id not in s.seen]
    s.seen |= {p.pipeline_id for p in fresh}
    s.waiting[len(s.waiting):] = fresh
    out = []
    for pool in s.executor.pools:
        n = size(pool.avail_cpu_pool)
        ready = [(p, o) for p in s.waiting for o in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)]
        n = min(n, int(pool.avail_ram_pool // 60))
        out.extend(Assignment([o], 8, 60, p.priority, pool.pool_id, p.pipeline_id) for p, o in pick(ready, n))
    return [], out
