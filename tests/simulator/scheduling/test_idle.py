"""A call is skipped only where it is proven to do nothing: whatever keeps count is called in every tick."""

from __future__ import annotations

import ast
import textwrap

import pytest

from evo.simulator.messages import Arrival, Observation, Reply
from evo.simulator.scheduling.idle import watch_changes
from tests.simulator.scheduling import facade
from tests.simulator.scheduling.facade import called


def policy(step: str, init: str = "pass", module: str = "") -> str:
    """A policy that does `step` in every call and never starts anything."""
    return facade.policy(
        textwrap.dedent(step).strip() + "\nreturn [], []", textwrap.dedent(init), textwrap.dedent(module)
    )


def is_skipped(source: str) -> bool:
    """Whether the host lets quiet ticks pass, once two pipelines have arrived and been looked at."""
    arrivals = (Arrival("a", 1, ((), (0,)), (None, None)), Arrival("b", 3, ((),), (2.5,)))
    replies = called(source, Observation(0, 0, arrivals), Observation(1, 20), Observation(22, 20))
    assert [reply.fault for reply in replies] == [None] * 3
    assert replies[0].every_tick or replies[0].until_news
    return not replies[-1].every_tick


COUNTERS = {
    "an attribute": policy("s.n += 1", "s.n = 0"),
    "an attribute, spelled out": policy("s.n = s.n + 1", "s.n = 0"),
    "an attribute, annotated": policy("s.n: int = s.n + 1", "s.n = 0"),
    "an attribute of an alias": policy("me = s\nme.n += 1", "s.n = 0"),
    "several targets": policy("a, s.n = 1, s.n + 1", "s.n = 0"),
    "a starred target": policy("a, *s.rest = [1, *s.rest, 2]", "s.rest = []"),
    "a loop's target": policy("for s.n in range(s.n + 2): pass", "s.n = 0"),
    "a comprehension's target": policy("[0 for s.n in [s.n + 1]]", "s.n = 0"),
    "an item": policy("s.d['n'] += 1", "s.d = {'n': 0}"),
    "a growing list": policy("s.q.append(1)", "s.q = []"),
    "a slice": policy("s.q[len(s.q):] = [1]", "s.q = []"),
    "a list through an alias": policy("q = s.q\nq.append(1)", "s.q = []"),
    "a list that may be an alias": policy("q = s.q or []\nq.append(1)", "s.q = [0]"),
    "a list chosen": policy("q = s.q if True else []\nq.append(1)", "s.q = []"),
    "a list by walrus": policy("(q := s.q).append(1)", "s.q = []"),
    "augmented list": policy("q = s.q\nq += [1]", "s.q = []"),
    "augmented item of a fresh dict": policy("d = {0: s.q}\nd[0] += [1]", "s.q = []"),
    "repeated item of a fresh dict": policy("d = {0: s.q}\nd[0] *= 1", "s.q = [1]"),
    "an element of a fresh list": policy("for q in [s.q]: q.append(1)", "s.q = []"),
    "popped from a fresh list": policy("l = [s.q]\nl.pop().append(1)", "s.q = []"),
    "a bound method": policy("add = s.q.append\nadd(1)", "s.q = []"),
    "a bound method as key": policy("sorted([1], key=s.q.append)", "s.q = []"),
    "a bound method mapped": policy("list(map(s.q.append, [1]))", "s.q = []"),
    "a bound method reduced": policy(
        "functools.reduce(s.q.__class__.append, [s.q, 1])", "s.q = []", "import functools"
    ),
    "a bound method in a dict": policy("{'f': s.q.append}['f'](1)", "s.q = []"),
    "a method by name": policy("getattr(s.q, 'append')(1)", "s.q = []"),
    "an unbound method": policy("list.append(s.q, 1)", "s.q = []"),
    "setattr": policy("setattr(s, 'n', s.n + 1)", "s.n = 0"),
    "the dict of s": policy("s.__dict__['n'] = s.n + 1", "s.n = 0"),
    "vars": policy("vars(s)['n'] = s.n + 1", "s.n = 0"),
    "deletion": policy("if s.q: del s.q[0]", "s.q = list(range(1000))"),
    "a pop in a condition": policy("while s.q and s.q.pop() < 0: pass", "s.q = list(range(1000))"),
    "a pop swallowed": policy("try:\n    s.q.pop()\nexcept IndexError:\n    pass", "s.q = [0] * 1000"),
    "a global": policy("global N\nN += 1", module="N = 0"),
    "a global by import": policy("global math\nimport math", module="math = 0"),
    "a global's list": policy("LOG.append(1)", module="LOG = []"),
    "a changed constant": policy("SHARE[0] *= 0.5", module="SHARE = [1.0]"),
    "a default argument": policy("count()", module="def count(seen=[]):\n    seen.append(1)"),
    "a default of the scheduler": """
@register_scheduler_init(key="x")
def init(s): pass
@register_scheduler(key="x")
def step(s, results, pipelines, calls=[0]):
    calls[0] += 1
    return [], []
""",
    "a function's attribute": policy("step.n = getattr(step, 'n', 0) + 1"),
    "a closure": policy(
        "s.count()",
        "s.count = counter()",
        "def counter():\n    n = 0\n    def count():\n        nonlocal n\n        n += 1\n    return count",
    ),
    "a closure over a list": policy(
        "s.count()",
        "s.count = counter()",
        "def counter():\n    n = []\n    def count():\n        n.append(1)\n    return count",
    ),
    "a closure with a pure name": policy(
        "s.get()",
        "s.get = counter()",
        "def counter():\n    n = []\n    return lambda: n.append(1)",
    ),
    "a scheduler that is a closure": """
def make():
    calls = []
    def step(s, results, pipelines):
        calls.append(1)
        return [], []
    return step
@register_scheduler_init(key="x")
def init(s): pass
step = register_scheduler(key="x")(make())
""",
    "a scheduler replaced": policy(
        "pass", "s.log = []\ns.algo_func = lambda *a: (s.log.append(1), ([], []))[1]"
    ),
    "a generator": policy(
        "next(s.g)",
        "s.g = counter()",
        "def counter():\n    n = 0\n    while True:\n        n += 1\n        yield n",
    ),
    "a generator looped over": policy(
        "for n in s.g: break",
        "s.g = counter()",
        "def counter():\n    n = 0\n    while True:\n        n += 1\n        yield n",
    ),
    "a generator searched": policy("if 3 in s.g: pass", "s.g = (n for n in range(100))"),
    "a generator unpacked": policy("*a, = s.g[0]", "s.g = [(n for n in (1, 2))]"),
    "a generator method": policy(
        "for n in s.c.run(): break",
        "s.c = C()",
        "class C:\n    n = 0\n    def run(self):\n        self.n += 1\n        yield 1",
    ),
    "an iterator": policy("next(s.i, 0)", "s.i = iter(range(1000))"),
    "an iterator in a list": policy(
        "a, b = next(zip(*s.i), (0, 0))", "s.i = [iter(range(99)), iter(range(99))]"
    ),
    "an iterator kept in passing": policy("next(s.i, 0)", "i = iter(range(99))\ns.i = i"),
    "an iterator handed on": policy("next(s.i, 0)", "s.i = max(iter([1]), iter([2]), key=str)"),
    "an iterator by default": policy("next(s.i, 0)", "s.i = next(iter([]), iter([1]))"),
    "an enumeration": policy("max(s.i, default=0)", "s.i = enumerate('abc')"),
    "itertools.count": policy("next(s.i)", "s.i = itertools.count()", "import itertools"),
    "itertools.count, zipped": policy("list(zip([1], s.i))", "s.i = count()", "from itertools import count"),
    "itertools.cycle": policy("next(s.i)", "s.i = itertools.cycle([1, 2])", "import itertools"),
    "a partial": policy("s.f(1)", "s.q = []\ns.f = functools.partial(s.q.append)", "import functools"),
    "a partial as a key": policy(
        "sorted([1], key=s.f)", "s.q = []\ns.f = functools.partial(s.q.append)", "import functools"
    ),
    "a cache": policy("f(1)", module="import functools\n@functools.lru_cache\ndef f(x): return x"),
    "a class attribute": policy("C.n += 1", module="class C:\n    n = 0"),
    "a class that counts its objects": policy(
        "C()", module="class C:\n    made = []\n    def __init__(self):\n        self.made.append(1)"
    ),
    "a class that numbers its objects": policy(
        "C()", module="class C:\n    n = 0\n    def __init__(self):\n        C.n += 1"
    ),
    "a dataclass that numbers its objects": policy(
        "C()",
        module="""
        import itertools
        from dataclasses import dataclass, field
        @dataclass
        class C:
            n: int = field(default_factory=itertools.count().__next__)
        """,
    ),
    "a method": policy(
        "s.c.tick()", "s.c = C()", "class C:\n    n = 0\n    def tick(self):\n        self.n += 1"
    ),
    "a method with a pure name": policy(
        "s.c.get()", "s.c = C()", "class C:\n    n = 0\n    def get(self):\n        self.n += 1"
    ),
    "a method of a stored name": policy(
        "s.c.get(1)", "s.c = C()\ns.q = []\ns.c.get = s.q.append", "class C: pass"
    ),
    "a named tuple's field": policy(
        "s.c.get(1)",
        "s.q = []\ns.c = C(s.q.append)",
        "from collections import namedtuple\nC = namedtuple('C', 'get')",
    ),
    "a class's plain attribute": policy("s.c.get(1)", "s.c = C()", "Q = []\nclass C:\n    get = Q.append"),
    "a property": policy(
        "s.c.n",
        "s.c = C()",
        "class C:\n    k = 0\n    @property\n    def n(self):\n        self.k += 1\n        return 0",
    ),
    "a property that gives a method": policy(
        "s.c.get(1)",
        "s.c = C()",
        "Q = []\nclass C:\n    @property\n    def get(self):\n        return Q.append",
    ),
    "an operator": policy(
        "s.c + 1", "s.c = C()", "class C:\n    n = 0\n    def __add__(self, o):\n        self.n += 1"
    ),
    "a comparison": policy(
        "s.c == 1",
        "s.c = C()",
        "class C:\n    n = 0\n    def __eq__(self, o):\n        self.n += 1\n        return True",
    ),
    "an item read": policy(
        "s.c[1]", "s.c = C()", "class C:\n    n = 0\n    def __getitem__(self, o):\n        self.n += 1"
    ),
    "an attribute read": policy(
        "s.c.y", "s.c = C()", "class C:\n    def __getattr__(self, o):\n        LOG.append(o)\nLOG = []"
    ),
    "a truth": policy(
        "if s.c: pass",
        "s.c = C()",
        "class C:\n    n = 0\n    def __bool__(self):\n        self.n += 1\n        return True",
    ),
    "a text": policy(
        "str(s.c)",
        "s.c = C()",
        "class C:\n    n = 0\n    def __str__(self):\n        self.n += 1\n        return ''",
    ),
    "a hash": policy(
        "{s.c}",
        "s.c = C()",
        "class C:\n    n = 0\n    def __hash__(self):\n        self.n += 1\n        return 1",
    ),
    "a length": policy(
        "len(s.c)",
        "s.c = C()",
        "class C:\n    n = 0\n    def __len__(self):\n        self.n += 1\n        return 1",
    ),
    "a context": policy(
        "with s.c: pass",
        "s.c = C()",
        "class C:\n    n = 0\n    def __enter__(self):\n        self.n += 1\n    def __exit__(self, *a): pass",
    ),
    "a defaultdict that grows": policy(
        "s.d[len(s.d)]", "s.d = defaultdict(int)", "from collections import defaultdict"
    ),
    "a defaultdict read by a format": policy(
        "('%(' + str(len(s.d)) + ')s') % s.d", "s.d = collections.defaultdict(int)", "import collections"
    ),
    "a heap": policy("heapq.heappush(s.h, 1)", "s.h = []", "import heapq"),
    "a helper": policy("note(s.q)", "s.q = []", "def note(q):\n    q.append(1)"),
    "a helper's lambda": policy("note(lambda: s.q.append(1))", "s.q = []", "def note(f):\n    f()"),
    "a shadowed builtin": policy("sorted([1])", module="LOG = []\nsorted = LOG.append"),
    "a shadowed import": policy("floor(1)", module="LOG = []\nfrom math import floor\nfloor = LOG.append"),
    "a local that shadows": policy("len = s.q.append\nlen(1)", "s.q = []"),
    "a parameter that shadows": policy("call(s.q.append)", "s.q = []", "def call(sorted):\n    sorted([1])"),
    "a helper bound twice": policy("f(1)", module="LOG = []\ndef f(x): pass\nf = LOG.append"),
    "a helper bound by another": policy(
        "f(1)", "global f\nf = LOG.append", module="LOG = []\ndef f(x): pass"
    ),
    "a module that may be an object": policy(
        "np.copy(1)",
        module="""
        LOG = []
        class C: pass
        try:
            import no_such_module as np
        except ImportError:
            np = C()
        np.copy = LOG.append
        """,
    ),
    "code made at run time": policy("exec('s.n += 1', {'s': s})", "s.n = 0"),
    "a class made at run time": policy(
        "s.c.get(1)", "s.c = type('C', (), {'get': LOG.append})()", "LOG = []"
    ),
    "an attribute of a pipeline": policy(
        "for p in s.live: p.seen = getattr(p, 'seen', 0) + 1\nif pipelines: s.live.extend(pipelines)",
        "s.live = []",
    ),
    "a set": policy("s.q.add(len(s.q))", "s.q = set()"),
    "a set that stays as it is": policy("s.q.add(1)\ns.q.discard(1)", "s.q = set()"),
    "a flag": policy("s.f = not s.f", "s.f = True"),
    "a sign": policy("s.x = -s.x", "s.x = 0.0"),
    "a kind of number": policy("s.x = 1.0 if type(s.x) is int else 1", "s.x = 1"),
    "an order": policy("k = next(iter(s.d))\ns.d[k] = s.d.pop(k)", "s.d = {0: 0, 1: 1, 2: 2}"),
    "a queue that turns": policy("s.q.rotate(1)", "s.q = deque('abc')", "from collections import deque"),
    "who shares a list": policy("s.a = list(s.b) if s.a is s.b else s.b", "s.b = []\ns.a = s.b"),
    "who shares a number": policy("s.a = s.b * 1.0 if s.a is s.b else s.b", "s.b = 0.1\ns.a = s.b"),
    "a list on an operator": policy(
        "for p in s.live: p.seen.append(1)\nfor p in pipelines:\n    p.seen = []\n    s.live.append(p)",
        "s.live = []",
    ),
    "a list on a pool": policy("s.executor.pools[1].seen.append(1)", "s.executor.pools[1].seen = []"),
    "a pool's own list": policy("s.executor.pools[1].active_containers.append(1)"),
    "a status's own dict": policy(
        "for p in s.live:\n    c = p.runtime_status().state_counts\n    c[0] = c.get(0, 0) + 1\ns.live.extend(pipelines) if pipelines else 0",
        "s.live = []",
    ),
    "a list among the registered": policy(
        "eudoxia.scheduler.decorators.INIT_ALGOS['log'].append(1)",
        "eudoxia.scheduler.decorators.INIT_ALGOS['log'] = []",
        "import eudoxia.scheduler.decorators",
    ),
    "a container's operators": policy(
        "s.a.ops.append(1)", "s.a = ExecutionResult([], 1, 1, Priority.QUERY, 0)"
    ),
    "the parameters": policy("s.params['n'] = s.params.get('n', 0) + 1"),
    "a list in a partial": policy(
        "s.f.args[0].append(1)", "s.f = functools.partial(print, [])", "import functools"
    ),
    "an object with slots": policy(
        "s.c.n += 1", "s.c = C()", "class C:\n    __slots__ = ('n',)\n    def __init__(self): self.n = 0"
    ),
    "an object that is a list": policy("s.c.append(1)", "s.c = C()", "class C(list): pass"),
    "an exception": policy("s.e.args += (1,)", "s.e = ValueError()"),
    "a view's hidden list": policy("for q in s.v: q.append(1)", "s.v = {1: []}.values()"),
    "a method's object": policy("s.f(1)", "s.f = [].append"),
    "an own method's object": policy(
        "s.f()", "s.f = C().tick", "class C:\n    n = 0\n    def tick(self):\n        self.n += 1"
    ),
    "a static table": policy("C.table.append(1)", module="class C:\n    table = []"),
    "a property's table": policy(
        "s.c.p", "s.c = C()", "class C:\n    @property\n    def p(self, seen=[]):\n        seen.append(1)"
    ),
    "a named tuple's list": policy(
        "s.t.a.append(1)", "s.t = T([])", "from typing import NamedTuple\nclass T(NamedTuple):\n    a: list"
    ),
    "a local function's default": policy("s.f()", "def f(seen=[]):\n    seen.append(1)\ns.f = f"),
    "random numbers": policy("random.random()", module="import random"),
    "a generator of random numbers": policy("s.rng.random()", "s.rng = random.Random(1)", "import random"),
    "random numbers by a method": policy(
        "s.rng.choice([1])",
        "s.rng = random.Random(1)",
        "import random\nclass C:\n    def choice(self, x): return x",
    ),
    "numpy's random numbers": policy(
        "s.rng.random()", "s.rng = np.random.default_rng(1)", "import numpy as np"
    ),
    "an array in place": policy("a = s.a\na += 1", "s.a = np.zeros(3)", "import numpy as np"),
    "an array's view": policy("a = s.a[1:]\na[0] += 1", "s.a = np.zeros(3)", "import numpy as np"),
    "the time of day": policy("time.time()", module="import time"),
    "the date": policy("datetime.now()", module="from datetime import datetime"),
    "the clock": policy("s.clock.now_ticks()"),
    "the clock in seconds": policy("s.clock.now_seconds()"),
    "the clock by another way": policy("s.executor.pools[0].clock.now_ticks()"),
    "the clock by a key": policy("max([s.clock], key=lambda clock: clock.now_ticks())"),
    "the clock behind the facade": policy("s.clock.evo_watch.tick"),
    "a pool's ticks": policy("s.executor.pools[0].i"),
    "memory": policy("s.executor.get_consumed_ram_gb()"),
    "a pool's memory": policy("s.executor.pools[1].consumed_ram_gb"),
    "a pool as data": policy("s.executor.pools[1].to_dict()"),
    "printing into a list": policy("print(1, file=s)", "s.log = []\ns.write = s.log.append"),
    "a logger's handler": policy(
        "LOG.info('x')",
        module="import logging\nLOG = logging.getLogger('x')\nLOG.addHandler(logging.NullHandler())",
    ),
    "a thread": policy("pass", module="import threading"),
}


