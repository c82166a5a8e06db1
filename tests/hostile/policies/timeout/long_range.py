# A look for what isn't there.


@register_scheduler_init(key="long-range")
def init(s):
    s.waiting = []

@register_scheduler(key="long-range")
def schedule(s, results, pipelines):
    return [], [x for x in range(10 ** 12) if x < 0]
