"""Whether two simulators did the same with one policy on one workload, and where they parted.

Equal means equal: numbers by `==`, to the last bit, but that NaN equals NaN. Only the random ids that upstream
gives to operators are masked. Knows nothing of how either result came about.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from evo.simulator.stats import PipelineStats, RunFailure, SimulatorStats

Outcome = SimulatorStats | RunFailure

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Difference(NamedTuple):
    """Something that is not the same: its name, what the first simulator has, and what the second."""

    field: str
    first: Any
    second: Any


def differences(first: Outcome, second: Outcome) -> list[Difference]:
    """What differs between two outcomes.

    Of statistics each field counts (those of classes as "pipelines_query.arrival_count"), and also the order in which
    kinds of error came; of failures the kind, the message, the tick and the phase.
    """
    if isinstance(first, SimulatorStats) != isinstance(second, SimulatorStats):
        return [Difference("outcome", _told(first), _told(second))]
    pairs = zip(_fields(first), _fields(second), strict=True)
    return [Difference(name, ours, theirs) for (name, ours), (_, theirs) in pairs if not same(ours, theirs)]


def first_event(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> Difference | None:
    """The first line in which two event logs differ, called "event 1" and so on; None where a log has ended."""
    for number, (ours, theirs) in enumerate(zip_longest(first, second), start=1):
        if not same(ours, theirs):
            return Difference(f"event {number}", ours, theirs)
    return None


def same(first: Any, second: Any) -> bool:
    """Whether two plain values are equal, ids masked; NaN equals NaN."""
    if isinstance(first, str) and isinstance(second, str):
        return first == second or _UUID.sub("<uuid>", first) == _UUID.sub("<uuid>", second)
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, float) and isinstance(second, float) and math.isnan(first):
        return math.isnan(second)
    return bool(first == second)


def _fields(outcome: Outcome) -> Iterator[tuple[str, Any]]:
    if isinstance(outcome, RunFailure):
        yield from ((name, getattr(outcome, name)) for name in ("kind", "message", "tick", "phase"))
        return
    for name, value in zip(outcome._fields, outcome, strict=True):
        if name == "finished":  # upstream doesn't tell
            continue
        if isinstance(value, PipelineStats):
            yield from ((f"{name}.{inner}", number) for inner, number in value.to_dict().items())
        elif isinstance(value, Mapping):
            yield name, list(value.items())
        else:
            yield name, value


def _told(outcome: Outcome) -> str:
    if isinstance(outcome, SimulatorStats):
        return "ended"
    return f"{outcome.kind} in tick {outcome.tick}: {outcome.message}"