@pytest.mark.parametrize("source", COUNTERS.values(), ids=COUNTERS)
def test_what_changes_or_moves_is_called_in_every_tick(source: str) -> None:
    """No state kept across calls, and nothing that moves with time, is ever skipped."""
    assert not is_skipped(source)


IDLE = {
    "nothing": policy("pass"),
    "an early return": policy("if not results and not pipelines: return [], []\ns.n = 1"),
    "reading its queue": policy("for p in s.q:\n    if p.n > 3: s.q.remove(p)", "s.q = []"),
    "a queue that holds work": policy(
        """
        s.live.extend(pipelines) if pipelines else None
        free = {pool.pool_id: [0, pool.avail_ram_pool] for pool in s.executor.pools}
        out = []
        for p in sorted(s.live, key=lambda p: (p.priority.value, -len(p.values))):
            for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
                fits = [i for i, (cpu, ram) in free.items() if cpu >= 1 and ram >= 1]
                if fits:
                    out.append(Assignment([op], 1, 1, p.priority, fits[0], p.pipeline_id))
        """,
        "s.live = []",
    ),
    "its own fresh containers": policy(
        """
        seen, best = set(), {}
        for i in range(4):
            seen.add(i)
            best[i] = best.get(i, 0) + 1
            best[i] += 1
        order = sorted(best.items(), key=lambda item: item[1])
        order.sort(key=itemgetter(1), reverse=True)
        order += [1]
        """,
        module="from operator import itemgetter",
    ),
    "counting in numbers": policy(
        "n = 0\nfor pool in s.executor.pools:\n    n += pool.avail_cpu_pool\n    cpu = pool.max_cpu_pool\n    cpu -= n"
    ),
    "helpers": policy(
        "best = pick(s, [0])\nbest.append(1)",
        module="""
        def pick(s, among):
            return [pool for pool in s.executor.pools if fits(pool)] + among
        def fits(pool):
            return pool.avail_cpu_pool > 99
        """,
    ),
    "a nested helper": policy(
        "def size(p): return len(p.values)\nsum(size(p) for p in s.live)\nmin(s.live, key=size, default=None)",
        "s.live = []",
    ),
    "objects of its own": policy(
        "job = Job(s.executor.pools[0])\njob.size += 1\njob.weight(2)",
        module="""
        class Job:
            def __init__(self, pool):
                self.pool = pool
                self.size = pool.max_cpu_pool
            def weight(self, factor):
                return self.size * factor
        """,
    ),
    "a dataclass": policy(
        "jobs = [Job(1), Job(2)]\njobs[0] < jobs[1]\nsorted(jobs)",
        module="""
        from dataclasses import dataclass, field
        @dataclass(order=True)
        class Job:
            size: int
            ops: list = field(default_factory=list)
        """,
    ),
    "iterators used up": policy(
        """
        pools = iter(s.executor.pools)
        first = next(pools)
        its = [iter(pool.active_containers) for pool in s.executor.pools]
        try:
            while True: next(its[0])
        except StopIteration: pass
        total = sum(map(int, (p.avail_ram_pool for p in s.executor.pools)))
        names = ', '.join(str(i) for i, _ in enumerate(zip(range(3), 'abc')))
        """
    ),
    "a generator of its own": policy(
        "for op in ready(s): pass\nbest = max(ready(s), default=None)",
        "s.live = []",
        "def ready(s):\n    for p in s.live:\n        yield from p.values",
    ),
    "a heap of its own": policy(
        """
        tie = itertools.count()
        heap = [(1, 2)]
        heapq.heappush(heap, (0, next(tie)))
        heapq.nsmallest(1, heap, key=lambda item: item[0])
        """,
        module="import heapq, itertools",
    ),
    "a defaultdict of its own": policy(
        "d = defaultdict(int)\nd[1] += 2\nd[3]",
        module="from collections import defaultdict",
    ),
    "a defaultdict that knows": policy(
        "s.d[1]", "s.d = defaultdict(int)\ns.d[1]", "from collections import defaultdict"
    ),
    "logging": policy("LOG.debug('quiet')", module="import logging\nLOG = logging.getLogger(__name__)"),
    "modules not used now": policy(
        "if pipelines: random.random() + time.time() + np.zeros(1)[0]",
        module="import random, time\nimport numpy as np",
    ),
    "deadlines": policy("any(p.runtime_status().has_timed_out() for p in s.live)", "s.live = []"),
    "states": policy(
        "for p in s.live:\n    p.runtime_status().state_counts[OperatorState.FAILED]\n    [op.state() for op in p.values]\n    p.to_dict()\ns.live.extend(pipelines) if pipelines else 0",
        "s.live = []",
    ),
    "a match": policy("match len(s.q):\n    case 0: pass\n    case n: s.q.pop()", "s.q = []"),
    "printing": policy("print('idle', end='')"),
}


