import functools
import operator
from fractions import Fraction


def counted(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        inner.calls += 1
        return f(*args, **kwargs)

    inner.calls = 0
    return inner


@counted
def quarter(x: float) -> Fraction:
    return Fraction(int(x), 4)


@register_scheduler_init(key="decorators")
def init(s):
    s.waiting = []


@register_scheduler(key="decorators")
def schedule(s, results, pipelines, *, ram=60):
    s.waiting += sorted(pipelines, key=operator.attrgetter("priority.value"))
    out = []
    for pool in s.executor.pools:
        cpu, left = pool.avail_cpu_pool, pool.avail_ram_pool
        share = max(1, int(quarter(pool.max_cpu_pool) / 4))
        for p in s.waiting:
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                if cpu >= share and left >= ram:
                    out.append(Assignment([op], share, ram, p.priority, pool.pool_id, p.pipeline_id))
                    cpu -= share
                    left -= ram
    assert quarter.calls >= 0
    return [], out
