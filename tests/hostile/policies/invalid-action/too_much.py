# More than there is.


@register_scheduler_init(key="too-much")
def init(s):
    s.waiting = []

@register_scheduler(key="too-much")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 10 ** 9, 60, None, 0, 'p')]
