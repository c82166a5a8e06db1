"""Bounds: no policy gets past them, and where nothing stands in the way one gets there."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evo.evaluation.bounds import Bounds, bounds
from evo.evaluation.metrics import score
from evo.evaluation.suites import quick
from evo.evaluation.times import Yardstick
from evo.metric import Metric
from evo.shipped import read_policy, stock_policies
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule, Trace
from tests.evaluation.bounds.recorded import RECORDED, case_is_better
from tests.evaluation.bounds.wild import better, wild
from tests.evaluation.bounds.wild import world as wild_world
from tests.evaluation.knowing import ORDERS, fares, knowing
from tests.simulator.grammar import policies
from tests.simulator.worlds import parameters, traces

WORLD = {"ticks_per_second": 10, "duration": 30, "num_pools": 1, "cpus_per_pool": 64, "ram_gb_per_pool": 500}


def half_a_minute(**settings: object) -> Parameters:
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


def scheduled(workload: Trace, parameters: Parameters) -> Schedule:
    """When what of a trace arrives."""
    return workload.schedule(parameters.ticks_per_second, parameters.max_ticks)


def limits(workload: Trace, parameters: Parameters) -> Bounds:
    """The bounds on a trace."""
    return bounds(scheduled(workload, parameters), parameters)


def test_where_there_is_room_for_all_the_bounds_are_reached() -> None:
    """With more than enough of everything, who gives every operator what it needs at once can't be bettered."""
    workload = trace(
        (0.0, Priority.QUERY, (operator(2.0),)),
        (0.5, Priority.BATCH_PIPELINE, (operator(7.0, scaling="linear3"),)),
        (2.0, Priority.INTERACTIVE, (operator(32.0, scaling="exp"),)),
    )
    stats = fares(knowing(workload, cpu=8), workload, half_a_minute())
    assert isinstance(stats, SimulatorStats)
    best = limits(workload, half_a_minute())
    assert stats.adjusted_latency() == pytest.approx(best.of(Metric.LATENCY), rel=1e-4)
    assert stats.throughput == best.of(Metric.THROUGHPUT) == pytest.approx(0.1)


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
    stats = fares(source, workload, half_a_minute())
    assert isinstance(stats, SimulatorStats)
    assert stats.adjusted_latency() == pytest.approx(0.5)
    assert limits(workload, half_a_minute()).of(Metric.LATENCY) == pytest.approx(0.5, rel=1e-4)


def test_leaving_the_slow_ones_out_can_pay() -> None:
    """The bound isn't that of completing all: half of the pipelines at once may be worth twice the latency."""
    workload = trace((0.0, Priority.QUERY, (operator(0.2),)), (0.0, Priority.QUERY, (operator(20.0),)))
    assert limits(workload, half_a_minute()).of(Metric.LATENCY) == pytest.approx(0.1 / (1 / 2), rel=1e-4)
    assert limits(workload, half_a_minute()).of(Metric.THROUGHPUT) == 2 / 30


def test_what_does_not_fit_can_not_be_completed() -> None:
    """Memory for a third of the work leaves two thirds undone; what is too big or too late is never done."""
    many = trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=500.0),))] * 9)
    best = limits(many, half_a_minute())
    assert 0.97 * 59.7 < best.of(Metric.LATENCY) < 59.7
    assert best.completed == 3
    assert best.of(Metric.THROUGHPUT) == pytest.approx(0.1)
    # Overcommitted memory is consumed all the same, but in the last tick of each.
    lenient = limits(many, half_a_minute(allow_memory_overcommit=True))
    assert 0.97 * 58 < lenient.of(Metric.LATENCY) < 59.7
    little = trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=5.0),))] * 9)
    assert limits(little, half_a_minute()).of(Metric.LATENCY) == pytest.approx(9.9, rel=1e-4)
    too_small = limits(many, half_a_minute(ram_gb_per_pool=499))
    assert (too_small.of(Metric.LATENCY), too_small.of(Metric.THROUGHPUT)) == (math.inf, 0.0)
    late = trace((25.0, Priority.QUERY, (operator(6.0),)), (25.0, Priority.QUERY, (operator(5.0),)))
    best = limits(late, half_a_minute())
    assert (best.of(Metric.LATENCY), best.of(Metric.THROUGHPUT)) == pytest.approx((4.9 * 2, 1 / 30), rel=1e-4)


