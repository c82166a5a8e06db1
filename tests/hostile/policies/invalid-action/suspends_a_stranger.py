# A container that never was.


@register_scheduler_init(key="suspends-a-stranger")
def init(s):
    s.waiting = []

@register_scheduler(key="suspends-a-stranger")
def schedule(s, results, pipelines):
    return [Suspend('c999999999999', 0)], []
