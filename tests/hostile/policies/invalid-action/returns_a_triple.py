# Too much of an answer.


@register_scheduler_init(key="returns-a-triple")
def init(s):
    s.waiting = []

@register_scheduler(key="returns-a-triple")
def schedule(s, results, pipelines):
    return [], [], []
