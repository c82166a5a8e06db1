# All there is and more.


@register_scheduler_init(key="infinite-cpu")
def init(s):
    s.waiting = []

@register_scheduler(key="infinite-cpu")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], float('inf'), 60, None, 0, 'p')]
