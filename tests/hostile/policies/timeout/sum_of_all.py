# A sum without end.
import itertools


@register_scheduler_init(key="sum-of-all")
def init(s):
    s.waiting = []

@register_scheduler(key="sum-of-all")
def schedule(s, results, pipelines):
    return [], [sum(itertools.count())]
