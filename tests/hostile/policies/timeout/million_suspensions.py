# A million actions in each tick.


@register_scheduler_init(key="million-suspensions")
def init(s):
    s.waiting = []

@register_scheduler(key="million-suspensions")
def schedule(s, results, pipelines):
    return [Suspend('c1', 99)] * 1_000_000, []
