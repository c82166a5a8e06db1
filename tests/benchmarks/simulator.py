"""How fast the simulator is: seconds of a run, how much of that is the policy's side, and the ratio to upstream.

    python tests/benchmarks/simulator.py [--quick] [--json]

The six traces are those of the paper's workload (600 s at 1000 ticks a second, 10 operators a pipeline, one pool of 64
CPUs and 500 GB), each with `naive`, `priority` and `overbook`. A run begins with the drawn workload and ends with the
statistics. CPU seconds, best of several; upstream's once, where `eudoxia` is importable (see `evo doctor`). Caged is the
same run as a search makes it, the policy in a process of its own, in wall seconds from fork to end: on a core of its own
where there are two cores for each worker, and on one core together where there are not.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import json
import logging
import math
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from evo.cage import Cage, Limits
from evo.cage.cores import settle
from evo.evaluation import load_suite
from evo.evaluation.floor import Floored
from evo.policy import parse
from evo.population import Policy
from evo.shipped import policy_file, read_policy
from evo.simulator.audit import Laws
from evo.simulator.engine import simulate
from evo.simulator.messages import Fault, MemoryProbe, Observation, Reply
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import Schedule
from evo.simulator.workload import generate

POLICIES = ("naive", "priority", "overbook")
WORKLOADS = ((10, 10), (20, 20), (40, 40))
SEEDS = (10, 11)
REPEATS = 5
_WIDTH = 120
PATIENCE = 0.5
"""So many seconds are spent on short runs at least: the shorter, the more repeats."""


class Clocked:
    """A host whose calls are timed: the policy, and the objects that it sees."""

    def __init__(self, policy: Policy) -> None:
        self._host = Host(policy.source, policy.key)
        self.seconds = 0.0

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """As the host."""
        begun = time.perf_counter()
        fault = self._host.start(parameters, memory)
        self.seconds += time.perf_counter() - begun
        return fault

    def decide(self, observation: Observation) -> Reply:
        """As the host."""
        begun = time.perf_counter()
        reply = self._host.decide(observation)
        self.seconds += time.perf_counter() - begun
        return reply


@dataclass(frozen=True)
class Row:
    """One case, in CPU seconds; `upstream` is None where it can't be run."""

    pipelines: int
    waiting: int
    seed: int
    policy: str
    seconds: float
    policy_side: float
    apart: float
    """Caged, each side on a core of its own; not a number where there is but one."""
    together: float
    """Caged, both sides on one core."""
    upstream: float | None

    @property
    def ratio(self) -> float:
        """Upstream's seconds over ours."""
        return math.nan if self.upstream is None else self.upstream / self.seconds

    @property
    def apart_ratio(self) -> float:
        """Upstream's seconds, without any protection, over those of a caged run on two cores."""
        return math.nan if self.upstream is None else self.upstream / self.apart

    @property
    def together_ratio(self) -> float:
        """Upstream's seconds, without any protection, over those of a caged run on one core."""
        return math.nan if self.upstream is None else self.upstream / self.together


def main() -> None:
    """Measure, and print a table, or JSON."""
    parser = argparse.ArgumentParser(
        description="How fast the simulator is, beside upstream where that is installed."
    )
    parser.add_argument("--quick", action="store_true", help="one trace in place of six, and no suites")
    parser.add_argument("--json", action="store_true", help="figures for machines")
    options = parser.parse_args()
    cases = [(WORKLOADS[0], SEEDS[0])] if options.quick else [(w, s) for w in WORKLOADS for s in SEEDS]
    core = settle(0, 1)
    with Cage(Limits(), core) as apart, Cage(Limits()) as together:
        cages = (apart if core is not None else None), together
        rows = [measured(*case, policy, cages) for case in cases for policy in POLICIES]
    finer = [growth(policy) for policy in POLICIES]
    suites = [] if options.quick else [rate(name) for name in ("quick", "paper")]
    if options.json:
        cells = [asdict(row) for row in rows]
        Console().print_json(json.dumps({"runs": cells, "ten times the ticks": finer, "per second": suites}))
    else:
        show(rows, finer, suites)


def measured(workload: tuple[int, int], seed: int, name: str, cages: tuple[Cage | None, Cage]) -> Row:
    """One case: ours, the policy's side of it, in the cages, and upstream's."""
    parameters = paper(workload, seed, name)
    policy = parse(read_policy(policy_file(name)))
    schedule = generate(parameters)
    seconds, stats = best(lambda: simulate(Host(policy.source, policy.key), schedule, parameters))
    clocked = min((clock(policy, schedule, parameters) for _ in range(REPEATS)), default=math.nan)
    laws = Laws(schedule, parameters)
    apart, together = (
        min(walls(cage, policy, schedule, parameters, laws) for _ in range(REPEATS)) if cage else math.nan
        for cage in cages
    )
    return Row(*workload, seed, name, seconds, clocked, apart, together, upstream(parameters, name, stats))


def walls(cage: Cage, policy: Policy, schedule: Schedule, parameters: Parameters, laws: Laws) -> float:
    """Wall seconds of a run with everything in force."""
    begun = time.perf_counter()
    with cage.decider(policy.source, policy.key) as decider:
        result = simulate(Floored(decider), schedule, parameters, None, laws)
    assert isinstance(result, SimulatorStats)
    return time.perf_counter() - begun


