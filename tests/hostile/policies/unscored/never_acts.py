# Does nothing, for ever.


@register_scheduler_init(key="never-acts")
def init(s):
    s.waiting = []

@register_scheduler(key="never-acts")
def schedule(s, results, pipelines):
    return [], []
