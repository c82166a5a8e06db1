# A number of four hundred digits.


@register_scheduler_init(key="number-without-end")
def init(s):
    s.waiting = []

@register_scheduler(key="number-without-end")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 10 ** 400, 60, None, 0, 'p')]
