# An answer of twenty million bytes.


@register_scheduler_init(key="endless-pool")
def init(s):
    s.waiting = []

@register_scheduler(key="endless-pool")
def schedule(s, results, pipelines):
    return [Suspend('c1', 'x' * 20_000_000)], []
