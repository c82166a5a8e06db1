# A list that doubles.


@register_scheduler_init(key="list-of-lists")
def init(s):
    s.waiting = []

@register_scheduler(key="list-of-lists")
def schedule(s, results, pipelines):
    s.hoard = [0]
    while True:
        s.hoard += s.hoard
    return [], []
