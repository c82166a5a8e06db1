# Numbers in place of operators.


@register_scheduler_init(key="numbers-for-operators")
def init(s):
    s.waiting = []

@register_scheduler(key="numbers-for-operators")
def schedule(s, results, pipelines):
    return [], [Assignment([10 ** 18], 1, 60, None, 0, 'p')]
