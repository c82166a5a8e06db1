"""Runs: the same policy on the same workload gives the same result in a cage and out of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType

import pytest

from evo.cage import Cage, Limits
from evo.evaluation.runs import Engine, Simulator, run_policy
from evo.evaluation.suites import Suite
from evo.population import Policy
from evo.shipped import policy_file, read_policy, stock_policies
from evo.simulator.comparison import differences
from evo.simulator.engine import simulate
from evo.simulator.eudoxia import Eudoxia, is_installed
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
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
            outside = run_policy(stock, trace, small.parameters, Engine(cage), record=caged)
            assert repr(inside.result) == repr(outside.result)
            assert open_air.lines == caged.lines
            assert inside.seconds > 0


@pytest.fixture(params=["in this process", "in every tick", "in a cage", "upstream"])
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Everything that can run a policy."""
    if request.param == "upstream":
        if not is_installed():
            pytest.skip("eudoxia isn't installed: see `evo doctor`")
        yield Eudoxia()
    elif request.param == "in a cage":
        with Cage(Limits()) as cage:
            yield Engine(cage)
    else:
        yield Engine(every_tick=request.param == "in every tick")


class TestEverySimulator:
    """The contract of `Simulator`: what any of them makes of a policy, any other makes of it too."""

    def test_statistics_and_events(self, simulator: Simulator) -> None:
        """A run that ends gives the same numbers and the same log, on a trace and on what is generated."""
        parameters = Parameters.complete({**CLUSTER, "num_pipelines": 3})
        for workload in (suite((1,)).traces[0], None):
            ours, theirs = EventLog(), EventLog()
            expected = run_policy(policy(), workload, parameters, record=ours).result
            assert isinstance(expected, SimulatorStats)
            result = run_policy(policy(), workload, parameters, simulator, record=theirs).result
            assert differences(result, expected) == []
            assert ours.lines == theirs.lines

    def test_failures(self, simulator: Simulator) -> None:
        """A policy's fault is a value that says what, when and where."""
        raising = policy("if s.clock.now_ticks() == 7: raise ValueError('seven')")
        small = suite((1,))
        result = run_policy(raising, small.traces[0], small.parameters, simulator).result
        assert result == RunFailure("ValueError", "seven", 7, "policy", 10)

    def test_refused_parameters(self, simulator: Simulator) -> None:
        """What can't be run at all is a failure before there is a clock."""
        refused = run_policy(policy(), None, Parameters.complete({"query_prob": 0.5}), simulator).result
        assert refused == RunFailure("AssertionError", "Probabilities must sum to 1", None, "init")

    def test_a_run_leaves_no_trace(self, simulator: Simulator) -> None:
        """The same run again has the same result, containers counted from 1."""
        small, logs = suite((1,)), (EventLog(), EventLog())
        first, second = (
            run_policy(policy(), small.traces[0], small.parameters, simulator, record=log).result
            for log in logs
        )
        assert repr(first) == repr(second)
        assert logs[0].lines == logs[1].lines


def test_without_a_workload_the_parameters_generate_one() -> None:
    """Parameters alone stand for what the generator makes of them."""
    parameters = Parameters.complete({**CLUSTER, "num_pipelines": 3})
    mine = policy()
    by_hand = simulate(Host(mine.source, mine.key), generate(parameters), parameters)
    assert isinstance(by_hand, SimulatorStats)
    assert repr(run_policy(mine, None, parameters).result) == repr(by_hand)


REACTIVE = replace(
    (given := policy("if not (results or pipelines): return [], []")),
    source=given.source.replace("import os\n", ""),
)
"""A policy that only answers to news, as can be proven: it imports nothing."""


def calls_in(small: Suite, engine: Engine) -> int:
    """How often that policy is called on the first trace."""
    calls = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        code = frame.f_code
        calls += event == "call" and (code.co_filename, code.co_name) == ("<policy>", "step")

    sys.setprofile(count)
    try:
        run_policy(REACTIVE, small.traces[0], small.parameters, engine)
    finally:
        sys.setprofile(None)
    return calls


def test_skipping_can_be_turned_off() -> None:
    """With `every_tick` a policy that does nothing without news is called in every tick all the same."""
    small = suite((1,))
    assert calls_in(small, Engine(every_tick=True)) == small.parameters.max_ticks
    assert calls_in(small, Engine()) < small.parameters.max_ticks


def test_skipping_can_be_turned_off_in_the_cage() -> None:
    """A limit of work that leaves no unit for some ticks is met only if the policy is called in all of them."""
    small = suite((1,))
    idle = replace(REACTIVE, source=REACTIVE.source.replace("if not (results or pipelines): ", ""))
    with Cage(Limits(work=small.parameters.max_ticks - 1)) as cage:
        skipping, calling = (
            run_policy(idle, small.traces[0], small.parameters, engine).result
            for engine in (Engine(cage), Engine(cage, every_tick=True))
        )
    assert isinstance(skipping, RunFailure)
    assert isinstance(calling, RunFailure)
    assert (skipping.kind, calling.kind) == ("IndexError", "work")


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
        result = run_policy(hanging, small.traces[0], small.parameters, Engine(cage)).result
    assert isinstance(result, RunFailure)
    assert result.kind == "time"
    assert result.tick is not None
    assert result.tick <= 5
