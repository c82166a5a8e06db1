# Words in place of actions.


@register_scheduler_init(key="returns-texts")
def init(s):
    s.waiting = []

@register_scheduler(key="returns-texts")
def schedule(s, results, pipelines):
    return ['c1'], ['op']
