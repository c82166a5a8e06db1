"""What is known of the calls that policies make: which change nothing, and which give something freshly made.

Names are written in full ("math.floor", "builtins.sorted", "eudoxia.Suspend"). What stands in no table counts as
changing something. A call stands here only if it changes none of its arguments and reads nothing that moves with
time; the facade's own members that do so say it themselves when they run.
"""

from __future__ import annotations

import builtins
import collections
import itertools
import random
from collections.abc import Mapping
from types import MappingProxyType

UNKNOWN, FRESH, SCALAR, NUMBER = range(4)
"""How much is known of a value: nothing; made in this call; also immutable, without parts; also a number."""

HARMLESS = frozenset(
    {
        *("__future__", "abc", "bisect", "collections", "collections.abc", "copy", "dataclasses", "datetime"),
        *("enum", "fractions", "functools", "heapq", "itertools", "logging", "math", "numbers", "numpy"),
        *(
            "operator",
            "random",
            "statistics",
            "time",
            "typing",
            "eudoxia",
            "uuid",
            "json",
            "re",
            "zlib",
            "hashlib",
        ),
    }
)
"""Modules whose objects neither act on their own nor hide a change behind a method named as a pure one."""


def _table(prefix: str, level: int, names: str) -> dict[str, int]:
    return {f"{prefix}.{name}": level for name in names.split()}


def _methods(level: int, names: str) -> dict[str, int]:
    return dict.fromkeys(names.split(), level)


def _set(*names: str) -> frozenset[str]:
    return frozenset(name for words in names for name in words.split())


_ERRORS = " ".join(
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
)
_LAZY = (
    "accumulate chain chain.from_iterable combinations combinations_with_replacement compress cycle dropwhile "
    "filterfalse islice pairwise permutations product repeat starmap takewhile zip_longest batched"
)

PURE: Mapping[str, int] = MappingProxyType(
    {
        **_table("builtins", NUMBER, "len int float bool ord isinstance issubclass hasattr callable any all"),
        **_table("builtins", SCALAR, "str repr ascii bin hex oct chr format bytes range slice"),
        **_table(
            "builtins", FRESH, "abs round divmod pow complex list dict set tuple frozenset sorted zip map"
        ),
        **_table("builtins", FRESH, "filter enumerate reversed iter object dict.fromkeys " + _ERRORS),
        **_table("builtins", UNKNOWN, "getattr min max next print sum super type"),
        **_table("collections", FRESH, "Counter OrderedDict deque defaultdict"),
        **_table("eudoxia", FRESH, "Assignment Suspend ExecutionResult WaitingQueueJob RetryStats Estimate"),
        **_table("eudoxia", UNKNOWN, "Priority OperatorState DagShape EudoxiaException"),
        **_table("fractions", FRESH, "Fraction"),
        **_table("functools", UNKNOWN, "cmp_to_key partial reduce"),
        **_table("heapq", FRESH, "nlargest nsmallest merge"),
        **_table("bisect", NUMBER, "bisect bisect_left bisect_right"),
        **_table("itertools", FRESH, _LAZY + " count"),
        **_table("logging", UNKNOWN, "getLogger debug info warning error critical exception log"),
        **_table(
            "math", NUMBER, "acos asin atan atan2 ceil comb cos cosh dist erf exp expm1 fabs factorial floor"
        ),
        **_table(
            "math", NUMBER, "fmod fsum gamma gcd hypot isclose isfinite isinf isnan isqrt lcm ldexp log"
        ),
        **_table(
            "math", NUMBER, "log10 log1p log2 perm pow prod remainder sin sinh sqrt tan tanh trunc copysign"
        ),
        **_table("operator", UNKNOWN, "itemgetter attrgetter"),
        **_table("statistics", UNKNOWN, "fmean mean median pstdev pvariance stdev variance"),
        **_table("typing", UNKNOWN, "cast"),
    }
)
"""Calls that change nothing, with what is known of their value."""

CALLBACKS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("builtins.map", "builtins.filter", "functools.reduce", "functools.cmp_to_key"), 0),
        **dict.fromkeys(("itertools.starmap", "itertools.takewhile", "itertools.dropwhile"), 0),
        **dict.fromkeys(("itertools.filterfalse", "collections.defaultdict"), 0),
        "itertools.accumulate": 1,
        **dict.fromkeys(
            ("builtins.sorted", "builtins.min", "builtins.max", "heapq.merge", "bisect.bisect"), -1
        ),
        **dict.fromkeys(("heapq.nlargest", "heapq.nsmallest"), 2),
        **dict.fromkeys(("bisect.bisect_left", "bisect.bisect_right"), 4),
    }
)
"""Calls that call one of their arguments: its place (-1: by keyword only)."""

CALLBACK_KEYWORDS = frozenset({"key", "func", "function", "default_factory", "predicate"})

