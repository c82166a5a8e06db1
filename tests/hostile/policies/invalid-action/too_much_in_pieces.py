# More than there is, in pieces that each would fit.


@register_scheduler_init(key="too-much-in-pieces")
def init(s):
    s.waiting = []

@register_scheduler(key="too-much-in-pieces")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment([op], 40, 60, None, 0, 'p') for op in ops if not op.parents]
