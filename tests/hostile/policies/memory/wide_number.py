# A number of a billion columns.


@register_scheduler_init(key="wide-number")
def init(s):
    s.waiting = []

@register_scheduler(key="wide-number")
def schedule(s, results, pipelines):
    return [], ['%1000000000d' % 3]
