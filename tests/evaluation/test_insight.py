"""Insights: what is said of a run is what happened in it, to the container and the tick."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from evo.evaluation.bounds import bounds
from evo.evaluation.insight import _ENOUGH, Witness
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scaling import SCALINGS
from evo.simulator.scheduling.host import Host
from evo.simulator.states import Priority
from evo.simulator.stats import PipelineStats, RunFailure, SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace
from tests.simulator.grammar import policies
from tests.simulator.worlds import parameters, traces

WORLD = Parameters.complete(
    {"ticks_per_second": 10, "duration": 40, "num_pools": 1, "cpus_per_pool": 8, "ram_gb_per_pool": 100}
)

ONE_BY_ONE = """
@register_scheduler_init(key="x")
def init(s):
    s.live, s.ram = [], {{}}

@register_scheduler(key="x")
def step(s, results, pipelines):
    s.live.extend(pipelines)
    for result in results:
        if result.failed():
            s.ram[result.ops[0]] = 2 * result.ram
    pool = s.executor.pools[0]
    for pipeline in s.live:
        if pipeline.runtime_status().has_timed_out():
            continue
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            if pool.avail_cpu_pool == 8:
                return [], [Assignment([op], {cpu}, s.ram.get(op, 20), pipeline.priority, 0, pipeline.pipeline_id)]
    return [], []
"""
"""First come, first served, one at a time: 20 GB, and twice as much after each kill."""

SUSPENDING = """
@register_scheduler_init(key="x")
def init(s):
    s.live = []

@register_scheduler(key="x")
def step(s, results, pipelines):
    s.live.extend(pipelines)
    pool = s.executor.pools[0]
    for container in pool.active_containers:
        if container.can_suspend_container() and s.clock.now_ticks() < 30:
            return [Suspend(container.container_id, 0)], []
    if pool.avail_cpu_pool == 8:
        for pipeline in s.live:
            ops = pipeline.runtime_status().get_ops(ASSIGNABLE_STATES)
            if ops:
                return [], [Assignment(ops, 2, 40, pipeline.priority, 0, pipeline.pipeline_id)]
    return [], []
"""
"""One pipeline at a time in one container; the first is suspended after its first operator."""


def work(seconds: float, gb: float, parents: tuple[int, ...] = ()) -> OperatorSpec:
    """An operator that gets no faster with CPUs."""
    return OperatorSpec(parents, seconds, "const", gb, 0.0)


def trace(*pipelines: tuple[float, Priority, tuple[OperatorSpec, ...]]) -> Trace:
    """A trace of pipelines by arrival, class and operators."""
    named = [
        (seconds, PipelineSpec(f"p{number}", priority, operators))
        for number, (seconds, priority, operators) in enumerate(pipelines)
    ]
    return Trace("drawn", tuple(named))


def observed(
    source: str, workload: Trace, world: Parameters = WORLD, log: EventLog | None = None
) -> tuple[SimulatorStats, Insight] | None:
    """The statistics of a run and what is to be said of it, or None if it failed."""
    schedule = workload.schedule(world.ticks_per_second, world.max_ticks)
    witness = Witness(schedule, world)
    stats = simulate(Host(source, "x", work_limit=400_000), schedule, world, log, witness)
    return None if isinstance(stats, RunFailure) else (stats, witness.insight())


def test_waiting_work_and_lost_work() -> None:
    """Two queries, one at a time, the first killed once: what was lost, who waited, and what nobody needed."""
    workload = trace(
        (0.0, Priority.QUERY, (work(1.05, 30.0),)),
        (0.0, Priority.QUERY, (work(2.05, 10.0),)),
        (39.0, Priority.BATCH_PIPELINE, (work(5.0, 10.0), work(5.0, 10.0, (0,)))),
    )
    seen = observed(ONE_BY_ONE.format(cpu=4), workload)
    assert seen is not None
    # The first dies in its first tick, runs in ticks 1 to 10; the second in ticks 11 to 30; the third from 390 on.
    insight = seen[1]
    assert insight.query == ClassInsight(
        2, 2, 0, 2.0, 3.0, waiting=0.5, running=1.5, operators=2, never_run=0
    )
    assert insight.batch == ClassInsight(1, 0, 0, None, None, None, None, operators=2, never_run=1)
    assert insight.interactive == ClassInsight(0, 0, 0, None, None, None, None, 0, 0)
    assert (insight.containers, insight.ooms, insight.timeouts, insight.suspensions) == (4, 1, 0, 0)
    assert insight.cpu == Usage(320.0, held=16.4, unneeded=12.0, lost=0.4, mean=4.0)
    assert insight.ram == Usage(4000.0, held=102.0, unneeded=40.0, lost=2.0, mean=25.0)
    assert insight.large_unfinished == 1.0


def test_a_suspended_container_holds_what_it_has_until_that_is_over() -> None:
    """Two operators in one container, suspended between them: two seconds for 40 GB, and then the second."""
    workload = trace((0.0, Priority.INTERACTIVE, (work(1.05, 30.0), work(1.05, 10.0, (0,)))))
    seen = observed(SUSPENDING, workload)
    assert seen is not None
    # Ticks 0 to 9, suspended from tick 10 to 29, then ticks 30 to 39.
    insight = seen[1]
    assert insight.suspensions == 1
    assert insight.containers == 2
    assert insight.ram.held == 40 * 4.0
    assert insight.ram.unneeded == 10 * 3.0 + 30 * 1.0
    assert insight.interactive.running == 2.0
    assert insight.interactive.waiting == 1.9
    assert insight.large_unfinished is None


def test_work_that_was_stopped_by_the_clock_is_lost() -> None:
    """A container that is killed when its pipeline's time is up is counted, and so is what it held."""
    world = Parameters.complete({**WORLD.given, "max_job_seconds": 2})
    workload = trace((0.0, Priority.QUERY, (work(9.0, 10.0),)), (3.0, Priority.QUERY, (work(1.0, 10.0),)))
    seen = observed(ONE_BY_ONE.format(cpu=1), workload, world)
    assert seen is not None
    insight = seen[1]
    assert insight.timeouts >= 1
    assert (insight.query.completed, insight.query.timed_out) == (1, 1)
    assert insight.ram.lost >= 20 * 2.0


