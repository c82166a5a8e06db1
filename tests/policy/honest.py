"""Honest policies in the styles in which models and people write them: none of them may be refused.

Each is the middle of a module: `module` puts the functions that every policy owes around it.
"""

from __future__ import annotations

import textwrap


def module(text: str) -> str:
    """A whole policy from what stands at its top and, behind a line of dashes, in its scheduler."""
    top, _, step = textwrap.dedent(text).partition("----\n")
    step = textwrap.indent(step.strip() or "pass", "    ")
    return f"""{top}
@register_scheduler_init(key="honest")
def init(s):
    s.queue = []
    s.seen = {{}}


@register_scheduler(key="honest")
def schedule(s, results, pipelines):
    s.queue.extend(pipelines)
{step}
    assignments = []
    for pool in s.executor.pools:
        for pipeline in s.queue:
            todo = pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
            cpu, ram = pool.avail_cpu_pool, pool.avail_ram_pool
            if todo and cpu > 0 and ram > 0 and not assignments:
                assignments.append(Assignment(todo[:1], cpu, ram, pipeline.priority, pool.pool_id, pipeline.pipeline_id))
    return [], assignments
"""


HONEST = {
    "heap of tuples": """
        import heapq
        from itertools import count
        COUNTER = count()
        ----
        heap = []
        for p in pipelines:
            heapq.heappush(heap, (-p.priority.value, next(COUNTER), p))
        while heap:
            _, _, p = heapq.heappop(heap)
            s.seen.setdefault(p.pipeline_id, 0)
        """,
    "dataclass with fields": """
        from __future__ import annotations
        import dataclasses
        from dataclasses import dataclass, field
        from typing import Dict, List, Optional, ClassVar

        @dataclass(order=True, slots=True)
        class Job:
            rank: float
            name: str = field(compare=False)
            tries: int = field(default=0, compare=False)
            history: List[float] = field(default_factory=list, compare=False)
            limit: ClassVar[int] = 3

            def __post_init__(self) -> None:
                self.history.append(self.rank)
        ----
        jobs: List[Job] = [Job(p.priority.value, p.pipeline_id) for p in pipelines]
        jobs = [dataclasses.replace(job, tries=1) for job in sorted(jobs)]
        s.rows = [dataclasses.asdict(job) for job in jobs]
        """,
    "frozen dataclass that sets itself": """
        import functools, dataclasses as dc

        @functools.total_ordering
        @dc.dataclass(frozen=True)
        class Key:
            a: int
            b: int = dc.field(default=0)

            def __post_init__(self):
                object.__setattr__(self, "b", self.a * 2)

            def __lt__(self, other):
                return (self.a, self.b) < (other.a, other.b)
        ----
        keys = sorted(Key(p.priority.value) for p in pipelines)
        """,
    "class with special methods": """
        class Node:
            __slots__ = ("rank", "pipeline", "_size", "__weakref__")

            def __init__(self, rank, pipeline):
                self.rank = rank
                self.pipeline = pipeline
                self._size = len(pipeline.values)

            def __lt__(self, other):
                return (self.rank, self._size) < (other.rank, other._size)

            def __eq__(self, other):
                return isinstance(other, self.__class__) and self.rank == other.rank

            def __hash__(self):
                return hash(self.rank)

            def __repr__(self):
                return f"{self.__class__.__name__}({self.rank!r}, {type(self).__name__})"

            __str__ = __repr__

            @property
            def size(self):
                return self._size

            @size.setter
            def size(self, value):
                self._size = value
        ----
        nodes = sorted(Node(p.priority.value, p) for p in pipelines)
        """,
    "private names and inheritance": """
        from abc import ABC, abstractmethod

        class Base(ABC):
            __count = 0
            known = []

            def __init_subclass__(cls, **kwargs):
                super().__init_subclass__(**kwargs)
                Base.known.append(cls.__name__)

            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.__private = 1
                self._protected = kwargs.get("x", 0)
                type(self).made = True

            @abstractmethod
            def rank(self, p): ...

            @classmethod
            def make(cls):
                return cls()

            @staticmethod
            def twice(x):
                return 2 * x

        class First(Base):
            def __init__(self):
                super(First, self).__init__()

            def rank(self, p):
                return self.twice(p.priority.value) + self._Base__private
        ----
        order = First.make()
        s.queue.sort(key=order.rank)
        """,
    "getattr with literal names": """
        FIELDS = ("avail_cpu_pool", "avail_ram_pool")
        FALLBACK = {"cpu": "max_cpu_pool", "ram": "max_ram_pool"}

        def first(obj, *names, default=None):
            for name in names:
                value = getattr(obj, name, None)
                if value is not None:
                    return value
            return default

        def safe_get(obj, name, default=0):
            return getattr(obj, name, default)
        ----
        for pool in s.executor.pools:
            free = [getattr(pool, name) for name in FIELDS]
            most = {kind: getattr(pool, name) for kind, name in FALLBACK.items()}
            also = first(pool, "avail_ram", "avail_ram_pool", default=1)
            name = safe_get(pool, "pool_id") if hasattr(pool, "pool_id") else 0
        if not hasattr(s, "state"):
            setattr(s, "state", {})
        for pool in s.executor.pools:
            setattr(s, f"queue_{pool.pool_id}", getattr(s, "queue_" + str(pool.pool_id), []))
        for kind in ("cpu", "ram"):
            s.state[kind] = sum(getattr(pool, f"avail_{kind}_pool") for pool in s.executor.pools)
        """,
    "settings by keyword": """
        DEFAULTS = {"patience": 5, "growth": 2.0}
        class Settings:
            def __init__(self, **kwargs):
                for key, value in DEFAULTS.items():
                    setattr(self, key, value)
                for key, value in kwargs.items():
                    setattr(self, key, value)
        ----
        settings = Settings(growth=3.0)
        for key, value in {"patience": settings.patience}.items():
            setattr(s, key, value)
        match settings.growth:
            case float(x) | int(x):
                s.growth = x
        """,
    "methods that read by name": """
        class Reader:
            def __init__(self, obj):
                self.obj = obj

            def get(self, name, default=None):
                return getattr(self.obj, name, default)

            @staticmethod
            def read(obj, name):
                return getattr(obj, name)

            def __getattr__(self, name):
                return getattr(self.obj, name)
        ----
        for pool in s.executor.pools:
            reader = Reader(pool)
            s.seen[reader.get("pool_id")] = reader.get("avail_cpu_pool", 0) + Reader(pool).read(pool, "avail_ram_pool")
        """,
    "operator module": """
        import operator
        from operator import attrgetter, itemgetter, methodcaller
        by_rank = attrgetter("priority.value", "pipeline_id")
        ----
        s.queue.sort(key=operator.attrgetter("priority.value"))
        s.queue.sort(key=by_rank)
        pairs = sorted(s.seen.items(), key=itemgetter(1))
        list(map(methodcaller("runtime_status"), pipelines))
        """,
    "logging and printing": """
        import logging
        import sys
        logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
        logger = logging.getLogger(__name__)
        logger.setLevel(logging.WARNING)
        log = logging.getLogger("policy.scheduler")
        log.addHandler(logging.NullHandler())
        ----
        logger.info("tick %d: %s", len(results), pipelines)
        logger.debug("{} arrived, {:.2f} wait".format(len(pipelines), 1.5))
        print("queue:", len(s.queue), file=sys.stderr)
        print(f"{len(s.queue)=} {1.5:>10.2f} {'a'!r:{8}}")
        print("%s of %s" % (1, 2), "{0:>{1}}".format(1, 5), "{x[0]}".format(x=[1]))
        print("{p.priority.name}: {p.pipeline_id}".format(p=pipelines[0]) if pipelines else "nothing")
        """,
    "templates in constants": """
        LINE = "{name:<10} {value:8.3f}"
        SEP = "-" * 20
        class Report:
            TITLE = "{}"
            def __init__(self):
                self.line = "{:>8}"
            def title(self, x):
                return self.TITLE.format(x) + self.line.format(x)
            def format(self, x):
                return LINE.format(name="x", value=x)
            def show(self):
                return self.format(1.0)
        ----
        print(LINE.format(name="queue", value=float(len(s.queue))), SEP, Report().show())
        render = "{:.1f}".format
        print(", ".join(map(render, [1.0, 2.0])), format(1.5, ".1f"), str(1.0).rjust(5))
        """,
    "numpy": """
        import numpy as np
        from numpy.typing import NDArray
        rng = np.random.default_rng(0)

        def scores(xs: "NDArray[np.float64]", w: np.ndarray = np.ones(2)) -> np.ndarray:
            return np.clip(xs @ w, 0.0, np.inf)
        ----
        free = np.array([[p.avail_cpu_pool, p.avail_ram_pool] for p in s.executor.pools], dtype=np.float64)
        order = np.argsort(-scores(free), kind="stable")
        best = int(np.argmax(free[:, 0])) if free.size else 0
        spread = np.linalg.norm(free - free.mean(axis=0)) + np.percentile(free, 95) + np.std(free)
        noise = rng.normal(size=3).round(2).tolist() + np.random.rand(2).tolist()
        """,
    "numpy if it is there": """
        try:
            import numpy as np
        except ImportError:
            np = None
        HAS_NUMPY = np is not None
        ----
        mean = float(np.mean([1, 2])) if HAS_NUMPY else 1.5
        """,
    "random with a seed": """
        import random
        from random import Random, choice
        RNG = random.Random(42)
        random.seed(7)

        def pick(xs, rng: random.Random = RNG):
            return rng.choice(xs) if xs else None
        ----
        s.rng = random.Random()
        pick(s.queue)
        random.shuffle(list(s.queue))
        Random(f"{len(s.queue)}").random()
        """,
    "local imports": """
        def median(xs):
            import statistics
            from statistics import mean, StatisticsError
            try:
                return statistics.median(xs)
            except StatisticsError:
                return 0.0
        ----
        import math, collections
        from collections import defaultdict, deque, Counter, OrderedDict, namedtuple
        counts = Counter(p.priority for p in pipelines)
        queues = collections.defaultdict(deque)
        x = math.ceil(median([1, 2])) + math.inf
        """,
    "dicts that have values": """
        from collections import OrderedDict
        ----
        by_pool = OrderedDict((p.pool_id, p) for p in s.executor.pools)
        total = sum(len(x) if isinstance(x, list) else 1 for x in s.seen.values())
        for op in [op for p in pipelines for op in p.values]:
            s.seen[op.id] = op.estimate.mem_peak_gb or 1
        for pipeline in pipelines:
            for op in pipeline.values:
                state = op.state()
            values = {"a": 1}
            most = max(values.values(), default=0)
            op_counts = {}
            op_counts.values()
        """,
    "own classes with names of costs": """
        from dataclasses import dataclass
        @dataclass
        class Guess:
            memory_gb: float = 1.0
            segments: int = 0
            values: tuple = ()
        ----
        guess = Guess()
        guess.memory_gb *= 2
        s.guess = guess.memory_gb + guess.segments + len(guess.values)
        """,
    "closures and generators": """
        def counter():
            n = 0
            def bump(by=1):
                nonlocal n
                n += by
                return n
            return bump

        def ready(queue):
            for p in queue:
                yield from p.runtime_status().get_ops(ASSIGNABLE_STATES)

        BUMP = counter()
        ----
        BUMP(); BUMP(by=2)
        first = next(ready(s.queue), None)
        squares = (x * x for x in range(3) if (y := x) and y > 0)
        total = sum(squares) + (lambda a, *b, k=1, **c: a + k)(1, 2, k=3)
        """,
    "globals of the module": """
        __all__ = ["init", "schedule"]
        __version__ = "1.0"
        __author__ = "somebody"
        TICKS = 0
        _CACHE: dict = {}

        def bump():
            global TICKS
            TICKS += 1
            return TICKS

        if __name__ == "__main__":
            print(__doc__)
        ----
        _CACHE[bump()] = len(pipelines)
        """,
    "enums": """
        import enum
        from enum import Enum, IntEnum, auto, unique

        @unique
        class Phase(Enum):
            WARM = auto()
            HOT = auto()

            @property
            def weight(self):
                return self.value * 2

        class Rank(IntEnum):
            LOW = 1
            HIGH = 2

        Kind = enum.Enum("Kind", "small large")
        ----
        class Text(str, Enum):
            A = "a"
        try:
            from enum import StrEnum
        except ImportError:
            class StrEnum(str, Enum):
                pass
        class Shade(StrEnum):
            DARK = "dark"
        phase = Phase["WARM"] if len(s.queue) else Phase(2)
        names = [m.name for m in Phase] + list(Phase.__members__)
        ranks = {p: Rank.HIGH if p is Priority.QUERY else Rank.LOW for p in Priority}
        """,
    "matching": """
        from collections import namedtuple
        from typing import NamedTuple
        Point = namedtuple("Point", ["x", "y"], defaults=(0,))
        class Named(namedtuple("Named", "a, b")):
            raw = 1
        class Load(NamedTuple):
            cpu: float
            ram: float
        ----
        for result in results:
            match result.error:
                case None:
                    pass
                case "OOM" | "timeout" as why:
                    s.seen[result.pool_id] = why
                case str(other) if other:
                    print(other)
        match [Load(1, 2)]:
            case [Load(c, ram=r), *rest]:
                s.load = c + r
        match Point(1, "x"), 3.0:
            case Point(a, str(b)), float(x):
                s.load = a + x
            case {"cpu": c, **others}:
                pass
        """,
    "context managers": """
        from contextlib import contextmanager, suppress, nullcontext
        class Guard:
            def __enter__(self):
                return self
            def __exit__(self, kind, value, traceback):
                return False

        @contextmanager
        def guarded(x):
            try:
                yield x
            finally:
                pass
        ----
        with Guard() as g, guarded(1) as one, suppress(KeyError), nullcontext():
            s.seen["missing"]
        """,
    "errors and their tracebacks": """
        import traceback
        import warnings
        class Broken(Exception):
            def __init__(self, message, code=0):
                super().__init__(message)
                self.code = code
        ----
        try:
            raise Broken("x", code=3) from ValueError("y")
        except (Broken, KeyError) as error:
            s.seen["error"] = str(error), error.args, error.code
            traceback.print_exc()
        else:
            warnings.warn("never")
        finally:
            s.done = True
        """,
    "functools": """
        import functools
        from functools import lru_cache, partial, reduce, wraps, cmp_to_key

        def traced(fn):
            @wraps(fn)
            def inner(*args, **kwargs):
                return fn(*args, **kwargs)
            inner.__name__ = fn.__name__
            return inner

        @lru_cache(maxsize=None)
        def cost(n):
            return n if n < 2 else cost(n - 1) + cost(n - 2)

        @traced
        def double(x):
            return 2 * x
        ----
        total = reduce(lambda a, b: a + b, [1, 2, 3], 0) + cost(10) + double(2)
        add = partial(max, 1)
        s.queue.sort(key=cmp_to_key(lambda a, b: a.priority.value - b.priority.value))
        cost.cache_clear()
        """,
    "types everywhere": """
        from __future__ import annotations
        import typing as t
        from typing import Any, Callable, Dict, Generic, List, Optional, Protocol, Tuple, TypeVar, Union, TYPE_CHECKING
        if TYPE_CHECKING:
            from eudoxia.scheduler import Scheduler
        T = TypeVar("T")
        Key = Tuple[int, str]

        class Ranked(Protocol):
            def rank(self) -> int: ...

        class Box(Generic[T]):
            kind: type = int
            def __init__(self, item: T, make: "Callable[[], T] | None" = None) -> None:
                self.item: T = item
            def __class_getitem__(cls, item):
                return super().__class_getitem__(item)

        def of(kind: type[T], xs: list[Any], s: "Scheduler" = None) -> t.Iterator[T]:
            return (t.cast(kind, x) for x in xs if isinstance(x, (kind, type)))
        ----
        boxes: Dict[Key, Box[int]] = {}
        found: Optional[Union[int, str]] = next(of(int, [1]), None)
        """,
    "eudoxia by its modules": """
        import eudoxia.workload
        import eudoxia.scheduler.decorators as deco
        from eudoxia.executor import Assignment, Suspend
        from eudoxia.executor.container import Container
        from eudoxia.scheduler import *
        from eudoxia.utils import DISK_SCAN_GB_SEC, Priority
        from eudoxia.workload import ASSIGNABLE_STATES, Operator, OperatorState, Pipeline, Segment
        ----
        states = {OperatorState.PENDING: 0, eudoxia.workload.OperatorState.FAILED: 1}
        ops: List[Operator] = [op for p in pipelines for op in p.values]
        suspensions = [Suspend(c.container_id, c.pool_id) for pool in s.executor.pools
                       for c in pool.active_containers if c.can_suspend_container() and c.priority == Priority.QUERY][:0]
        """,
    "the clock that is allowed": """
        from datetime import timedelta
        HOUR = timedelta(hours=1).total_seconds()
        ----
        now = s.clock.now_ticks() / s.executor.ticks_per_second
        s.started = getattr(s, "started", None) or now
        late = [p for p in s.queue if p.runtime_status().arrival_tick is not None and now > HOUR]
        """,
    "learning from results": """
        import statistics
        class Model:
            def __init__(self, alpha=0.3):
                self.alpha, self.mean, self.values, self.load = alpha, None, [], 0
            def update(self, x):
                self.mean = x if self.mean is None else (1 - self.alpha) * self.mean + self.alpha * x
                self.values.append(x)
            def dump(self):
                return dict(mean=self.mean, n=len(self.values))
            def open(self): return True
            def compile(self, input=None, vars=()): return self.open() and input is None and not vars
            def eval(self, x): return x
        ----
        model = s.seen.setdefault("model", Model())
        for r in results:
            if r.failed() and r.error == "OOM":
                model.update(r.ram * 2)
        spread = statistics.pstdev(model.values) if len(model.values) > 1 else 0.0
        model.dump(); model.compile(); model.eval(1)
        """,
    "words in texts": '''
        """Never calls eval(), open('/etc/passwd') or __import__('os').system; op.values and __globals__ stay where they are."""
        # import os; exec("x")
        HELP = "eval exec compile open input __import__ globals vars __class__ gi_frame"
        ----
        s.note = "__globals__" + HELP  # a comment with __builtins__
        ''',
    "copies and json": """
        import copy, json, re, textwrap, string, zlib, hashlib, uuid
        from copy import deepcopy
        PATTERN = re.compile(r"(\\d+)")
        class Bag(dict):
            def __missing__(self, key):
                return 0
            def __deepcopy__(self, memo):
                return Bag(self)
            def __getitem__(self, key):
                return super().__getitem__(key)
        ----
        bag = deepcopy(Bag(a=1))
        text = json.dumps({"a": bag["b"]}, sort_keys=True)
        number = int(PATTERN.search("p12").group(1)) if PATTERN.match("p") else zlib.crc32(text.encode())
        stable = hashlib.md5(text.encode()).hexdigest()[:8] + string.ascii_letters[:2]
        ids = sorted(s.seen, key=s.seen.__getitem__) if not s.seen else []
        """,
    "bisect, fractions, decimals, queues": """
        import bisect, itertools as it, queue, array, heapq
        from decimal import Decimal, getcontext
        from fractions import Fraction
        from graphlib import TopologicalSorter
        from queue import PriorityQueue
        from types import SimpleNamespace, MappingProxyType
        getcontext().prec = 20
        LIMITS = MappingProxyType({"cpu": 4})
        ----
        edges = [1, 5, 9]
        bucket = bisect.bisect_right(edges, len(s.queue))
        groups = {k: list(v) for k, v in it.groupby(s.queue, key=lambda p: p.priority)}
        q = PriorityQueue()
        q.put((1, bucket))
        job = SimpleNamespace(cpu=LIMITS["cpu"], ram=float(Fraction(1, 3)))
        job.ram += float(Decimal("0.1"))
        order = list(TopologicalSorter({1: {2}}).static_order())
        """,
    "long names that only look bad": """
        class Osmosis:
            system = None
            def frame(self): return self.system
            co_located = 1
        class Op:
            def __init__(self): self.values = [1]
        credits, license, help = {}, None, "words"
        def spend(op): return len(op.values) + len(credits) + len(help)
        evolve = 3
        evolution_rate = 0.5
        def evaluate(policy_eval, executor_open): return policy_eval + executor_open
        ----
        o = Osmosis()
        o.source, o.lib, o.core, o.load, o.save, o.test, o.data, o.path, o.code = range(9)
        op = Op()
        o.spent = spend(op) + op.values[0]
        o.raw, o.detach, o.buffer, o.format, o.register = 1, len, [], "x", print
        o.buffer.append(o.raw)
        o.detach([])
        o.co_located += o.load + o.lib + evaluate(1, 2)
        """,
    "stars": """
        from math import *
        from itertools import *
        from typing import *
        from eudoxia.scheduler import *
        from eudoxia.workload import *

        def width(xs: Sequence[float], most: Optional[int] = None) -> Dict[str, float]:
            return {"sum": fsum(islice(xs, most)), "root": sqrt(len(xs))}
        ----
        s.widths = width([1.0, 2.0])
        """,
    "a comparison of kinds": """
        def kind(x):
            if type(x) is int or type(x) in (float, str): return type(x).__name__
            if issubclass(type(x), (list, tuple)): return "sequence"
            return "none" if type(x) is type(None) else x.__class__.__qualname__
        ----
        s.kinds = [kind(x) for x in (1, 2.0, "a", [], None, s)]
        """,
    "async that is never awaited": """
        async def later(xs):
            async for x in xs:
                yield x
        async def gather(xs):
            return [x async for x in later(xs)]
        ----
        coroutine = None
        """,
}
