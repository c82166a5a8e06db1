# Fails before it begins.


@register_scheduler_init(key="raises-in-init")
def init(s):
    raise LookupError('early')

@register_scheduler(key="raises-in-init")
def schedule(s, results, pipelines):
    return [], []
