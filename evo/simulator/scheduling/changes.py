"""What the instrumented code calls when it is about to change something.

Changing what the policy's own state is made of (its lists, dicts, objects, `s`) is noted as an alteration, which may
turn out to have left everything as it was. Changing anything else is noted as a touch.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from types import FunctionType
from typing import Any

from evo.simulator.scheduling.actions import Assignment, ExecutionResult
from evo.simulator.scheduling.cluster import Scheduler
from evo.simulator.scheduling.loading import MODULE, is_policys
from evo.simulator.scheduling.modules import RetryStats, WaitingQueueJob
from evo.simulator.scheduling.watch import Facade, Watch

TOUCH = "__evo_touch__"
"""Called before something that may outlive the call is changed, or may be."""

ALTER = "__evo_alter__"
"""Called before a name of the module, or of an enclosing function, is bound."""

CHANGE = "__evo_change__"
"""Called with an object that is changed next; gives it back."""

REPLACE = "__evo_replace__"
"""Called with the value of a name before an augmented assignment, which may change that value in place."""

_SCALARS = frozenset({int, float, str, bool, type(None), tuple, frozenset, bytes, complex, range})
_CONTAINERS = (list, dict, collections.deque, collections.OrderedDict, collections.Counter)
_OBJECTS = (Scheduler, WaitingQueueJob, RetryStats, Assignment, ExecutionResult)


def hooks(watch: Watch, *containers: type) -> dict[str, Callable[..., Any]]:
    """What the names above stand for; `containers` are further kinds of dict that a policy may have."""
    containers_known = frozenset({*_CONTAINERS, *containers})
    known = containers_known | frozenset(_OBJECTS)
    touch, alter = watch.touch, watch.alter

    def change(value: Any) -> Any:
        if type(value) in known or is_own(value):
            alter()
        else:
            touch()
            if isinstance(value, Facade):
                watch.tagged[id(value)] = value
            elif type(value) is not set:
                watch.lost = True
        return value

    def replace(value: Any) -> None:
        if type(value) in containers_known:
            alter()
        elif type(value) not in _SCALARS:
            touch()

    return {TOUCH: touch, ALTER: alter, CHANGE: change, REPLACE: replace}


def is_own(value: Any) -> bool:
    """Whether it is an object, class or function of the policy's."""
    kind = type(value)
    if kind is FunctionType:
        return is_policys(value)
    return kind.__module__ == MODULE or (isinstance(value, type) and value.__module__ == MODULE)
