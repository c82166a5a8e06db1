# Looks up what isn't there.


@register_scheduler_init(key="key-error")
def init(s):
    s.waiting = []

@register_scheduler(key="key-error")
def schedule(s, results, pipelines):
    return {}['nothing'], []
