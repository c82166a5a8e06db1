"""A policy's own state, written down so that two moments can be compared.

Walks everything that a policy can keep from one call to the next: the attributes of `s`, its module's names, its
functions' defaults and closures, its classes, what it tied to objects of the facade, and the operator lists of
containers. Two equal pictures mean that code which looks at nothing else can't tell the moments apart. Where
something is found whose inside can't be seen there is no picture.
"""

from __future__ import annotations

import collections
import enum
import functools
import itertools
import logging
import operator
import re
import types
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from evo.simulator.scheduling.actions import Assignment, ExecutionResult, Suspend
from evo.simulator.scheduling.changes import is_own
from evo.simulator.scheduling.cluster import Container
from evo.simulator.scheduling.loading import MODULE, is_policys
from evo.simulator.scheduling.modules import Registry, RetryStats, WaitingQueueJob
from evo.simulator.scheduling.nodes import Estimate
from evo.simulator.scheduling.watch import Facade, Shown, ShownDict
from evo.simulator.states import DagShape, OperatorState, Priority

MOST_VALUES = 100_000
"""A larger state is not worth the walk."""

_LONGEST_PAUSE = 1024

_SCALARS = frozenset({int, str, bool, type(None), bytes, type(Ellipsis)})
_RECORDS = frozenset({Assignment, ExecutionResult, Suspend, RetryStats, WaitingQueueJob, Estimate})
_FIXED = (
    *(Facade, Priority, OperatorState, DagShape, enum.property, types.ModuleType, logging.Logger),
    *(re.Pattern, types.GenericAlias, types.UnionType, operator.itemgetter, operator.attrgetter),
    *(types.MemberDescriptorType, types.GetSetDescriptorType, types.MethodDescriptorType),
    *(type(functools.lru_cache(id)), type(vars(collections.namedtuple("_", "a"))["a"])),  # noqa: PYI024 - kinds only
)
"""What keeps nothing of the policy's, or changes only by calls that are touches."""

_LIBRARY = frozenset(
    ("typing", "random", "datetime", "fractions", "numpy.random._generator", "numpy.random.mtrand")
)
"""Modules whose objects hold nothing of the policy's, and change only by calls that are touches."""

_Inside = tuple[Any, Iterable[Any]]
_Rule = Callable[[Any], _Inside]


class _Opaque(Exception):  # noqa: N818 - no error, but a way out
    """Something whose inside can't be seen."""


def picture(roots: Iterable[Any], kept: list[Any] | None = None) -> tuple[list[int], list[Any]] | None:
    """A picture of all that can be reached from `roots`; None if some of it can't be seen.

    Each value is either the n-th new one, or one met before: so it also shows who shares what with whom. Some are
    told apart by their `id`, which nothing else gets as long as somebody holds `kept`, to which all are added.
    """
    links: list[int] = []
    values: list[Any] = []
    seen: dict[int, int] = {}
    kept = [] if kept is None else kept
    pending = [iter(roots)]
    try:
        while pending:
            for value in pending[-1]:
                known = seen.get(id(value))
                links.append(-1 if known is None else known)
                if known is not None:
                    continue
                seen[id(value)] = len(seen)
                kept.append(value)
                kind = type(value)
                values.append(kind)
                if kind in _SCALARS:
                    values.append(value)
                    continue
                mark, inside = _inside(value, kind)
                values.append(mark)
                pending.append(iter(inside))
                break
            else:
                pending.pop()
            if len(kept) > MOST_VALUES:
                return None
    except (_Opaque, MemoryError):
        return None
    return links, values


def _inside(value: Any, kind: type) -> _Inside:
    """What tells a value from others of its kind, and the values in it."""
    rule = _RULES.get(kind)
    if rule is not None:
        return rule(value)
    for applies, general in _GENERAL_RULES:
        if applies(value):
            return general(value)
    raise _Opaque


def _items(table: Mapping[Any, Any]) -> list[Any]:
    return [part for item in table.items() for part in item]


def _function(function: types.FunctionType) -> _Inside:
    if not is_policys(function):
        return id(function), ()
    cells = [part for cell in function.__closure__ or () for part in _content(cell)]
    return id(function.__code__), [
        function.__defaults__,
        function.__kwdefaults__,
        *cells,
        *_items(vars(function)),
    ]


def _content(cell: Any) -> tuple[Any, ...]:
    try:
        return True, cell.cell_contents
    except ValueError:  # the name is not bound
        return (False,)


