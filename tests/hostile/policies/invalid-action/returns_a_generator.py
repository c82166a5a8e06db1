# Actions that are made while they are read.


@register_scheduler_init(key="returns-a-generator")
def init(s):
    s.waiting = []

@register_scheduler(key="returns-a-generator")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], (Assignment([op], 1, 60, None, 0, 'p') for op in ops[:1])
