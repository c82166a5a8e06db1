# Large matrices, again and again.
import numpy as np


@register_scheduler_init(key="matrices")
def init(s):
    s.waiting = []

@register_scheduler(key="matrices")
def schedule(s, results, pipelines):
    a = np.ones((2000, 2000))
    while True:
        a = a @ a
