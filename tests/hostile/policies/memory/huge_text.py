# A text of ten gigabytes.


@register_scheduler_init(key="huge-text")
def init(s):
    s.waiting = []

@register_scheduler(key="huge-text")
def schedule(s, results, pipelines):
    s.hoard = 'x' * 10 ** 10
    return [], []
