# More than one where one is allowed.


@register_scheduler_init(key="several-operators")
def init(s):
    s.waiting = []

@register_scheduler(key="several-operators")
def schedule(s, results, pipelines):
    ops = [list(p.values) for p in pipelines if len(p.values) > 1]
    return [], [Assignment(ops[0], 1, 60, None, 0, 'p')] if ops else []
