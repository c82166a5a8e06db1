# A number of a trillion digits.


@register_scheduler_init(key="huge-number")
def init(s):
    s.waiting = []

@register_scheduler(key="huge-number")
def schedule(s, results, pipelines):
    return [], [1 << (10 ** 11)]
