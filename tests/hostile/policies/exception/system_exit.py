# Leaves politely.


@register_scheduler_init(key="system-exit")
def init(s):
    s.waiting = []

@register_scheduler(key="system-exit")
def schedule(s, results, pipelines):
    raise SystemExit(0)
