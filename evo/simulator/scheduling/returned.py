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
_MOST_DIGITS = 18
_PAIRS = frozenset({tuple, list})

PoolValue = Number | str | None


def nothing(returned: Any) -> bool:
    """Whether it is plainly two empty lists."""
    if type(returned) in _PAIRS and len(returned) == 2:
        first, second = returned
        return type(first) is list and type(second) is list and not (first or second)
    return False


class Reading:
    """What was read so far: `orders` say what is in the `assignments`.

    `containers` is how many containers there have been.
    """

    __slots__ = ("_containers", "_operators", "_pools", "assignments", "orders", "phase", "suspensions")

    def __init__(self, pools: int, operators: Mapping[int, Operator], containers: int) -> None:
        self.phase = "policy"
        self.suspensions: tuple[tuple[int | None, PoolValue], ...] = ()
        self.assignments: list[Any] = []
        self.orders: tuple[Order, ...] = ()
        self._pools = pools
        self._operators = operators
        self._containers = containers

    def read(self, returned: Any) -> bool:
        """Read what was returned, and tell whether that is anything; raises whatever that raises."""
        suspensions, assignments = returned
        self.phase = "executor"
        stops, starts = self._walk(suspensions), self._walk(assignments)
        if stops:
            self.suspensions = tuple([(self._container(item.container_id), pool) for item, pool in stops])
        order = self._order
        orders = tuple([order(item, pool) for item, pool in starts])
        self.assignments, self.orders = [item for item, _ in starts], orders
        self.phase = "bookkeeping"
        len(assignments)
        len(suspensions)
        return bool(stops or starts)

    def _walk(self, items: Iterable[Any]) -> list[tuple[Any, PoolValue]]:
        if type(items) is list and not items:
            return []
        walked = []
        for item in items:
            pool = item.pool_id
            if type(pool) is not int or not -_LONG <= pool < _LONG:
                pool = self._pool(pool)
            walked.append((item, pool))
        if type(items) is list or hasattr(items, "__len__"):
            return walked
        return [(item, pool) for item, pool in walked if pool == 0]  # later pools find a generator used up

    def _container(self, container_id: Any) -> int | None:
        """The number in an id like "c12", if there was such a container."""
        digits = container_id[1:] if isinstance(container_id, str) else ""
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
            return None
        number = int(digits)
        return number if 0 < number <= self._containers and container_id == f"c{number}" else None

    def _pool(self, value: Any) -> PoolValue:
        """A pool number as given; what no message can hold is replaced by the pool that it equals, if any."""
        if value is None or type(value) is float or isinstance(value, str):
            return value
        return next((number for number in range(self._pools) if value == number), None)

    def _order(self, assignment: Any, pool: PoolValue) -> Order:
        known = self._operators
        ops = []
        for op in assignment.ops:
            number = getattr(op, "evo_number", None)
            if not isinstance(number, int) or known.get(number) is not op:
                raise AttributeError(f"{type(op).__name__!r} object is no operator of this run")
            ops.append(number)
        cpu = assignment.cpu
        if type(cpu) is not float and (type(cpu) is not int or not -_LONG <= cpu < _LONG):
            cpu = _number("cpu", cpu)
        ram = assignment.ram
        if type(ram) is not float and (type(ram) is not int or not -_LONG <= ram < _LONG):
            ram = _number("ram", ram)
        assignment.priority  # noqa: B018 - upstream reads it here (executor/resource_pool.py)
        return Order(tuple(ops), cpu, ram, pool, str(assignment.pipeline_id))


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
