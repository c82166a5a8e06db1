# Never ends, and hides what ends it.
from contextlib import suppress


@register_scheduler_init(key="suppressed")
def init(s):
    s.waiting = []

@register_scheduler(key="suppressed")
def schedule(s, results, pipelines):
    with suppress(BaseException):
        while True:
            pass
    return [], []
