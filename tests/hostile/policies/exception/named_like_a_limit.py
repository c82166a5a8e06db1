# An exception that is called like a limit.
class time(Exception):
    pass


@register_scheduler_init(key="named-like-a-limit")
def init(s):
    s.waiting = []

@register_scheduler(key="named-like-a-limit")
def schedule(s, results, pipelines):
    raise time('a crash, honestly')
