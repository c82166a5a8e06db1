# An exception whose name commands a terminal.
class Loud(Exception):
    pass


Loud.__qualname__ = Loud.__doc__ = '\x1b[2J' * 1000


@register_scheduler_init(key="name-of-escape-codes")
def init(s):
    s.waiting = []

@register_scheduler(key="name-of-escape-codes")
def schedule(s, results, pipelines):
    raise Loud('x')
