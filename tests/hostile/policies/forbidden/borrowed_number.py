# A stranger with an operator's number.
class Fake:
    evo_number = 0

    def transition(self, state):
        pass


@register_scheduler_init(key="borrowed-number")
def init(s):
    s.waiting = []

@register_scheduler(key="borrowed-number")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment([Fake()], 1, 60, None, 0, 'p')]
