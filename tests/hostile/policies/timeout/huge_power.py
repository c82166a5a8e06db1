# One operation that never gives the interpreter back.


@register_scheduler_init(key="huge-power")
def init(s):
    s.waiting = []

@register_scheduler(key="huge-power")
def schedule(s, results, pipelines):
    n = 3
    return [], [n ** (10 ** 9) % 7]
