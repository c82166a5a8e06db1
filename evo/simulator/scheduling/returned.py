"""Reads what a policy returned, as upstream's simulator and executor would have met it.

A policy may return anything. What can be read becomes plain data; reading stops at the first thing that can't, and
`phase` says where upstream would have stumbled over it (eudoxia/simulator.py, executor/executor.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from evo.simulator.messages import Number, Order
from evo.simulator.scheduling.nodes import Operator

_LONG = 2**63

PoolValue = Number | str | None


def nothing(returned: Any) -> bool:
    """Whether it is plainly two empty lists."""
    if type(returned) is not tuple and type(returned) is not list:
        return False
    if len(returned) != 2:
        return False
    first, second = returned
    return type(first) is list and type(second) is list and not first and not second


class Reading:
    """What was read so far; `ordered` are the assignments, each with what is said of it."""

    def __init__(self, pools: int, operators: Mapping[int, Operator], containers: Mapping[str, int]) -> None:
        self.phase = "policy"
        self.suspensions: tuple[tuple[int | None, PoolValue], ...] = ()
        self.ordered: tuple[tuple[Any, Order], ...] = ()
        self._pools = pools
        self._operators = operators
        self._containers = containers

    def read(self, returned: Any) -> None:
        """Read what was returned; raises whatever that raises."""
        suspensions, assignments = returned
        self.phase = "executor"
        stops, starts = self._walk(suspensions), self._walk(assignments)
        self.suspensions = tuple((self._container(item.container_id), pool) for item, pool in stops)
        self.ordered = tuple((item, self._order(item, pool)) for item, pool in starts)
        self.phase = "bookkeeping"
        len(assignments)
        len(suspensions)

    def _walk(self, items: Iterable[Any]) -> list[tuple[Any, PoolValue]]:
        walked = [(item, self._pool(item.pool_id)) for item in items]
        if hasattr(items, "__len__"):
            return walked
        return [(item, pool) for item, pool in walked if pool == 0]  # later pools find a generator used up

    def _container(self, container_id: Any) -> int | None:
        return self._containers.get(container_id) if isinstance(container_id, str) else None

    def _pool(self, value: Any) -> PoolValue:
        """A pool number as given; what no message can hold is replaced by the pool that it equals, if any."""
        if value is None or isinstance(value, str):
            return value
        if type(value) is float or (type(value) is int and -_LONG <= value < _LONG):
            return value
        return next((number for number in range(self._pools) if value == number), None)

    def _order(self, assignment: Any, pool: PoolValue) -> Order:
        ops = tuple(self._operator(op) for op in assignment.ops)
        cpu, ram = _number("cpu", assignment.cpu), _number("ram", assignment.ram)
        return Order(ops, cpu, ram, pool, str(assignment.pipeline_id))

    def _operator(self, op: Any) -> int:
        number = getattr(op, "evo_number", None)
        if isinstance(number, int) and self._operators.get(number) is op:
            return number
        raise AttributeError(f"{type(op).__name__!r} object is no operator of this run")


def _number(name: str, value: Any) -> Number:
    """A Python int or float of the same value; raises TypeError for what is no number of these or numpy's kinds."""
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, int | np.integer | np.bool_):
        whole = int(value)
        if -_LONG <= whole < _LONG:
            return whole
        return float(whole) if abs(whole) < 10**300 else float("inf")
    raise TypeError(f"{name} of an assignment must be an int or a float, got {type(value).__name__}")
