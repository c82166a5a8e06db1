# Less than nothing.


@register_scheduler_init(key="negative-ram")
def init(s):
    s.waiting = []

@register_scheduler(key="negative-ram")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 1, -60, None, 0, 'p')]
