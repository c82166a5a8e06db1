"""A container: some CPUs, some RAM, and the operators that it walks through.

It knows when it next needs attention (`due`), and its `Stretch` how much memory it holds at any tick until then, so
that the ticks between need not be walked. What its memory does to the pool is the ledger's business. Rules from
`eudoxia/executor/container.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from evo.simulator.scaling import DISK_SCAN_GB_SEC, cpu_ticks, io_ticks
from evo.simulator.trace import OperatorSpec


@dataclass(slots=True)
class Stretch:
    """The memory of one operator in a container, in GB: it grows from tick `began` on, and is `top` from `end` on.

    `number` is the container's, `before` what it held until then.
    """

    number: int
    began: int
    end: int
    top: Number
    before: Number
    tick_length: float

    def level(self, tick: int) -> Number:
        """Memory in `tick`."""
        if tick < self.end:
            return (tick - self.began + 1) * self.tick_length * DISK_SCAN_GB_SEC
        return self.top

    def first_above(self, limit: Number) -> int | None:
        """The first tick whose memory exceeds `limit`, if any does."""
        # The quotient may be off by a rounding, and the last reading tick may exceed the peak by one.
        guess = min(limit / (self.tick_length * DISK_SCAN_GB_SEC), self.end - self.began)
        for tick in range(self.began + max(0, int(guess) - 2), self.end + 1):
            if self.level(tick) > limit:
                return tick
        return None


NO_MEMORY = Stretch(0, 0, 0, 0.0, 0.0, 0.0)
"""What a container holds that has not begun yet."""


class Durations:
    """How long operators take in a run with ticks of `tick_length` seconds; equal ones are computed once."""

    def __init__(self, tick_length: float) -> None:
        self.tick_length = tick_length
        self._known: dict[tuple[Number, Number, str, Number], tuple[int, int]] = {}

    def of(self, spec: OperatorSpec, cpus: Number) -> tuple[int, int]:
        """(ticks of reading, ticks in all) on so many CPUs; raises Violation where upstream would fail."""
        key = (spec.storage_read_gb, spec.baseline_cpu_seconds, spec.cpu_scaling, cpus)
        known = self._known.get(key)
        if known is not None:
            return known
        reading = io_ticks(spec.storage_read_gb, self.tick_length)
        try:
            total = reading + cpu_ticks(spec.cpu_scaling, cpus, spec.baseline_cpu_seconds, self.tick_length)
        except (OverflowError, ValueError, ZeroDivisionError) as error:
            raise Violation(type(error).__name__, str(error)) from error
        self._known[key] = reading, total
        return reading, total


class Container:
    """One container from its first tick to its end.

    `position` is the place of the operator in work, `done` upstream's count of finished operators: the two part
    where an operator takes no tick at all, which upstream never counts as finished. `bound` is the most memory it
    can be left with after any tick, in GB; `deadline` the first tick in which one of its pipelines may time out.
    """

    __slots__ = (
        "bound", "cpu", "deadline", "dies", "done", "due", "ended", "error", "number", "operators", "position", "ram",
        "resting", "start", "stretch", "suspendable",
    )  # fmt: skip

    def __init__(self, number: int, operators: list[Operator], cpu: Number, ram: Number, tick: int) -> None:
        self.number = number
        self.operators = operators
        self.cpu = cpu
        self.ram = ram
        self.start = tick
        self.due = tick
        self.position = 0
        self.done = 0
        self.resting = True
        self.dies = False
        self.stretch = NO_MEMORY
        self.suspendable = False
        self.ended = False
        self.error: str | None = None
        first = operators[0]
        self.deadline: float = first.pipeline.deadline
        most = first.spec.peak_memory_gb
        if len(operators) > 1:
            self.deadline = min([operator.pipeline.deadline for operator in operators])
            most = max([operator.spec.peak_memory_gb for operator in operators])
        self.bound = min(most, ram)

    def late(self, tick: int) -> bool:
        """Whether a pipeline of one of its operators, finished ones included, has timed out."""
        return self.deadline <= tick and any(operator.pipeline.timed_out(tick) for operator in self.operators)

    def begin(self, tick: int, progress: Progress, durations: Durations) -> None:
        """Start the operator at `position`, passing over operators that take no tick (odd, but upstream's).

        Raises Violation where upstream would fail: unmet dependencies, nothing left after a passed-over operator.
        """
        while True:
            if self.position >= len(self.operators):
                raise Violation("StopIteration", "")
            operator = self.operators[self.position]
            progress.move(operator, RUNNING)
            spec = operator.spec
            reading, total = durations.of(spec, self.cpu)
            if total > 0:
                break
            self.position += 1
        self.resting = False
        last = tick + total - 1
        tick_length = durations.tick_length
        top: Number = spec.peak_memory_gb
        end = tick
        if spec.memory_gb is None:
            end = min(last, tick + reading)
            if end < tick + reading:
                top = (end - tick + 1) * tick_length * DISK_SCAN_GB_SEC
        former = self.stretch
        before = former.top if former.end <= tick else former.level(tick)
        self.stretch = stretch = Stretch(self.number, tick, end, top, before, tick_length)
        # Reading may exceed the peak by a rounding.
        over = stretch.first_above(self.ram) if top * (1 + 1e-9) >= self.ram else None
        self.dies = over is not None
        self.due = last if over is None else over

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
