# A container emptied after it was made.


@register_scheduler_init(key="operators-taken-out")
def init(s):
    s.waiting = []

@register_scheduler(key="operators-taken-out")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    a = Assignment(ops[:1], 1, 60, None, 0, 'p')
    a.ops.clear()
    return [], [a]
