# The same in the other way to write it.


@register_scheduler_init(key="wide-text")
def init(s):
    s.waiting = []

@register_scheduler(key="wide-text")
def schedule(s, results, pipelines):
    return [], [f'{3:>9999999999}']
