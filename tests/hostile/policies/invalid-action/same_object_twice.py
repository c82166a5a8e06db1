# The same action twice.


@register_scheduler_init(key="same-object-twice")
def init(s):
    s.waiting = []

@register_scheduler(key="same-object-twice")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    a = Assignment(ops[:1], 1, 60, None, 0, 'p')
    return [], [a, a]
