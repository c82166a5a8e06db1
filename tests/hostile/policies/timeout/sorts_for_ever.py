# Makes a sort wait for each comparison.


@register_scheduler_init(key="sorts-for-ever")
def init(s):
    s.waiting = []

@register_scheduler(key="sorts-for-ever")
def schedule(s, results, pipelines):
    return [], sorted(range(10 ** 6), key=lambda x: sum(range(x)))
