# Never begins.


@register_scheduler_init(key="while-true-in-init")
def init(s):
    while True:
        pass

@register_scheduler(key="while-true-in-init")
def schedule(s, results, pipelines):
    return [], []
