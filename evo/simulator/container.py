"""A container: some CPUs, some RAM, and the operators that it walks through.

It knows when it next needs attention (`due`) and how much memory it holds at any tick until then, so that the
ticks between need not be walked. What its memory does to the pool is the pool's business. Rules from
`eudoxia/executor/container.py`.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from evo.simulator.messages import Number
from evo.simulator.progress import (
    COMPLETED,
    FAILED,
    PENDING,
    RUNNING,
    SUSPENDING,
    Operator,
    Progress,
    Violation,
)
from evo.simulator.scaling import cpu_ticks, io_ticks
from evo.simulator.trace import OperatorSpec

DISK_GB_PER_SECOND = 20


class Curve:
    """Memory in GB in each tick of an operator: `levels[i]`, and the last level ever after.

    `deltas[i]` is `levels[i] - levels[i - 1]`, for the sums of many ticks at once.
    """

    __slots__ = ("deltas", "last", "levels", "reading")

    def __init__(self, growth: NDArray[np.float64], peak: Number) -> None:
        self.levels: list[Number] = [*growth.tolist(), peak]
        self.reading = len(growth)
        self.last = len(growth)
        self.deltas = np.diff(np.append(growth, float(peak)), prepend=0.0)

    def first_above(self, limit: Number) -> int | None:
        """The first tick whose level exceeds `limit`, if any does."""
        # The last reading tick may exceed the peak by a rounding, so the two are asked apart.
        tick = bisect_right(self.levels, limit, 0, self.reading)
        if tick < self.reading:
            return tick
        return self.last if self.levels[self.last] > limit else None


class Curves:
    """The memory curves of a run's operators: equal demands share one."""

    def __init__(self, tick_length: float) -> None:
        self.tick_length = tick_length
        self._known: dict[tuple[str, Number | None, Number], Curve] = {}

    def of(self, spec: OperatorSpec) -> Curve:
        """The curve of an operator, from its first tick on."""
        # 55 and 55.0 are equal keys but different kinds of number, which sums keep apart.
        kind = f"{type(spec.memory_gb).__name__} {type(spec.storage_read_gb).__name__}"
        key = (kind, spec.memory_gb, spec.storage_read_gb)
        curve = self._known.get(key)
        if curve is None:
            reading = 0 if spec.memory_gb is not None else io_ticks(spec.storage_read_gb, self.tick_length)
            growth = np.arange(1, reading + 1, dtype=np.float64) * self.tick_length * DISK_GB_PER_SECOND
            curve = self._known[key] = Curve(growth, spec.peak_memory_gb)
        return curve


class Container:
    """One container from its first tick to its end.

    `position` is the place of the operator in work, `done` upstream's count of finished operators: the two part
    where an operator takes no tick at all, which upstream never counts as finished.
    """

    __slots__ = (
        "began", "cpu", "curve", "done", "due", "ended", "error", "growth_end", "memory", "number", "operators",
        "position", "ram", "resting", "start", "suspendable", "total",
    )  # fmt: skip

    def __init__(self, number: int, operators: list[Operator], cpu: Number, ram: Number, tick: int) -> None:
        self.number = number
        self.operators = operators
        self.cpu = cpu
        self.ram = ram
        self.start = tick
        self.due = tick
        self.memory: Number = 0.0
        self.position = 0
        self.done = 0
        self.resting = True
        self.began = tick
        self.total = 0
        self.growth_end = -1
        self.curve: Curve | None = None
        self.suspendable = False
        self.ended = False
        self.error: str | None = None

    def begin(self, tick: int, progress: Progress, curves: Curves) -> None:
        """Start the operator at `position`, passing over operators that take no tick (SEMANTICS of upstream).

        Raises Violation where upstream would fail: unmet dependencies, nothing left after a passed-over operator.
        """
        while True:
            if self.position >= len(self.operators):
                raise Violation("StopIteration", "")
            operator = self.operators[self.position]
            progress.move(operator, RUNNING)
            spec = operator.spec
            total = io_ticks(spec.storage_read_gb, curves.tick_length) + self._cpu_ticks(
                spec, curves.tick_length
            )
            if total > 0:
                break
            self.position += 1
        self.resting = False
        self.began = tick
        self.total = total
        self.curve = curve = curves.of(spec)
        self.growth_end = tick + min(curve.last, total - 1)
        over = curve.first_above(self.ram)
        self.due = tick + (total - 1 if over is None else min(over, total - 1))

    def level(self, tick: int) -> Number:
        """Memory in GB that the operator in work holds in `tick`."""
        assert self.curve is not None
        return self.curve.levels[min(tick - self.began, self.curve.last)]

    def finish_operator(self, tick: int, progress: Progress) -> None:
        """The operator in work ends with this tick: the container ends too, or rests until the next tick."""
        progress.move(self.operators[self.position], COMPLETED)
        self.done += 1
        if self.position == len(self.operators) - 1:
            self.ended = True
            return
        self.position += 1
        self.resting = True
        self.due = tick + 1

    def fail(self, error: str, progress: Progress) -> None:
        """Kill the container: what it has not finished is FAILED."""
        for operator in self.operators[self.done :]:
            progress.move(operator, FAILED)
        self.error = error
        self.ended = True

    def suspend(self, progress: Progress) -> None:
        """Start to suspend: what it has not finished is SUSPENDING."""
        for operator in self.operators[self.done :]:
            progress.move(operator, SUSPENDING)

    def release(self, progress: Progress) -> None:
        """The suspension is over: what it has not finished is PENDING again."""
        for operator in self.operators[self.done :]:
            progress.move(operator, PENDING)

    def _cpu_ticks(self, spec: OperatorSpec, tick_length: float) -> int:
        try:
            return cpu_ticks(spec.cpu_scaling, self.cpu, spec.baseline_cpu_seconds, tick_length)
        except (OverflowError, ValueError, ZeroDivisionError) as error:
            raise Violation(type(error).__name__, str(error)) from error
