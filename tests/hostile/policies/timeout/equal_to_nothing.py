# A pool number that never says what it equals.
class Slow:
    def __eq__(self, other):
        while True:
            pass

    def __hash__(self):
        return 0


@register_scheduler_init(key="equal-to-nothing")
def init(s):
    s.waiting = []

@register_scheduler(key="equal-to-nothing")
def schedule(s, results, pipelines):
    return [Suspend('c1', Slow())], []