@st.composite
def worlds(draw: Any) -> tuple[Parameters, Trace]:
    """A small world and a trace for it."""
    drawn = draw(parameters())
    return drawn, draw(traces(drawn))


def agree(one: ClassInsight, stats: PipelineStats) -> None:
    """The same class by insight and by statistics."""
    assert (one.arrived, one.completed, one.timed_out) == stats[:3]
    assert 0 <= one.never_run <= one.operators
    if one.completed:
        assert one.mean_latency == pytest.approx(stats.mean_latency_seconds, rel=1e-3)
        assert one.waiting is not None
        assert one.running is not None
        assert one.waiting >= 0 <= one.running
        assert one.waiting + one.running == pytest.approx(one.mean_latency, rel=2e-3)
        assert one.worst_latency >= one.mean_latency * 0.999  # type: ignore[operator]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(worlds(), policies())
def test_insights_agree_with_what_else_is_known(drawn: tuple[Parameters, Trace], source: str) -> None:
    """Counts and latencies are those of the statistics, what was held that of the log of events."""
    world, workload = drawn
    log = EventLog()
    seen = observed(source, workload, world, log)
    assume(seen is not None)
    assert seen is not None
    stats, insight = seen
    agree(insight.query, stats.pipelines_query)
    agree(insight.interactive, stats.pipelines_interactive)
    agree(insight.batch, stats.pipelines_batch)
    assert insight.ooms == stats.failure_error_counts.get("OOM", 0)
    assert insight.timeouts == stats.failure_error_counts.get("timeout", 0)
    for usage in (insight.cpu, insight.ram):
        assert min(usage.held, usage.unneeded, usage.lost, usage.mean) >= 0
        assert usage.unneeded + usage.lost <= usage.held * 1.002
    assert insight.cpu.held <= insight.cpu.capacity * 1.001
    if not insight.suspensions:
        begun, ended, sizes = lives(log, world)
        ticks = {
            container: ended.get(container, world.max_ticks - 1) - begun[container] + 1 for container in begun
        }
        held = [sum(ticks[c] * sizes[c][n] for c in begun) * world.tick_length for n in (0, 1)]
        assert [insight.cpu.held, insight.ram.held] == pytest.approx(held, rel=1e-3)
        assert insight.containers == len(begun)
    best = bounds(workload.schedule(world.ticks_per_second, world.max_ticks), world)
    least = best.of(Metric.LATENCY)
    assert insight.latency_bound is None or 0.999 * least <= insight.latency_bound <= least
    assert insight.throughput_bound >= best.of(Metric.THROUGHPUT) * (1 - 1e-9)
    assert insight.penalized_bound is not None
    assert 0.999 * best.of(Metric.PENALIZED) <= insight.penalized_bound <= best.of(Metric.PENALIZED)


def lives(
    log: EventLog, world: Parameters
) -> tuple[dict[int, int], dict[int, int], dict[int, tuple[float, float]]]:
    """When containers began and ended, and their sizes, by the log of events."""
    begun: dict[int, int] = {}
    ended: dict[int, int] = {}
    sizes: dict[int, tuple[float, float]] = {}
    for line in log.lines:
        for order in line["assignments"]:
            if order["container"] is not None:
                begun[order["container"]] = line["tick"]
                sizes[order["container"]] = order["cpu"], order["ram"]
        ended |= {container: line["tick"] for container, _, _ in line["results"]}
    return begun, ended, sizes


def test_enough_cpus_are_enough() -> None:
    """The numbers of CPUs that count as enough are those from which on operators get no faster."""
    for name, scaling in SCALINGS.items():
        enough = _ENOUGH.get(name)
        assert (enough is None) is (scaling(32, 1.0) > scaling(64, 1.0))
        if enough is not None:
            assert scaling(enough, 1.0) == scaling(64, 1.0)
            assert name == "const" or scaling(enough * 0.9, 1.0) > scaling(enough, 1.0)
