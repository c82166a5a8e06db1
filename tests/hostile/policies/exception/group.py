# Several exceptions at once.


@register_scheduler_init(key="group")
def init(s):
    s.waiting = []

@register_scheduler(key="group")
def schedule(s, results, pipelines):
    raise BaseExceptionGroup('all', [ValueError('\x1b[2J'), SystemExit(1)])
