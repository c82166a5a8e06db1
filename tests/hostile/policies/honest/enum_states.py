from enum import Enum, auto
from typing import NamedTuple


class Phase(Enum):
    WARM = auto()
    BUSY = auto()


class Slot(NamedTuple):
    pool_id: int
    cpu: float
    ram: float


def slots(executor, cpu=4, ram=60):
    """Places for containers, pool by pool."""
    for pool in executor.pools:
        for _ in range(int(min(pool.avail_cpu_pool / cpu, pool.avail_ram_pool / ram))):
            yield Slot(pool.pool_id, cpu, ram)


@register_scheduler_init(key="enum-states")
def init(s):
    s.phase = Phase.WARM
    s.known = {}


@register_scheduler(key="enum-states")
def schedule(s, results, pipelines):
    s.known.update({p.pipeline_id: p for p in pipelines})
    if s.known and s.phase is Phase.WARM:
        s.phase = Phase.BUSY
    ready = (
        (p, op) for p in s.known.values() for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
    )
    return [], [
        Assignment([op], slot.cpu, slot.ram, p.priority, slot.pool_id, p.pipeline_id)
        for slot, (p, op) in zip(slots(s.executor), ready)
    ]
