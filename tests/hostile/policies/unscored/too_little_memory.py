# Has everything killed.


@register_scheduler_init(key="too-little-memory")
def init(s):
    s.waiting = []

@register_scheduler(key="too-little-memory")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment([op], 1, 0.01, None, 0, 'p') for op in ops if not op.parents][:3]
