"""The recorded runs of upstream, held against the bounds of their traces."""

from __future__ import annotations

from evo.evaluation.bounds import bounds
from evo.simulator.parameters import Parameters
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import read_trace
from evo.simulator.workload import generate
from tests.evaluation.bounds.wild import better
from tests.simulator.test_golden import CASES, GOLDEN, UNKNOWN, run_case

RECORDED = tuple(name for name in CASES if name != UNKNOWN)
"""The cases of which a run came."""


def case_is_better(name: str) -> list[str]:
    """By which metrics the run of a case is better than can be."""
    result, _ = run_case(name, every_tick=False)
    if not isinstance(result, SimulatorStats):
        return []
    folder = GOLDEN / "cases" / name
    cluster = Parameters.read(folder / "params.toml")
    path = folder / "trace.csv"
    if path.exists():
        schedule = read_trace(path).schedule(cluster.ticks_per_second, cluster.max_ticks)
    else:
        schedule = generate(cluster)
    return better(result, bounds(schedule, cluster), schedule, cluster)
