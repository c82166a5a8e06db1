"""The least of an operator: on no number of CPUs does it take less, and on some hardly more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.bounds.operators import MIXES, Operators
from evo.simulator.container import Durations
from evo.simulator.parameters import Parameters
from evo.simulator.progress import Violation
from evo.simulator.scaling import DISK_SCAN_GB_SEC, SCALINGS
from evo.simulator.trace import OperatorSpec

CLUSTER = {"ticks_per_second": 10, "duration": 200, "cpus_per_pool": 16, "ram_gb_per_pool": 100}


def held(operator: OperatorSpec, cpus: float, cluster: Parameters) -> tuple[int, float, float]:
    """(ticks, CPUs times ticks, GB times ticks) on so many CPUs with the RAM that it needs; no ticks if it can't end."""
    try:
        reading, total = Durations(cluster.tick_length).of(operator, cpus)
    except Violation:
        return 0, 0.0, 0.0
    if not 0 < total < cluster.max_ticks:
        return 0, 0.0, 0.0
    rate = cluster.tick_length * DISK_SCAN_GB_SEC
    steps = np.arange(1, total + 1)
    memory = np.where(steps <= reading, steps * rate, operator.storage_read_gb)
    if operator.memory_gb is not None:
        memory = np.full(len(steps), operator.memory_gb)
    used = memory[:-1].sum() if cluster.allow_memory_overcommit else memory.max() * total
    return total, cpus * total, float(used)


operators = st.builds(
    OperatorSpec,
    st.just(()),
    st.sampled_from((0.0, 0.05, 0.1, 0.35, 1.0, 7.7, 40.0)),
    st.sampled_from(sorted(SCALINGS)),
    st.sampled_from((None, 0.0, 3.0, 60.0)),
    st.sampled_from((0.0, 1.0, 5.0, 44.4)),
)


@given(operators, st.floats(1e-6, 16), st.booleans(), st.sampled_from((3, 50, 2000)))
def test_nobody_needs_less(operator: OperatorSpec, cpus: float, overcommit: bool, limit: int) -> None:
    """Whatever the CPUs, an operator takes no fewer ticks and, of any mix of CPUs and memory, no less area."""
    cluster = Parameters.complete({**CLUSTER, "allow_memory_overcommit": overcommit})
    least = Operators(cluster)
    ticks, cpu, memory = held(operator, cpus, cluster)
    if ticks <= 0:
        return
    assert least.ticks(operator) <= ticks
    if ticks <= limit:
        areas = least.areas(operator, np.array([float(limit)]))[:, 0]
        for mix, area in zip(MIXES, areas, strict=True):
            assert area <= (mix * cpu / 16 + (1 - mix) * memory / 100) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("scaling", "reading"),
    # Near 1/e CPUs logarithmic scaling ends anything that reads in no time.
    [(name, gb) for name in sorted(SCALINGS) for gb in (0.0, 20.0) if (name, gb) != ("log", 20.0)],
)
@pytest.mark.parametrize("overcommit", [False, True])
def test_somebody_needs_hardly_more(scaling: str, reading: float, overcommit: bool) -> None:
    """Among all numbers of CPUs some come near the least area of each mix, and some have the fewest ticks."""
    cluster = Parameters.complete({**CLUSTER, "allow_memory_overcommit": overcommit})
    least = Operators(cluster)
    operator = OperatorSpec((), 30.0, scaling, 20.0, reading)
    tried = [held(operator, float(cpus), cluster) for cpus in np.geomspace(1e-6, 16, 4000)]
    tried = [one for one in tried if one[0]]
    fewest = min(ticks for ticks, _, _ in tried)
    assert fewest - 1 <= least.ticks(operator) <= fewest
    areas = least.areas(operator, np.array([2000.0]))[:, 0]
    for mix, area in zip(MIXES, areas, strict=True):
        best = min(mix * cpu / 16 + (1 - mix) * memory / 100 for _, cpu, memory in tried)
        assert best * 0.97 - 1e-3 <= area <= best * (1 + 1e-12)


def test_what_can_never_be_completed() -> None:
    """Work of no ticks, and memory that no pool has, unless one tick of it is all there is and nobody looks."""
    cluster = Parameters.complete(CLUSTER)
    lenient = Parameters.complete({**CLUSTER, "allow_memory_overcommit": True})
    nothing, big = OperatorSpec((), 0.05, "const", 1.0, 0.0), OperatorSpec((), 1.0, "const", 101.0, 0.0)
    short = OperatorSpec((), 0.1, "const", 101.0, 0.0)
    for operator, strict, loose in (
        (nothing, math.inf, math.inf),
        (big, math.inf, math.inf),
        (short, math.inf, 1),
    ):
        assert Operators(cluster).ticks(operator) == strict
        assert Operators(lenient).ticks(operator) == loose