@pytest.mark.parametrize("source", IDLE.values(), ids=IDLE)
def test_what_does_nothing_is_skipped(source: str) -> None:
    """Ordinary policies are not called on ticks on which they would do nothing."""
    assert is_skipped(source)


RETURNING = {
    "a queue taken apart and put together": policy(
        """
        s.q.extend(pipelines)
        again = []
        while s.q:
            p = s.q.pop(0)
            if not p.runtime_status().is_pipeline_successful():
                again.append(p)
        s.q.extend(again)
        """,
        "s.q = []",
    ),
    "a queue made anew": policy(
        "s.q = [p for p in s.q + pipelines if not p.runtime_status().is_pipeline_successful()]", "s.q = []"
    ),
    "a queue sorted": policy("s.q.sort(reverse=True)", "s.q = [2, 1, 3]"),
    "notes of what is free": policy(
        "s.free = {p.pool_id: [p.avail_cpu_pool, p.avail_ram_pool] for p in s.executor.pools}\ns.most = max(s.free)"
    ),
    "a heap emptied and filled": policy(
        """
        for p in pipelines: heapq.heappush(s.heap, (p.priority.value, next(s.tie), p))
        kept = []
        while s.heap: kept.append(heapq.heappop(s.heap))
        for item in kept: heapq.heappush(s.heap, item)
        """,
        "s.heap = []\ns.tie = itertools.count()",
        "import heapq, itertools",
    ),
    "objects of its own": policy(
        "for p in pipelines: s.m.add(p)\ns.m.prune()",
        "s.m = Manager()",
        """
        from collections import defaultdict, deque
        class Job:
            def __init__(self, p):
                self.p = p
                self.tags = {'x': (1, 2.5)}
        class Manager:
            kinds = []
            def __init__(self):
                self.jobs = []
                self.counts = defaultdict(int)
                self.recent = deque(maxlen=3)
            def add(self, p):
                self.jobs.append(Job(p))
                self.counts[p.priority] += 1
            def prune(self):
                self.jobs = [j for j in self.jobs if not j.p.runtime_status().is_pipeline_successful()]
                self.recent.append(None)
        """,
    ),
    "what settles": policy("s.n = min(s.n + 1, 5)", "s.n = 0"),
    "a global that stays": policy("global N\nN = len(pipelines)", module="N = 0"),
    "pipelines that were marked": policy(
        "for p in pipelines:\n    p.seen = True\n    s.q.append(p)\ns.q = [p for p in s.q if p.seen]",
        "s.q = []",
    ),
    "a random generator at rest": policy("s.n = 1", "s.rng = random.Random(1)", "import random"),
}