EDITS_FIRST = frozenset(
    {
        *("heapq.heappush", "heapq.heappop", "heapq.heapify", "heapq.heapreplace", "heapq.heappushpop"),
        *(
            "bisect.insort",
            "bisect.insort_left",
            "bisect.insort_right",
            "builtins.setattr",
            "builtins.delattr",
        ),
    }
)
"""Calls that change their first argument and nothing else."""

ITERATORS = frozenset(
    {
        *_table("builtins", 0, "iter zip map filter enumerate reversed"),
        *_table("itertools", 0, _LAZY),
        "heapq.merge",
    }
)
"""Calls that give an iterator: something that reading changes."""

CONSUMERS = frozenset(
    {
        *_table(
            "builtins", 0, "list dict set tuple frozenset sorted sum min max any all next dict.fromkeys print"
        ),
        *_table("collections", 0, "Counter OrderedDict deque"),
        *_table("statistics", 0, "fmean mean median pstdev pvariance stdev variance"),
        *("heapq.nlargest", "heapq.nsmallest", "math.fsum", "math.prod", "functools.reduce"),
    }
)
"""Calls that read an iterator at once and do not keep it."""

PURE_METHODS: Mapping[str, int] = MappingProxyType(
    {
        **_methods(UNKNOWN, "get items keys values most_common total"),
        **_methods(FRESH, "copy union intersection difference symmetric_difference get_ops split"),
        **_methods(NUMBER, "index count bit_length is_integer isdisjoint issubset issuperset"),
        **_methods(NUMBER, "startswith endswith isdigit isalpha find rfind rindex"),
        **_methods(SCALAR, "strip lstrip rstrip lower upper title capitalize join format"),
        **_methods(SCALAR, "replace zfill ljust rjust center casefold removeprefix removesuffix"),
        **_methods(FRESH, "rsplit splitlines partition rpartition total_seconds"),
        **_methods(UNKNOWN, "runtime_status state check_transition get_container_by_id to_dict"),
        **_methods(UNKNOWN, "get_pipeline_id find_node_by_id container_tick_times"),
        **_methods(NUMBER, "is_pipeline_successful has_timed_out failed can_suspend_container"),
        **_methods(NUMBER, "is_completed is_suspended get_pool_id_with_max_avail_ram"),
        **_methods(NUMBER, "num_completed get_total_ram_gb get_allocated_ram_gb get_consumed_ram_gb"),
        **_methods(NUMBER, "get_current_memory_usage ticks_elapsed now_ticks now_seconds"),
        **_methods(NUMBER, "get_latency_ticks"),
    }
)
"""Methods that change nothing, on whatever object of these modules or the facade they are called."""

LOGGER_METHODS = _set("debug info warning error critical exception log isEnabledFor")

OWN_METHODS = _set(
    "append extend insert pop remove sort reverse clear add discard update setdefault popitem appendleft popleft",
    "extendleft rotate move_to_end subtract intersection_update difference_update symmetric_difference_update",
)
"""Methods of containers that change their own object and nothing else."""

CONSUMING_METHODS = _set(
    "join extend extendleft update union intersection difference symmetric_difference issubset issuperset",
    "isdisjoint intersection_update difference_update subtract",
)
"""Methods that read an iterator at once and do not keep it."""

LIBRARY_METHODS = frozenset(
    name
    for kind in (
        *(list, dict, set, frozenset, tuple, str, int, float, range, random.Random, itertools.count),
        *(collections.deque, collections.Counter, collections.OrderedDict, collections.ChainMap),
    )
    for name in dir(kind)
)
"""Methods that something from a library may have too, so that a policy's own of that name is not recognised."""

COMPARISONS = _set("__lt__ __le__ __gt__ __ge__ __eq__ __ne__")

SAFE_DUNDERS = COMPARISONS | _set(
    "__init__ __post_init__ __repr__ __str__ __len__ __bool__ __contains__ __hash__"
)
"""Special methods that a policy's class may have: their bodies are watched, and their values can do no harm."""

READABLE_DUNDERS = _set("__name__ __class__ __doc__ __slots__ __match_args__")

FORBIDDEN = _set(
    "exec eval compile __import__ globals locals vars breakpoint memoryview open input help aiter anext",
    "__builtins__ __file__ __loader__ __spec__ __package__ __dict__",
)
"""Builtins that reach or make what can't be watched."""

OPAQUE = _set(
    "nditer ndenumerate ndindex flat broadcast finditer elements iterencode groupby tee cache_info cache_clear",
    "cache_parameters singledispatch singledispatchmethod partialmethod DefaultDict make_dataclass methodcaller",
    "gi_frame cr_frame ag_frame tb_frame tb_next f_locals f_globals f_back",
)
"""Attributes and imports after which nothing is proven: they keep a state of their own, or reach into frames."""
