# An operator that never arrived.
class Fake:
    id = 'op'
    parents = children = ()

    def transition(self, state):
        pass

    def state(self):
        return OperatorState.PENDING


@register_scheduler_init(key="fake-operator")
def init(s):
    s.waiting = []

@register_scheduler(key="fake-operator")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment([Fake()], 1, 60, None, 0, 'p')]