def paper(workload: tuple[int, int], seed: int, policy: str, ticks_per_second: int = 1000) -> Parameters:
    """The parameters of one of the paper's traces."""
    pipelines, waiting = workload
    return Parameters.complete({
        "duration": 600,
        "ticks_per_second": ticks_per_second,
        "num_pools": 1,
        "cpus_per_pool": 64,
        "ram_gb_per_pool": 500,
        "num_operators": 10,
        "multi_operator_containers": False,
        "allow_memory_overcommit": policy == "overbook",
        "num_pipelines": pipelines,
        "waiting_seconds_mean": waiting,
        "random_seed": seed,
    })  # fmt: skip


def best(run: Callable[[], SimulatorStats | RunFailure]) -> tuple[float, SimulatorStats | RunFailure]:
    """The least CPU seconds of several runs, and what they gave."""
    seconds, spent, runs = math.inf, 0.0, 0
    while runs < REPEATS or spent < PATIENCE:
        begun = time.process_time()
        result = run()
        taken = time.process_time() - begun
        seconds, spent, runs = min(seconds, taken), spent + taken, runs + 1
    return seconds, result


def clock(policy: Policy, schedule: Schedule, parameters: Parameters) -> float:
    """Seconds of one run on the policy's side."""
    clocked = Clocked(policy)
    simulate(clocked, schedule, parameters)
    return clocked.seconds


def upstream(parameters: Parameters, policy: str, ours: SimulatorStats | RunFailure) -> float | None:
    """CPU seconds of upstream's run of its own policy of this name, which must end as ours."""
    if importlib.util.find_spec("eudoxia") is None:
        return None
    logging.disable(logging.CRITICAL)
    run_simulator = importlib.import_module("eudoxia.simulator").run_simulator
    given = {**parameters.visible, "scheduler_algo": policy}
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        begun = time.process_time()
        theirs = run_simulator(given)
        seconds = time.process_time() - begun
    if re.sub(r"np\.float64\((.*?)\)", r"\1", repr(tuple(theirs))) != repr(tuple(ours)):
        sys.exit(f"{policy}: upstream ended with {theirs}, evo with {ours}")
    return seconds


def growth(policy_name: str) -> tuple[str, float]:
    """What ten times the ticks cost: seconds at 10,000 ticks a second over those at 1000, the same trace."""
    policy = parse(read_policy(policy_file(policy_name)))
    coarse, fine = (
        best(lambda given=given: simulate(Host(policy.source, policy.key), generate(given), given))[0]  # type: ignore[misc]
        for given in (paper(WORKLOADS[0], SEEDS[0], policy_name, ticks) for ticks in (1000, 10_000))
    )
    return policy_name, fine / coarse


def rate(name: str) -> tuple[str, float]:
    """Evaluations of `priority` a second on one core, on all traces of a suite, in this process."""
    suite = load_suite(name)
    policy = parse(read_policy(policy_file("priority")))
    schedules = [
        trace.schedule(suite.parameters.ticks_per_second, suite.parameters.max_ticks)
        for trace in suite.traces
    ]
    seconds = math.inf
    for _ in range(REPEATS):
        begun = time.process_time()
        for schedule in schedules:
            simulate(Host(policy.source, policy.key), schedule, suite.parameters)
        seconds = min(seconds, time.process_time() - begun)
    return name, 1 / seconds


def show(rows: list[Row], finer: list[tuple[str, float]], suites: list[tuple[str, float]]) -> None:
    """Print the tables, and the geometric means."""
    ours = ("ms", "policy's side", "caged, 2 cores", "1 core")
    table = Table("load", "seed", "policy", *ours, "upstream", "ratio", "caged, 2 cores", "1 core")
    for row in rows:
        theirs = "" if row.upstream is None else f"{row.upstream * 1000:.0f}"
        found = (row.ratio, row.apart_ratio, row.together_ratio)
        ratios = [f"{ratio:.0f}" for ratio in found if row.upstream is not None]
        times = [
            f"{seconds * 1000:.1f}" for seconds in (row.seconds, row.policy_side, row.apart, row.together)
        ]
        load = f"{row.pipelines} in {row.waiting} s"
        table.add_row(load, str(row.seed), row.policy, *times, theirs, *ratios)
    console = Console(width=_WIDTH)
    console.print(table)
    if all(row.upstream is not None for row in rows):
        columns = {
            "here": [row.ratio for row in rows],
            "in the cage, on two cores": [row.apart_ratio for row in rows],
            "in the cage, on one core": [row.together_ratio for row in rows],
        }
        for where, column in columns.items():
            mean = statistics.geometric_mean(column)
            console.print(f"geometric mean of the ratios {where}: {mean:.0f}; least: {min(column):.0f}")
    for name, factor in finer:
        console.print(f"{name}: ten times the ticks cost {factor:.2f} times as much")
    for name, each in suites:
        console.print(f"{name}: {each:.1f} evaluations of priority a second and core")


if __name__ == "__main__":
    main()
