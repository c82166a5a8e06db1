"""Workloads as values: operators, pipelines, and when they arrive.

A trace says what arrives and what it truly costs, so it never reaches a policy. Here also is when upstream
delivers a pipeline, in which order it walks a pipeline's operators, and how rows of its CSV make pipelines. What
upstream accepts and gives a meaning to (times that go backwards, ids used again, a parent named twice) is accepted.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path

from evo.errors import InputError
from evo.simulator.messages import Arrival, Number
from evo.simulator.scaling import SCALINGS
from evo.simulator.states import Priority
from evo.simulator.trace_csv import Row, read_rows, read_text, write_rows

_MOST_REPEATS = 16


@dataclass(frozen=True, slots=True)
class OperatorSpec:
    """One operator and its true cost; `parents` are places of earlier operators in its pipeline, repeats included.

    Without `memory_gb` its memory grows as it reads, up to `storage_read_gb`. Kinds of number are kept: ints and
    floats sum differently in the last bit.
    """

    parents: tuple[int, ...]
    baseline_cpu_seconds: Number
    cpu_scaling: str
    memory_gb: Number | None
    storage_read_gb: Number
    peak_memory_gb: Number = field(init=False, compare=False, repr=False)
    """The most memory that it ever uses."""

    def __post_init__(self) -> None:
        peak = self.storage_read_gb if self.memory_gb is None else self.memory_gb
        object.__setattr__(self, "peak_memory_gb", peak)


@dataclass(frozen=True)
class PipelineSpec:
    """A pipeline as it arrives; operators in order of insertion. Ids may repeat within a trace."""

    pipeline_id: str
    priority: Priority
    operators: tuple[OperatorSpec, ...]

    @cached_property
    def arrival(self) -> Arrival:
        """What the policy's side is told of it, without estimates."""
        parents = tuple(operator.parents for operator in self.operators)
        return Arrival(self.pipeline_id, self.priority.value, parents, (None,) * len(parents))


Schedule = list[tuple[int, tuple[PipelineSpec, ...]]]
"""(tick, the pipelines that arrive in it, in order); ticks rise strictly."""


def dag_order(parents: Sequence[tuple[int, ...]]) -> list[int]:
    """Operators in upstream's order of iteration (eudoxia/utils/dag.py); `parents` has one entry per operator.

    Roots first, then each operator when the last of its parents has been walked. One that names a parent twice
    comes twice, and so does what it alone makes ready (odd, but part of the behaviour).
    """
    children: list[list[int]] = [[] for _ in parents]
    for place, named in enumerate(parents):
        for parent in named:
            children[parent].append(place)
    waiting = [len(set(named)) for named in parents]
    queue = deque(place for place, named in enumerate(parents) if not named)
    walked: set[int] = set()
    order: list[int] = []
    while queue:
        place = queue.popleft()
        if place not in walked:
            walked.add(place)
            for child in set(children[place]):
                waiting[child] -= 1
        order.append(place)
        queue.extend(child for child in children[place] if child not in walked and not waiting[child])
    return order


@dataclass(frozen=True)
class Trace:
    """A named workload: (arrival in seconds, pipeline) in file order."""

    name: str
    pipelines: tuple[tuple[float, PipelineSpec], ...]

    @cached_property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the trace as `write_trace` writes it; the name is no part of it."""
        return hashlib.sha256(write_trace(self).encode("utf-8", "surrogatepass")).hexdigest()

    def schedule(self, ticks_per_second: Number, max_ticks: int) -> Schedule:
        """What arrives in each of the ticks 0 to `max_ticks` - 1, as upstream delivers it (eudoxia/workload/workload.py).

        A pipeline comes in the first tick t with arrival / (1.0 / ticks_per_second) <= t, in doubles: 0.07 s at
        100 ticks a second is tick 8. Order is the file's: a time that goes backwards comes together with the
        pipeline before it, and one that never comes (infinity) blocks all behind it.
        """
        tick_length = 1.0 / ticks_per_second
        arrivals: dict[int, list[PipelineSpec]] = {}
        tick = 0
        for seconds, pipeline in self.pipelines:
            due = seconds / tick_length
            if not due <= max_ticks - 1:
                break
            if due > tick:
                tick = math.ceil(due)
            arrivals.setdefault(tick, []).append(pipeline)
        return [(tick, tuple(pipelines)) for tick, pipelines in arrivals.items()]


def read_trace(path: str | PathLike[str]) -> Trace:
    """The trace in a CSV file, named after the file; raises InputError if it can't be read or used."""
    return parse_trace(read_text(path), Path(path).stem, file=str(path))


