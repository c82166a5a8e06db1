# Sixteen terabytes at once.


@register_scheduler_init(key="huge-bytes")
def init(s):
    s.waiting = []

@register_scheduler(key="huge-bytes")
def schedule(s, results, pipelines):
    s.hoard = bytearray(1 << 44)
    return [], []
