# A list in a list in a list, a hundred thousand times, for a name.


@register_scheduler_init(key="nested-amount")
def init(s):
    s.waiting = []

@register_scheduler(key="nested-amount")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    x = []
    for _ in range(100_000):
        x = [x]
    return [], [Assignment(ops[:1], 1, 60, None, 0, x)]
