# The same with another iterator.


@register_scheduler_init(key="nested-zip")
def init(s):
    s.waiting = []

@register_scheduler(key="nested-zip")
def schedule(s, results, pipelines):
    it = iter(())
    for _ in range(500_000):
        it = zip(it)
    return list(it), []
