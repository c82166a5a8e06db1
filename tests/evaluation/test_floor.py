"""In a search containers have a least size; elsewhere they have the sizes that Eudoxia allows."""

from __future__ import annotations

import pytest

from evo.cage import Cage, Limits
from evo.evaluation.floor import LEAST_CPUS, LEAST_RAM_GB
from evo.evaluation.metrics import failure
from evo.evaluation.runs import Engine, run_policy
from evo.population import FailureKind, Policy
from evo.simulator.stats import RunFailure, SimulatorStats
from tests.evaluation.small import suite

SOURCE = """
@register_scheduler_init(key="crumbs")
def init(s):
    pass

@register_scheduler(key="crumbs")
def step(s, results, pipelines):
    ops = [op for p in pipelines for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)]
    return [], [Assignment([op], CPU, RAM, op.pipeline.priority, 0, op.pipeline.pipeline_id) for op in ops]
"""


def crumbs(cpu: float, ram: float) -> Policy:
    """A policy whose containers all have this size."""
    return Policy(SOURCE.replace("CPU", repr(cpu)).replace("RAM", repr(ram)), f"{cpu} {ram}", "crumbs")


@pytest.mark.parametrize(("cpu", "ram"), [(1e-9, 60), (LEAST_CPUS * 0.999, 60), (1, LEAST_RAM_GB * 0.999)])
def test_less_than_the_least_is_no_action_in_a_search(cpu: float, ram: float) -> None:
    """A billionth of a CPU is legal in Eudoxia, and a way to have CPUs without end."""
    small = suite((1,))
    legal = run_policy(crumbs(cpu, ram), small.traces[0], small.parameters, Engine()).result
    with Cage(Limits()) as cage:
        engine = Engine(cage, floor=True)
        refused = run_policy(crumbs(cpu, ram), small.traces[0], small.parameters, engine).result
    assert isinstance(legal, SimulatorStats)
    assert isinstance(refused, RunFailure)
    told = failure(refused, "a")
    assert told.kind is FailureKind.INVALID_ACTION
    assert told.message.endswith(f"at least 0.01 CPUs and 0.01 GB of RAM, got {cpu} and {ram}")


def test_the_least_itself_is_allowed() -> None:
    """The bound belongs to what is allowed."""
    small = suite((1,))
    least = crumbs(LEAST_CPUS, LEAST_RAM_GB)
    plain = run_policy(least, small.traces[0], small.parameters, Engine()).result
    floored = run_policy(least, small.traces[0], small.parameters, Engine(floor=True)).result
    assert repr(floored) == repr(plain)
    assert isinstance(plain, SimulatorStats)