def _builtin(function: Any) -> _Inside:
    owner = function.__self__
    return function.__name__, () if isinstance(owner, types.ModuleType) else (owner,)


def _class(kind: type) -> _Inside:
    """The attributes of a policy's class: all of its own naming, and the functions among Python's."""
    if not is_own(kind):
        return id(kind), ()
    return id(kind), [
        part
        for name, value in vars(kind).items()
        if not name.startswith("__") or isinstance(value, types.FunctionType)
        for part in (name, value)
    ]


def _object(value: Any) -> _Inside:
    """The parts of an object of a policy's class."""
    kind = type(value)
    if isinstance(
        value, list | dict | set | frozenset | collections.deque | BaseException | int | str | float
    ):
        raise _Opaque
    slots = [name for base in kind.__mro__ for name in _slots(base)]
    parts = [part for name in slots if hasattr(value, name) for part in (name, getattr(value, name))]
    members = value if isinstance(value, tuple) else ()
    return len(members), [kind, *members, *parts, *_items(getattr(value, "__dict__", {}))]


def _slots(kind: type) -> tuple[str, ...]:
    named = vars(kind).get("__slots__", ())
    return (named,) if isinstance(named, str) else tuple(named)


_RULES: dict[type, _Rule] = {
    **dict.fromkeys((float, complex), lambda number: (repr(number), ())),
    **dict.fromkeys((range, slice), lambda span: (None, (span.start, span.stop, span.step))),
    uuid.UUID: lambda node: (node.int, ()),
    **dict.fromkeys((list, tuple, set, frozenset), lambda values: (len(values), values)),
    **dict.fromkeys(
        (dict, collections.OrderedDict, collections.Counter), lambda table: (len(table), _items(table))
    ),
    **dict.fromkeys((Shown, ShownDict), lambda shown: (id(shown), ())),
    collections.deque: lambda values: ((len(values), values.maxlen), values),
    types.FunctionType: _function,
    types.BuiltinFunctionType: _builtin,
    types.MethodType: lambda method: (None, (method.__func__, method.__self__)),
    functools.partial: lambda made: (None, (made.func, made.args, made.keywords)),
    property: lambda made: (None, (made.fget, made.fset, made.fdel)),
    staticmethod: lambda made: (None, (made.__func__,)),
    classmethod: lambda made: (None, (made.__func__,)),
    Registry: lambda made: (None, (made.inits, made.schedulers)),
    functools.cached_property: lambda made: (None, (made.func,)),
}

_GENERAL_RULES: tuple[tuple[Callable[[Any], bool], _Rule], ...] = (
    (lambda value: type(value) in _RECORDS, lambda record: (None, _items(vars(record)))),
    (
        lambda value: isinstance(value, collections.defaultdict),
        lambda d: (len(d), [d.default_factory, *_items(d)]),
    ),
    (lambda value: isinstance(value, itertools.count), lambda count: (repr(count), ())),
    (lambda value: isinstance(value, type), _class),
    (lambda value: isinstance(value, Container), lambda made: (id(made), (made.assignment,))),
    (lambda value: isinstance(value, _FIXED), lambda fixed: (id(fixed), ())),
    (lambda value: type(value).__module__ == MODULE, _object),
    (lambda value: type(value).__module__ in _LIBRARY, lambda fixed: (id(fixed), ())),
)


class Repetition:
    """Finds out whether calls have begun to leave everything as they found it.

    Taking pictures costs more than most calls, so attempts that fail make the next one wait, ever longer.
    """

    def __init__(self, roots: Callable[[], list[Any]]) -> None:
        self._roots = roots
        self._tick = -2
        self._picture: tuple[list[int], list[Any]] | None = None
        self._kept: list[Any] = []
        self._pause = 1
        self._waiting = 0

    def reached(self, tick: int) -> bool:
        """Whether the call in `tick`, in which nothing was read that moves, left the state as that in `tick` - 1."""
        if self._waiting:
            self._waiting -= 1
            return False
        before, follows = self._picture, self._tick == tick - 1
        kept: list[Any] = []
        self._tick, self._picture = tick, picture(self._roots(), kept)
        self._kept = kept  # what was met before stays alive up to here, so that no id means two things
        if self._picture is not None and not (follows and before is not None):
            return False
        if self._picture is not None and self._picture == before:
            self._pause = 1
            return True
        self._picture = None
        self._waiting = self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
        return False
