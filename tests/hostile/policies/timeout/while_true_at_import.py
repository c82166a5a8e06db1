# Is never loaded.
while True:
    pass


@register_scheduler_init(key="while-true-at-import")
def init(s):
    s.waiting = []

@register_scheduler(key="while-true-at-import")
def schedule(s, results, pipelines):
    return [], []
