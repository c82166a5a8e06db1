"""What the cage costs: milliseconds to start and end a policy's process, microseconds for a decision over the wire.

    python tests/benchmarks/cage.py [--quick] [--json]

A start is a fork from the warm template, all layers put on, and the policy loaded and initialised; the same policy is
loaded in this process as well, and what the cage adds is the difference. The policy has been read once before, as it
has in all runs but its first. Wall time, on one core as in a run.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self

from rich.console import Console
from rich.table import Table

from evo.cage import Cage, Limits
from evo.cage.layers import layers
from evo.policy import parse
from evo.shipped import policy_file, read_policy
from evo.simulator.messages import Decider, Memory, Observation
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host

POLICIES = ("naive", "priority")
STARTS, DECISIONS = 300, 20_000
QUICK = 10


@dataclass(frozen=True)
class Figure:
    """A measured duration, of many: the median and the 99th percentile."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float], scale: float) -> Self:
        """The figure of durations in seconds, in units of which a second has `scale`."""
        ordered = sorted(seconds)
        return cls(ordered[len(ordered) // 2] * scale, ordered[len(ordered) * 99 // 100] * scale)


@dataclass(frozen=True)
class Row:
    """One policy: starts and ends in milliseconds, decisions in microseconds."""

    policy: str
    fork: Figure
    load: Figure
    close: Figure
    whole: Figure
    first: Figure
    """The whole where the policy has never been read before."""
    uncaged: Figure
    """Loading the policy in this process."""
    decision: Figure
    decision_uncaged: Figure

    @property
    def added(self) -> float:
        """Milliseconds that the cage adds to a run, in the median."""
        return self.whole.p50 - self.uncaged.p50


def main() -> None:
    """Measure, and print a table, or JSON."""
    parser = argparse.ArgumentParser(description="What the cage costs.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the repetitions")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    rows = [measured(name, QUICK if options.quick else 1) for name in POLICIES]
    missing = [layer.name for layer in layers() if not layer.active]
    if options.json:
        cells = [asdict(row) | {"added": row.added} for row in rows]
        Console().print_json(json.dumps({"policies": cells, "missing": missing}))
    else:
        show(rows, missing)


def measured(name: str, fewer: int) -> Row:
    """All figures of a stock policy."""
    policy = parse(read_policy(policy_file(name)))
    forks, loads, closes, wholes, firsts, uncaged = ([] for _ in range(6))
    with Cage(Limits()) as cage:
        lifetime(cage, policy.source, policy.key)
        for _ in range(STARTS // fewer):
            times = lifetime(cage, policy.source, policy.key)
            forks.append(times[1] - times[0])
            loads.append(times[2] - times[1])
            closes.append(times[3] - times[2])
            wholes.append(times[3] - times[0])
        for number in range(STARTS // fewer):
            times = lifetime(cage, f"{policy.source}\n# {number}\n", policy.key)
            firsts.append(times[3] - times[0])
        with cage.decider(policy.source, policy.key) as decider:
            caged = decisions(decider, DECISIONS // fewer)
    for _ in range(STARTS // fewer):
        uncaged.append(duration(lambda: started(Host(policy.source, policy.key, work_limit=10**9))))
    here = decisions(Host(policy.source, policy.key, work_limit=10**9), DECISIONS // fewer)
    forked, loaded, closed, whole, first, loaded_here = (
        Figure.of(seconds, 1e3) for seconds in (forks, loads, closes, wholes, firsts, uncaged)
    )
    return Row(
        name, forked, loaded, closed, whole, first, loaded_here, Figure.of(caged, 1e6), Figure.of(here, 1e6)
    )


def lifetime(cage: Cage, source: str, key: str) -> tuple[float, float, float, float]:
    """When a policy's process was begun, there, ready, and gone."""
    begun = time.perf_counter()
    decider = cage.decider(source, key)
    there = time.perf_counter()
    started(decider)
    ready = time.perf_counter()
    decider.close()
    return begun, there, ready, time.perf_counter()


def started(decider: Decider) -> None:
    """Load a policy, which must be without fault."""
    fault = decider.start(Parameters.complete({"num_pools": 1}).visible, no_memory)
    assert fault is None, fault


def decisions(decider: Decider, count: int) -> list[float]:
    """Seconds of so many decisions in which there is nothing to decide."""
    started(decider)
    taken = []
    for tick in range(count):
        observation = Observation(tick, 0)
        begun = time.perf_counter()
        reply = decider.decide(observation)
        taken.append(time.perf_counter() - begun)
        assert reply.fault is None
    return taken


def duration(work: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def no_memory(_tick: int) -> Memory:
    """What an engine answers whose one pool is empty."""
    return Memory((0,), ())


def show(rows: list[Row], missing: list[str]) -> None:
    """Print the tables."""
    table = Table(
        "p50 (p99)",
        "fork ms",
        "load ms",
        "close ms",
        "whole ms",
        "first ms",
        "uncaged ms",
        "decision µs",
        "uncaged µs",
    )
    for row in rows:
        figures = (
            row.fork,
            row.load,
            row.close,
            row.whole,
            row.first,
            row.uncaged,
            row.decision,
            row.decision_uncaged,
        )
        table.add_row(row.policy, *(f"{figure.p50:.2f} ({figure.p99:.2f})" for figure in figures))
    console = Console()
    console.print(table)
    for row in rows:
        console.print(f"{row.policy}: the cage adds {row.added:.2f} ms to a run")
    console.print(f"layers missing here: {', '.join(missing) or 'none'}")


if __name__ == "__main__":
    main()
