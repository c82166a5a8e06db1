# Never ends, and takes no for no answer.


@register_scheduler_init(key="swallows-everything")
def init(s):
    s.waiting = []

@register_scheduler(key="swallows-everything")
def schedule(s, results, pipelines):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
