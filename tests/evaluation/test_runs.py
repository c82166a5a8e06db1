"""Runs: the same policy on the same workload gives the same result in a cage and out of it."""

from __future__ import annotations

import pytest

from evo.cage import Cage, Limits
from evo.evaluation.runs import run_policy
from evo.population import Policy
from evo.shipped import policy_file, read_policy, stock_policies
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.workload import generate
from tests.evaluation.small import CLUSTER, policy, suite


@pytest.mark.parametrize("name", sorted(stock_policies()))
def test_cage_and_process_agree(name: str) -> None:
    """A stock policy has the same statistics, or the same failure, behind the wire and in this process."""
    stock = Policy(read_policy(policy_file(name)), name, name)
    small = suite((1, 2))
    with Cage(Limits()) as cage:
        for trace in small.traces:
            open_air, caged = EventLog(), EventLog()
            inside = run_policy(stock, trace, small.parameters, record=open_air)
            outside = run_policy(stock, trace, small.parameters, cage=cage, record=caged)
            assert repr(inside.result) == repr(outside.result)
            assert open_air.lines == caged.lines
            assert inside.seconds > 0


def test_a_workload_may_be_a_trace_a_schedule_or_generated() -> None:
    """Parameters alone stand for what the generator makes of them."""
    parameters = Parameters.complete({**CLUSTER, "num_pipelines": 3})
    by_hand = run_policy(policy(), generate(parameters), parameters)
    assert isinstance(by_hand.result, SimulatorStats)
    assert repr(run_policy(policy(), None, parameters).result) == repr(by_hand.result)


def test_parameters_that_upstream_refuses_fail_the_run() -> None:
    """What upstream would raise before the first tick is the run's failure, and the policy is never asked."""
    refused = run_policy(policy(), None, Parameters.complete({"query_prob": 0.5})).result
    assert isinstance(refused, RunFailure)
    assert refused.message == "Probabilities must sum to 1"
    generator_only = Parameters.complete({**CLUSTER, "num_segs": 2})
    assert isinstance(run_policy(policy(), None, generator_only).result, RunFailure)
    trace = suite((1,)).traces[0]
    assert isinstance(run_policy(policy(), trace, generator_only).result, SimulatorStats)


def test_a_hanging_policy_fails_the_run() -> None:
    """The failure of a run names the limit and the tick in which it was met."""
    with Cage(Limits(seconds=0.3)) as cage:
        small = suite((1,))
        hanging = policy("while s.clock.now_ticks() >= 5: pass")
        result = run_policy(hanging, small.traces[0], small.parameters, cage=cage).result
    assert isinstance(result, RunFailure)
    assert result.kind == "time"
    assert result.tick is not None
    assert result.tick <= 5