def parse_trace(text: str, name: str, *, file: str | None = None) -> Trace:
    """The trace in the text of a CSV file; errors call it `file`, or else `name`. Raises InputError.

    Consecutive rows with the same pipeline_id are a pipeline. A time below that of the pipeline before counts as
    that one's, so a negative time is refused only where nothing came before it.
    """
    drafts: list[_Draft] = []
    for row in read_rows(text, name if file is None else file):
        pipeline_id = row.text("pipeline_id")
        if drafts and drafts[-1].pipeline_id == pipeline_id:
            for column in ("arrival_seconds", "priority"):
                if row.text(column).strip():
                    row.blame(
                        column, f"set again in pipeline {pipeline_id!r}", "fill it in its first row only"
                    )
        else:
            drafts.append(_Draft.begin(row, first=not drafts))
        drafts[-1].add(row)
    if not drafts:
        raise InputError(
            f"{name if file is None else file}: no pipelines: a row per operator must follow the header"
        )
    return Trace(name, tuple(draft.finished() for draft in drafts))


@dataclass(slots=True)
class _Draft:
    """A pipeline whose rows are still being read."""

    pipeline_id: str
    arrival_seconds: float
    priority: Priority
    operators: list[OperatorSpec] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    repeats: int = 0

    @classmethod
    def begin(cls, row: Row, *, first: bool) -> _Draft:
        """The pipeline of which `row` is the first row."""
        pipeline_id, priority = row.text("pipeline_id"), row.text("priority").strip()
        seconds = row.number("arrival_seconds")
        if first and seconds < 0:
            row.blame("arrival_seconds", f"{seconds:g} is before the start", "give a time from 0 up")
        if priority not in Priority.__members__:
            wrong = (
                f"{priority!r} is no priority" if priority else f"empty in the first row of {pipeline_id!r}"
            )
            row.blame("priority", wrong, f"one of {', '.join(Priority.__members__)}")
        return cls(pipeline_id, seconds, Priority[priority])

    def add(self, row: Row) -> None:
        """Take the operator that `row` describes; an id used twice means the later operator from then on."""
        parents = self._parents(row)
        self.repeats += len(parents) - len(set(parents))
        if self.repeats > _MOST_REPEATS:
            row.blame(
                "parents", f"over {_MOST_REPEATS} repeats in pipeline {self.pipeline_id!r}", "name each once"
            )
        scaling = row.text("cpu_scaling")
        if scaling not in SCALINGS:
            row.blame("cpu_scaling", f"{scaling!r} is no scaling", f"one of {', '.join(SCALINGS)}")
        self.places[row.text("operator_id")] = len(self.operators)
        self.operators.append(
            OperatorSpec(
                parents=parents,
                baseline_cpu_seconds=row.cost("baseline_cpu_seconds"),
                cpu_scaling=scaling,
                memory_gb=row.cost("memory_gb") if row.text("memory_gb") else None,
                storage_read_gb=row.cost("storage_read_gb"),
            )
        )

    def _parents(self, row: Row) -> tuple[int, ...]:
        names = [name.strip() for name in row.text("parents").split(";") if name.strip()]
        for name in names:
            if name not in self.places:
                wrong = f"{name!r} comes later in pipeline {self.pipeline_id!r}, or never"
                row.blame("parents", wrong, "name operators of earlier rows")
        return tuple(self.places[name] for name in names)

    def finished(self) -> tuple[float, PipelineSpec]:
        """(arrival in seconds, the pipeline)."""
        return self.arrival_seconds, PipelineSpec(self.pipeline_id, self.priority, tuple(self.operators))


def write_trace(trace: Trace) -> str:
    """The trace as CSV, byte for byte as upstream's writer has it: operators are called op1, op2, … in order."""
    return write_rows(row for seconds, pipeline in trace.pipelines for row in _rows(seconds, pipeline))


def _rows(seconds: float, pipeline: PipelineSpec) -> Iterator[tuple[str | Number | None, ...]]:
    for place, operator in enumerate(pipeline.operators):
        yield (
            pipeline.pipeline_id,
            None if place else seconds,
            "" if place else pipeline.priority.name,
            f"op{place + 1}",
            ";".join(f"op{parent + 1}" for parent in operator.parents),
            operator.baseline_cpu_seconds,
            operator.cpu_scaling,
            operator.memory_gb,
            operator.storage_read_gb,
        )
