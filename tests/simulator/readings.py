"""What a policy may look at in a call without news, and the names that the policies of the grammar share.

`MOVING` is what changes by itself from tick to tick, `RESTING` what stays as it is, so that looking at it is no reason
to be called in every tick.
"""

from __future__ import annotations

MOVING = [
    line.strip()
    for line in """
    s.clock.now_ticks()
    s.clock.now_seconds()
    round(s.clock.now_seconds() * 3) % 5
    (lambda now: now())(s.clock.now_ticks)
    methodcaller('now_ticks')(s.clock)
    getattr(s.clock, 'now_' + 'ticks')()
    NOW(s)
    elapsed(s)
    s.executor.clock.now_ticks()
    s.executor.pools[0].clock.now_ticks()
    s.executor.pools[0].i
    s.executor.pools[0].consumed_ram_gb
    s.executor.pools[-1].get_consumed_ram_gb()
    s.executor.get_consumed_ram_gb()
    attrgetter('consumed_ram_gb')(s.executor.pools[0])
    getattr(s.executor.pools[0], 'consumed_ram_gb')
    '{0.consumed_ram_gb}'.format(s.executor.pools[0])
    [p.pool_id for p in sorted(s.executor.pools, key=lambda p: -p.consumed_ram_gb)]
    max(s.executor.pools, key=attrgetter('consumed_ram_gb')).pool_id
    s.executor.pools[0].to_dict()['consumed_ram_gb']
    [c.get_current_memory_usage() for p in s.executor.pools for c in p.active_containers]
    [c.to_dict()['current_memory_gb'] for p in s.executor.pools for c in p.active_containers]
    [c.ticks_elapsed() for p in s.executor.pools for c in p.active_containers]
    sum(c.ticks_elapsed() > 3 for p in s.executor.pools for c in p.active_containers)
    [c.ticks_elapsed() for p in s.executor.pools for c in p.suspended_containers]
    [c.get_current_memory_usage() for p in s.executor.pools for c in p.suspending_containers]
    sum(map(ResourcePool.get_consumed_ram_gb, s.executor.pools))
    [p.runtime_status().clock.now_ticks() - p.runtime_status().arrival_tick for p in s.live]
    s.now()
    next(c.ticks_elapsed() for p in s.executor.pools for c in [*p.active_containers, Still()])
    """.strip().splitlines()
]

RESTING = [
    line.strip()
    for line in """
    len(s.live)
    s.executor.pools[0].avail_cpu_pool
    [p.avail_ram_pool for p in s.executor.pools]
    s.executor.get_allocated_ram_gb()
    s.executor.get_pool_id_with_max_avail_ram()
    s.executor.num_completed()
    s.executor.container_tick_times()
    [len(p.active_containers) for p in s.executor.pools]
    [len(p.suspending_containers) + 100 * len(p.suspended_containers) for p in s.executor.pools]
    [c.container_id for p in s.executor.pools for c in p.active_containers if c.can_suspend_container()]
    [c.suspend_ticks for p in s.executor.pools for c in p.suspending_containers]
    [p.runtime_status().has_timed_out() for p in s.live]
    any(p.runtime_status().has_timed_out() for p in s.live)
    [p.to_dict()['timed_out'] for p in s.live[-2:]]
    [p.runtime_status().is_pipeline_successful() for p in s.live]
    [p.runtime_status().finish_tick for p in s.live]
    [p.runtime_status().state_counts[OperatorState.RUNNING] for p in s.live]
    [p.runtime_status().state_counts[OperatorState.FAILED] for p in s.live]
    [op.state().value for p in s.live for op in p.values]
    [len(p.runtime_status().get_ops(ASSIGNABLE_STATES)) for p in s.live]
    [len(p.runtime_status().get_ops([OperatorState.COMPLETED, OperatorState.RUNNING])) for p in s.live]
    [len(p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)) for p in s.live]
    [op.estimate.mem_peak_gb for p in s.live for op in p.values][:3]
    sorted(p.priority.value for p in s.live)
    s.executor.pools[0].get_container_by_id('c1') is None
    Still().ticks_elapsed()
    s.params['ticks_per_second']
    s.box0.n + len(s.box0.items)
    sorted(s.jobs0, key=lambda job: (-job[0], job[1]))[:1]
    functools.reduce(lambda a, b: a + b, [1, 2, 3], 0)
    [x for x in range(3) if x % 2] + list(map(str, {1: 2}))
    max((x for x in s.jobs0), key=itemgetter(1), default=None)
    """.strip().splitlines()
]

