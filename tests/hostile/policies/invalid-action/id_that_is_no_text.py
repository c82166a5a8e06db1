# A name that can't be written down.


@register_scheduler_init(key="id-that-is-no-text")
def init(s):
    s.waiting = []

@register_scheduler(key="id-that-is-no-text")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment(ops[:1], 4, 60, None, 0, '\ud800')]
