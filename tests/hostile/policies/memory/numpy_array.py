# A matrix of eight terabytes.
import numpy as np


@register_scheduler_init(key="numpy-array")
def init(s):
    s.waiting = []

@register_scheduler(key="numpy-array")
def schedule(s, results, pipelines):
    s.hoard = np.zeros((10 ** 6, 10 ** 6))
    return [], []
