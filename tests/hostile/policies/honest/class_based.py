import logging
from collections import deque
from typing import Deque, List, Optional, Tuple

logger = logging.getLogger(__name__)


class Scheduler:
    """Everything in methods."""

    RAM: float = 60.0

    def __init__(self, cpu: int = 4) -> None:
        self.cpu = cpu
        self.queue: Deque = deque()
        self._seen = 0

    def __call__(self, s, results, pipelines) -> Tuple[List, List]:
        self._take(pipelines)
        return [], [a for pool in s.executor.pools for a in self._fill(pool)]

    def _take(self, pipelines) -> None:
        for p in pipelines:
            self.queue.append(p)
            self._seen += 1
            logger.info("pipeline %s", p.pipeline_id)

    def _next(self) -> Optional[tuple]:
        for p in self.queue:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                return p, op
        return None

    def _fill(self, pool):
        cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
        while cpu >= self.cpu and ram >= self.RAM and (found := self._next()) is not None:
            p, op = found
            yield Assignment([op], self.cpu, self.RAM, p.priority, pool.pool_id, p.pipeline_id)
            cpu -= self.cpu
            ram -= self.RAM


@register_scheduler_init(key="class-based")
def init(s):
    s.own = Scheduler(cpu=4)


@register_scheduler(key="class-based")
def schedule(s, results, pipelines):
    return s.own(s, results, pipelines)
