# The same operator twice.


@register_scheduler_init(key="twice")
def init(s):
    s.waiting = []

@register_scheduler(key="twice")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 1, 60, None, 0, 'p'), Assignment(ops[:1], 1, 60, None, 0, 'p')]
