# Takes away what it is called with.


@register_scheduler_init(key="breaks-its-scheduler")
def init(s):
    s.waiting = []

@register_scheduler(key="breaks-its-scheduler")
def schedule(s, results, pipelines):
    s.clock = s.executor = s.params = s.algo_func = None
    return [], []
