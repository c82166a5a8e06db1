# Falls down the stairs again and again.


@register_scheduler_init(key="recursion-caught")
def init(s):
    s.waiting = []

@register_scheduler(key="recursion-caught")
def schedule(s, results, pipelines):
    def down():
        try:
            down()
        finally:
            down()
    down()
    return [], []
