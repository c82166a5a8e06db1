# Names in place of actions.


@register_scheduler_init(key="returns-a-dict")
def init(s):
    s.waiting = []

@register_scheduler(key="returns-a-dict")
def schedule(s, results, pipelines):
    return {'suspend': 1}, {'assign': 2}
