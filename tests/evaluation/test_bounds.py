"""Bounds: no policy gets past them, and where nothing stands in the way one gets there."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evo.evaluation.bounds import Bounds, bounds
from evo.evaluation.insight import _ENOUGH
from evo.evaluation.suites import quick
from evo.shipped import read_policy, stock_policies
from evo.simulator.parameters import Parameters
from evo.simulator.scaling import SCALINGS
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace
from tests.evaluation.knowing import ORDERS, fares, knowing
from tests.simulator.grammar import policies
from tests.simulator.worlds import parameters, traces

WORLD = {"ticks_per_second": 10, "duration": 30, "num_pools": 1, "cpus_per_pool": 64, "ram_gb_per_pool": 500}


def world(**settings: object) -> Parameters:
    """A cluster for half a minute."""
    return Parameters.complete({**WORLD, **settings})


def operator(
    seconds: float, gb: float = 1.0, scaling: str = "const", parents: tuple[int, ...] = ()
) -> OperatorSpec:
    """An operator of so many seconds on one CPU that reads nothing."""
    return OperatorSpec(parents, seconds, scaling, gb, 0.0)


def trace(*pipelines: tuple[float, Priority, tuple[OperatorSpec, ...]]) -> Trace:
    """A trace of pipelines by arrival, class and operators."""
    named = [
        (seconds, PipelineSpec(f"p{number}", priority, operators))
        for number, (seconds, priority, operators) in enumerate(pipelines)
    ]
    return Trace("drawn", tuple(named))


def limits(workload: Trace, parameters: Parameters) -> Bounds:
    """The bounds on a trace."""
    return bounds(workload.schedule(parameters.ticks_per_second, parameters.max_ticks), parameters)


def test_where_there_is_room_for_all_the_bounds_are_reached() -> None:
    """With more than enough of everything, who gives every operator what it needs at once can't be bettered."""
    workload = trace(
        (0.0, Priority.QUERY, (operator(2.0),)),
        (0.5, Priority.BATCH_PIPELINE, (operator(7.0, scaling="linear3"),)),
        (2.0, Priority.INTERACTIVE, (operator(32.0, scaling="exp"),)),
    )
    stats = fares(knowing(workload, cpu=8), workload, world())
    assert isinstance(stats, SimulatorStats)
    best = limits(workload, world())
    assert stats.adjusted_latency() == pytest.approx(best.latency)
    assert stats.throughput == best.throughput == pytest.approx(0.1)


def test_a_child_may_begin_in_the_tick_in_which_its_parent_ends() -> None:
    """Work of 3 and 4 ticks can be over 5 ticks after its arrival, which is what the bound allows."""
    workload = trace((0.0, Priority.QUERY, (operator(0.35), operator(0.45, parents=(0,)))))
    source = """
@register_scheduler_init(key="x")
def init(s):
    s.ops = []

@register_scheduler(key="x")
def step(s, results, pipelines):
    for pipeline in pipelines:
        s.ops = list(pipeline.values)
    if s.clock.now_ticks() in (0, 2):
        return [], [Assignment([s.ops.pop(0)], 1, 2, Priority.QUERY, 0, "p0")]
    return [], []
"""
    stats = fares(source, workload, world())
    assert isinstance(stats, SimulatorStats)
    assert stats.adjusted_latency() == pytest.approx(0.5)
    assert limits(workload, world()).latency == pytest.approx(0.5)


def test_leaving_the_slow_ones_out_can_pay() -> None:
    """The bound isn't that of completing all: half of the pipelines at once may be worth twice the latency."""
    workload = trace((0.0, Priority.QUERY, (operator(0.2),)), (0.0, Priority.QUERY, (operator(20.0),)))
    assert limits(workload, world()).latency == pytest.approx(0.1 / (1 / 2))
    assert limits(workload, world()).throughput == 2 / 30


def test_what_does_not_fit_can_not_be_completed() -> None:
    """Memory for a third of the work leaves two thirds undone; what is too big or too late is never done."""
    many = trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=500.0),))] * 9)
    assert limits(many, world()) == pytest.approx((9.9 * 3, 0.1))
    assert limits(many, world(allow_memory_overcommit=True)).latency == pytest.approx(9.9)
    assert limits(many, world(ram_gb_per_pool=499)) == Bounds(math.inf, 0.0)
    late = trace((25.0, Priority.QUERY, (operator(6.0),)), (25.0, Priority.QUERY, (operator(5.0),)))
    assert limits(late, world()) == pytest.approx((4.9 * 2, 1 / 30))


def test_operators_without_ticks_are_never_completed() -> None:
    """What takes less than a tick on any number of CPUs ends nothing, and neither does what waits for it."""
    idle = operator(0.01)
    assert limits(trace((0.0, Priority.QUERY, (idle,))), world()) == Bounds(math.inf, 0.0)
    after = trace((0.0, Priority.QUERY, (idle, operator(1.0, parents=(0,)))))
    assert limits(after, world()).latency == math.inf
    slower = trace((0.0, Priority.QUERY, (operator(0.01, scaling="linear3"),)))
    assert limits(slower, world()).latency == 0.0


def past(stats: SimulatorStats | RunFailure, best: Bounds) -> bool:
    """Whether a run is better than can be."""
    if isinstance(stats, RunFailure):
        return False

    trifle = 1e-9
    return stats.adjusted_latency() < best.latency * (1 - trifle) or stats.throughput > best.throughput * (
        1 + trifle
    )


@st.composite
def worlds(draw: Any) -> tuple[Parameters, Trace]:
    """A small world and a trace for it."""
    drawn = draw(parameters())
    return drawn, draw(traces(drawn))


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(ORDERS), st.sampled_from((1, 0.3, 2, 3, 4.5)))
def test_not_even_who_knows_everything_is_better(
    drawn: tuple[Parameters, Trace], order: str, cpu: float
) -> None:
    """A policy that knows every operator's memory stays within the bounds, whatever it serves first."""
    cluster, workload = drawn
    assert not past(fares(knowing(workload, cpu, order), workload, cluster), limits(workload, cluster))


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), policies())
def test_no_policy_is_better(drawn: tuple[Parameters, Trace], source: str) -> None:
    """Random policies, with several operators in a container, suspensions and overcommit, stay within them too."""
    cluster, workload = drawn
    assert not past(fares(source, workload, cluster), limits(workload, cluster))


def test_stock_policies_are_within_the_bounds() -> None:
    """So do those that come with evo, and on this suite the bounds are far from trivial."""
    suite = quick()
    for workload in suite.traces[:2]:
        best = limits(workload, suite.parameters)
        for name in ("naive", "priority"):
            source = read_policy(stock_policies()[name]).replace(f'key="{name}"', 'key="x"')
            stats = fares(source, workload, suite.parameters)
            assert isinstance(stats, SimulatorStats)
            assert not past(stats, best)
            assert stats.adjusted_latency() < 100 * best.latency
        assert best.latency > 20


def test_enough_cpus_are_enough() -> None:
    """The numbers of CPUs that count as enough are those from which on operators get no faster."""
    for name, scaling in SCALINGS.items():
        enough = _ENOUGH.get(name)
        assert (enough is None) is (scaling(32, 1.0) > scaling(64, 1.0))
        if enough is not None:
            assert scaling(enough, 1.0) == scaling(64, 1.0)
            assert name == "const" or scaling(enough * 0.9, 1.0) > scaling(enough, 1.0)