IMPORTS = {
    **{
        name: f"import {name}"
        for name in ["bisect", "contextlib", "copy", "functools", "heapq", "io", "itertools", "json"]
    },
    **{name: f"import {name}" for name in ["logging", "math", "operator", "random", "re"]},
    **{
        name: f"from collections import {name}"
        for name in ["ChainMap", "Counter", "OrderedDict", "UserList", "defaultdict", "deque", "namedtuple"]
    },
    **{name: f"from dataclasses import {name}" for name in ("dataclass", "field", "replace")},
    **{name: f"from operator import {name}" for name in ("attrgetter", "itemgetter", "methodcaller")},
    "np": "import numpy as np",
    "timedelta": "from datetime import timedelta",
    "Enum": "from enum import Enum",
    "Fraction": "from fractions import Fraction",
    "ResourcePool": "from eudoxia.executor.resource_pool import ResourcePool",
}
"""Imports by the name that they give."""

SHARED = """
class Box:
    made = 0
    counted = 0
    shared = []
    notes = []
    def __init__(self, q=None):
        self.n = 0
        self.items = []
        if q is not None:
            q.append(1)
    def bump(self):
        self.n += 1
        return self.n
    def get(self, k=None):
        self.n += 1
        return k
    @property
    def size(self):
        self.n += 1
        return 1
    @size.setter
    def size(self, value):
        self.n += value
    @functools.cached_property
    def first(self):
        self.n += 1
        return 1
    @classmethod
    def count(cls):
        cls.counted += 1
    @staticmethod
    def note(q):
        Box.notes.extend(q)

def score(value):
    return sum(map(ord, str(value)[-60:]))

NONE = ([], [])

def quiet(results, pipelines):
    return not results and not pipelines

def raise_at(s):
    if len(s.live) > 5:
        raise ValueError('late')

def helper_return(s):
    return [], []

class Sub(Box):
    def bump(self):
        super().bump()
        return super().bump()

class Slotted:
    __slots__ = ('n',)
    def __init__(self):
        self.n = 0

@dataclass
class Data:
    n: int = 0
    items: list = field(default_factory=list)

Pair = namedtuple('Pair', 'n items')

class Plain:
    def __init__(self, n=0):
        self.n = n
        self.items = [1, 2]
    def weigh(self, k=2):
        return self.n * k + len(self.items)

class Still:
    def ticks_elapsed(self):
        return 1

class Noisy:
    def __init__(self):
        self.n = 0
    def _told(self):
        self.n += 1
        return True
    def __eq__(self, other): return self._told()
    def __lt__(self, other): return self._told()
    def __bool__(self): return self._told()
    def __str__(self): return 'x' * self._told()
    def __repr__(self): return 'x' * self._told()
    def __len__(self): return int(self._told())
    def __contains__(self, x): return self._told()
    def __hash__(self): return int(self._told())

class Loud:
    def __init__(self):
        self.n = 0
    def _told(self, *args):
        self.n += 1
        return self
    __add__ = __getitem__ = __call__ = __enter__ = __getattr__ = _told
    def __exit__(self, *args):
        self.n += 1
    def __iter__(self):
        self.n += 1
        return iter(())

class Colour(Enum):
    RED = 1

NUMBERED = []
class Numbered:
    def __init__(self):
        self.n = len(NUMBERED)
        NUMBERED.append(self.n)

FIELDED = []
@dataclass
class Fielded:
    n: int = field(default_factory=lambda: FIELDED.append(1))

def grow(q):
    q.append(1)

def keep(q, k=1):
    q.append(k)
    return q

def pick(a, b):
    return a if len(b) < 99 else b

def fill(q, k):
    if k:
        q.append(k)
        fill(q, k - 1)

def tally(seen=[]):
    seen.append(1)

def counter():
    n = 0
    def count():
        nonlocal n
        n += 1
        return n
    return count

def lister():
    kept = []
    return lambda: kept.append(1) or len(kept)

def telling(function):
    @functools.wraps(function)
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)
    wrapper.calls = 0
    return wrapper

@telling
def told():
    return 1

CACHED = []
@functools.lru_cache(maxsize=3)
def cached(n):
    CACHED.append(n)
    return n

@functools.lru_cache
def fresh_cache(n):
    CACHED.append(n)
    return n

def numbers():
    n = 0
    while True:
        n += 1
        yield n

REBOUND = []
def rebound(old):
    def new(s, results, pipelines):
        REBOUND.append(1)
        return old(s, results, pipelines)
    return old if len(REBOUND) > 3 else new

LOGGED = []
class Heard(logging.Handler):
    def emit(self, record):
        LOGGED.append(1)
LOGGER = logging.Logger('heard')
LOGGER.addHandler(Heard())

def NOW(s):
    return s.clock.now_ticks()

def elapsed(s):
    return [s.clock.now_ticks() - p.runtime_status().arrival_tick for p in s.live]
"""
"""Classes and functions that the fragments use; each policy is given those that it names."""

BLOCKS = SHARED.strip().split("\n\n")
