# An exception that leaves when it is asked what it is.
class Leaving(Exception):
    def __str__(self):
        raise SystemExit(0)


@register_scheduler_init(key="message-that-leaves")
def init(s):
    s.waiting = []

@register_scheduler(key="message-that-leaves")
def schedule(s, results, pipelines):
    raise Leaving
