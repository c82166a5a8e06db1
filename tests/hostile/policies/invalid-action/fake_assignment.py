# An action that was never made.
class Fake:
    def __init__(self, ops):
        self.ops, self.cpu, self.ram, self.pool_id = ops, 1, 60, 0
        self.priority, self.pipeline_id, self.container_id = None, 'p', None
        self.is_resume = self.force_run = False


@register_scheduler_init(key="fake-assignment")
def init(s):
    s.waiting = []

@register_scheduler(key="fake-assignment")
def schedule(s, results, pipelines):
    ops = [op for p in pipelines for op in p.values]
    if not ops:
        return [], []
    return [], [Fake(ops[:1])]
