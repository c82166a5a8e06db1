# Work that is done, done again.


@register_scheduler_init(key="completed-again")
def init(s):
    s.waiting = []

@register_scheduler(key="completed-again")
def schedule(s, results, pipelines):
    s.waiting += [r.ops for r in results if not r.failed()]
    if s.waiting:
        return [], [Assignment(s.waiting[0], 1, 60, None, 0, 'p')]
    ops = [op for p in pipelines for op in p.values if not op.parents][:1]
    return [], [Assignment([op], 4, 60, None, 0, 'p') for op in ops]
