# A container that can't be suspended now.


@register_scheduler_init(key="suspends-what-runs")
def init(s):
    s.waiting = []

@register_scheduler(key="suspends-what-runs")
def schedule(s, results, pipelines):
    s.waiting += [c.container_id for p in s.executor.pools for c in p.active_containers]
    if s.waiting:
        return [Suspend(s.waiting[0], 0)], []
    ops = [op for p in pipelines for op in p.values if not op.parents][:1]
    return [], [Assignment(ops, 4, 60, None, 0, 'p')] if ops else []
