# Registered under two names.
@register_scheduler_init(key='one')
def init(s):
    pass


@register_scheduler(key='two')
def schedule(s, results, pipelines):
    return [], []
