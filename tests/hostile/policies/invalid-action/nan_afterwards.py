# Not a number, put in when nobody looks.


@register_scheduler_init(key="nan-afterwards")
def init(s):
    s.waiting = []

@register_scheduler(key="nan-afterwards")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    a = Assignment(ops[:1], 1, 60, None, 0, 'p')
    a.cpu = float('nan')
    return [], [a]
