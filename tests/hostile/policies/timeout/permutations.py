# Tries all orders.
import itertools


@register_scheduler_init(key="permutations")
def init(s):
    s.waiting = []

@register_scheduler(key="permutations")
def schedule(s, results, pipelines):
    return [], [sum(1 for _ in itertools.permutations(range(15)))]
