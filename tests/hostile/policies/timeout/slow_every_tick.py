# Slow, again and again.


@register_scheduler_init(key="slow-every-tick")
def init(s):
    s.waiting = []

@register_scheduler(key="slow-every-tick")
def schedule(s, results, pipelines):
    for _ in range(100_000):
        s.waiting.append(1)
    s.waiting.clear()
    return [], []
