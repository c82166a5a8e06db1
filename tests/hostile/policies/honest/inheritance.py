from abc import ABC, abstractmethod


class Base(ABC):
    def __init__(self):
        self.waiting = []

    @property
    def cpu(self):
        return 4

    @abstractmethod
    def key(self, p): ...

    def run(self, s, pipelines):
        self.waiting.extend(pipelines)
        out = []
        for pool in s.executor.pools:
            cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
            for p in sorted(self.waiting, key=self.key):
                for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                    if cpu >= self.cpu and ram >= 60:
                        out.append(Assignment([op], self.cpu, 60, p.priority, pool.pool_id, p.pipeline_id))
                        cpu -= self.cpu
                        ram -= 60
        return out


class Shortest(Base):
    def __init__(self):
        super().__init__()
        self.name = type(self).__name__

    @property
    def cpu(self):
        return super().cpu + 1

    def key(self, p):
        return len(p.values)

    def __repr__(self):
        return f"{self.name}({len(self.waiting)})"


@register_scheduler_init(key="inheritance")
def init(s):
    s.policy = Shortest()


@register_scheduler(key="inheritance")
def schedule(s, results, pipelines):
    return [], s.policy.run(s, pipelines)
