# Calls itself without end.


@register_scheduler_init(key="recursion")
def init(s):
    s.waiting = []

@register_scheduler(key="recursion")
def schedule(s, results, pipelines):
    return schedule(s, results, pipelines)
