# Too much before it begins.


@register_scheduler_init(key="in-init")
def init(s):
    s.hoard = [0] * 10 ** 10

@register_scheduler(key="in-init")
def schedule(s, results, pipelines):
    return [], []
