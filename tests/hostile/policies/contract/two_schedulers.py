# One too many.


@register_scheduler_init(key="two")
def init(s):
    pass

@register_scheduler(key="two")
def schedule(s, results, pipelines):
    return [], []

@register_scheduler(key='two')
def other(s, results, pipelines):
    return [], []
