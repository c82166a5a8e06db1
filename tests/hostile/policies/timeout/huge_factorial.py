# Another.
import math


@register_scheduler_init(key="huge-factorial")
def init(s):
    s.waiting = []

@register_scheduler(key="huge-factorial")
def schedule(s, results, pipelines):
    return [], [math.factorial(10 ** 8)]
