# A child before its parent.


@register_scheduler_init(key="child-first")
def init(s):
    s.waiting = []

@register_scheduler(key="child-first")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values if op.parents]
    return [], [Assignment(ops[:1], 1, 60, None, 0, 'p')] if ops else []