def test_operators_without_ticks_are_never_completed() -> None:
    """What takes less than a tick on any number of CPUs ends nothing, and neither does what waits for it."""
    idle = operator(0.01)
    nothing = limits(trace((0.0, Priority.QUERY, (idle,))), half_a_minute())
    assert (nothing.of(Metric.LATENCY), nothing.of(Metric.THROUGHPUT)) == (math.inf, 0.0)
    after = trace((0.0, Priority.QUERY, (idle, operator(1.0, parents=(0,)))))
    assert limits(after, half_a_minute()).of(Metric.LATENCY) == math.inf
    slower = trace((0.0, Priority.QUERY, (operator(0.01, scaling="linear3"),)))
    assert limits(slower, half_a_minute()).of(Metric.LATENCY) == 0.0


def test_for_one_pipeline_every_bound_is_reached() -> None:
    """Alone on a cluster with enough of everything, whoever begins at once is as good as the bounds, by every metric."""
    chain = (operator(2.0), operator(9.0, scaling="linear3", parents=(0,)), operator(1.0, parents=(1,)))
    workload = trace((0.5, Priority.BATCH_PIPELINE, chain))
    cluster = half_a_minute()
    stats = fares(knowing(workload, cpu=8), workload, cluster)
    assert isinstance(stats, SimulatorStats)
    best, yardstick = limits(workload, cluster), Yardstick(scheduled(workload, cluster), cluster)
    for metric in Metric:
        value = score(metric, stats, yardstick)
        if metric.of_class in {None, "batch"}:
            # Each of two children could have begun a tick earlier, by who knows when its parent ends.
            late = (
                0.2
                if metric.unit == "s"
                else 0.2 / best.of(Metric.PENALIZED)
                if metric.unit == "times"
                else 0
            )
            assert value - late == pytest.approx(best.of(metric), rel=1e-4), metric
        else:
            assert math.isnan(value)
            assert best.of(metric) == math.inf


def test_what_waits_for_its_turn_counts() -> None:
    """Of nine that need all the memory for ten seconds each, three can be completed, at 9.9, 19.9 and 29.9 s."""
    workload = trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=500.0),))] * 9)
    best = limits(workload, half_a_minute())
    exact = {
        Metric.PENALIZED: (9.9 + 19.9 + 29.9 + 6 * 60) / 9,
        Metric.SLOWDOWN: (9.9 + 19.9 + 29.9 + 6 * 60) / 9 / 9.9,
        Metric.PIPELINES: 0.1,
        Metric.GOODPUT: 1.0,
        Metric.MAKESPAN: 30 * (1 + 6 / 9),
        Metric.QUERY_P50: 60.0,
    }
    for metric, value in exact.items():
        assert best.of(metric) == pytest.approx(value, rel=0.01)
    three = limits(trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=500.0),))] * 3), half_a_minute())
    assert three.of(Metric.QUERY_P50) == pytest.approx(19.9, rel=0.002)
    assert three.of(Metric.MAKESPAN) == pytest.approx(29.9)
    assert three.of(Metric.PENALIZED) == pytest.approx(19.9, rel=0.03)


def test_who_must_be_done_in_time() -> None:
    """With a time limit only what fits before it is completed: one of nine, where three would without."""
    workload = trace(*[(0.0, Priority.QUERY, (operator(10.0, gb=500.0),))] * 9)
    assert limits(workload, half_a_minute(max_job_seconds=15)).completed == 1
    assert limits(workload, half_a_minute(max_job_seconds=5)).completed == 0


def test_cpus_can_be_what_is_short() -> None:
    """Work that gets as much out of each CPU on any number of them fills the CPUs, however it is spread."""
    many = trace(*[(0.0, Priority.BATCH_PIPELINE, (operator(64.0, gb=0.0, scaling="linear7"),))] * 60)
    best = limits(many, half_a_minute())
    assert best.load == pytest.approx((2.0, 0.0), rel=0.02)
    assert 29 <= best.completed <= 31


