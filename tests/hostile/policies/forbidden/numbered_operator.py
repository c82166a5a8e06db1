# An operator that never arrived.
class Fake:
    evo_number = 10 ** 12
    id = 'op'
    parents = children = ()

    def transition(self, state):
        pass

    def state(self):
        return OperatorState.PENDING


@register_scheduler_init(key="numbered-operator")
def init(s):
    s.waiting = []

@register_scheduler(key="numbered-operator")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Assignment([Fake()], 1, 60, None, 0, 'p')]
