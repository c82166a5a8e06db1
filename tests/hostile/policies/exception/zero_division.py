# Divides by zero.


@register_scheduler_init(key="zero-division")
def init(s):
    s.waiting = []

@register_scheduler(key="zero-division")
def schedule(s, results, pipelines):
    return [], [1 / len([])]