def test_parts_of_several_are_no_whole() -> None:
    """Of two, each with more parallel work than all the memory can hold, neither is completed, so none has a latency."""
    wide = tuple(operator(20.0, gb=500.0) for _ in range(2))
    best = limits(trace((0.0, Priority.QUERY, wide), (0.0, Priority.BATCH_PIPELINE, wide)), half_a_minute())
    assert best.of(Metric.LATENCY) == math.inf
    assert best.of(Metric.THROUGHPUT) == pytest.approx(1 / 30)


def test_a_child_costs_its_parents() -> None:
    """Of operators in a row none can be had without those before it, so those that are small and last don't count."""
    row = (operator(10.0, gb=500.0), operator(0.1, gb=1.0, parents=(0,)))
    workload = trace(*[(0.0, Priority.QUERY, row)] * 9)
    assert limits(workload, half_a_minute()).of(Metric.THROUGHPUT) == pytest.approx(5 / 30)


def test_nothing_arrives() -> None:
    """On an empty workload there is nothing to score."""
    best = limits(trace((99.0, Priority.QUERY, (operator(1.0),))), half_a_minute())
    assert {best.of(metric) for metric in Metric} == {0.0, math.inf}
    assert (best.completed, best.load) == (0, (0.0, 0.0))


@st.composite
def worlds(draw: Any) -> tuple[Parameters, Trace]:
    """A small world and a trace for it."""
    drawn = draw(parameters())
    return drawn, draw(traces(drawn))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from(ORDERS), st.sampled_from((1, 0.3, 2, 3, 4.5)))
def test_not_even_who_knows_everything_is_better(
    drawn: tuple[Parameters, Trace], order: str, cpu: float
) -> None:
    """A policy that knows every operator's memory stays within the bounds, whatever it serves first."""
    cluster, workload = drawn
    result = fares(knowing(workload, cpu, order), workload, cluster)
    assert not better(result, limits(workload, cluster), scheduled(workload, cluster), cluster)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), policies())
def test_no_policy_is_better(drawn: tuple[Parameters, Trace], source: str) -> None:
    """Random policies, with several operators in a container, suspensions and overcommit, stay within them too."""
    cluster, workload = drawn
    result = fares(source, workload, cluster)
    assert not better(result, limits(workload, cluster), scheduled(workload, cluster), cluster)


@pytest.mark.parametrize("seed", range(30))
def test_not_even_who_does_anything_is_better(seed: int) -> None:
    """Nor do those that pack containers, take slivers of CPUs or all there are, wait, suspend and overcommit."""
    random = Random(seed)
    cluster, workload = wild_world(random)
    best, schedule = limits(workload, cluster), scheduled(workload, cluster)
    for _ in range(3):
        result = fares(wild(workload, random, cluster.cpus_per_pool), workload, cluster)
        assert not better(result, best, schedule, cluster)


LARGE = "large_"
"""So begin the names of cases that take seconds; `tests/benchmarks/bounds.py` holds them against the bounds too."""


@pytest.mark.parametrize("name", [name for name in RECORDED if not name.startswith(LARGE)])
def test_recorded_runs_are_within_the_bounds(name: str) -> None:
    """Upstream's own runs, of all kinds of workloads, stay within them."""
    assert not case_is_better(name)


def test_stock_policies_are_within_the_bounds() -> None:
    """So do those that come with evo, and on this suite the bounds are far from trivial."""
    suite = quick()
    for workload in suite.traces[:2]:
        best = limits(workload, suite.parameters)
        for name in ("naive", "priority"):
            source = read_policy(stock_policies()[name]).replace(f'key="{name}"', 'key="x"')
            stats = fares(source, workload, suite.parameters)
            assert isinstance(stats, SimulatorStats)
            assert not better(stats, best, scheduled(workload, suite.parameters), suite.parameters)
            assert stats.adjusted_latency() < 100 * best.of(Metric.LATENCY)
        assert best.of(Metric.LATENCY) > 20
