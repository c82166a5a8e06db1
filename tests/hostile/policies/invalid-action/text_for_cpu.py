# A word for a number.


@register_scheduler_init(key="text-for-cpu")
def init(s):
    s.waiting = []

@register_scheduler(key="text-for-cpu")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 'many', 60, None, 0, 'p')]
