# A message without end.


@register_scheduler_init(key="endless-message")
def init(s):
    s.waiting = []

@register_scheduler(key="endless-message")
def schedule(s, results, pipelines):
    raise ValueError('x' * 10**7)