@pytest.mark.parametrize("source", RETURNING.values(), ids=RETURNING)
def test_what_comes_back_to_where_it_was_is_skipped(source: str) -> None:
    """A call that changes the policy's state, but leaves it as it found it, stands for those after it."""
    arrivals = (Arrival("a", 1, ((), (0,)), (None, None)), Arrival("b", 3, ((),), (2.5,)))
    quiet = [Observation(1 + 30 * i, 29) for i in range(3)]
    *_, last = called(source, Observation(0, 0, arrivals), *quiet)
    assert last == Reply(90, every_tick=False)


def test_line_numbers_stay() -> None:
    """A fault names the line of the policy's own source, whatever was put into its code."""
    failing = "    x.pop(); return 1 / i"
    source = policy(
        "s.n = 0\ns.n += 1\nfor i in range(3):\n    s.q.append(i)\n    boom(i)",
        "s.q = []",
        f"def boom(i):\n    x = [i]\n{failing}",
    )
    (reply,) = called(source, Observation(0, 0), work_limit=1000)
    assert reply.fault is not None
    assert (reply.fault.kind, reply.fault.line) == (
        "ZeroDivisionError",
        source.splitlines().index(failing) + 1,
    )


def test_the_obstacle_is_named() -> None:
    """It can be asked why a policy is called in every tick."""
    assert watch_changes(ast.parse("import threading")) == "line 1: imports threading"
    assert watch_changes(ast.parse("import math")) is None
