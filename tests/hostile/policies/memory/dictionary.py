# A memory without forgetting.
import itertools


@register_scheduler_init(key="dictionary")
def init(s):
    s.waiting = []

@register_scheduler(key="dictionary")
def schedule(s, results, pipelines):
    s.hoard = {}
    for n in itertools.count():
        s.hoard[n] = 'x' * 10 ** 6 + str(n)
    return [], []
