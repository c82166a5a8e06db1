# An action without its amounts.


@register_scheduler_init(key="missing-argument")
def init(s):
    s.waiting = []

@register_scheduler(key="missing-argument")
def schedule(s, results, pipelines):
    return [], [Assignment([op], 1) for p in pipelines for op in p.values]
