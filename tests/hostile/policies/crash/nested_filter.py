# Iterators nested so deep that the interpreter's own stack overflows.


@register_scheduler_init(key="nested-filter")
def init(s):
    s.waiting = []

@register_scheduler(key="nested-filter")
def schedule(s, results, pipelines):
    it = iter(())
    for _ in range(1_000_000):
        it = filter(None, it)
    return list(it), []
