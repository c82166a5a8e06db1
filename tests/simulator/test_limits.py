"""What is very large, very long, or nothing at all: it has a result, and nothing hangs."""

from __future__ import annotations

import pytest

from evo.simulator.engine import simulate
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace
from tests.simulator.scheduling import facade

WHOLE = facade.policy(
    """
if not results and not pipelines:
    return [], []
out = []
for p in pipelines:
    pool = s.executor.pools[len(s.taken) % s.executor.num_pools]
    if sum(q == pool.pool_id for q in s.taken) < pool.max_cpu_pool:
        s.taken.append(pool.pool_id)
        out.append(Assignment(list(p.values), 1, 2, p.priority, pool.pool_id, p.pipeline_id))
return [], out
""",
    "s.taken = []",
)
"""Gives each pipeline a container of its own, as long as there are CPUs that nobody had."""

SHORT = OperatorSpec((), 0.1, "const", 0.5, 0.0)


def outcome(trace: Trace, source: str = WHOLE, **given: object) -> SimulatorStats | RunFailure:
    """What becomes of a policy, at 10 ticks a second if nothing else is said."""
    parameters = Parameters.complete({"ticks_per_second": 10, "num_pools": 1, **given})
    schedule = trace.schedule(parameters.ticks_per_second, parameters.max_ticks)
    return simulate(Host(source, "x"), schedule, parameters)


def arriving(seconds: list[float], *operators: OperatorSpec) -> Trace:
    """Pipelines of the same operators at these times."""
    return Trace("made", tuple((s, PipelineSpec(f"p{s}", Priority.QUERY, operators)) for s in seconds))


@pytest.mark.parametrize("trace", [arriving([]), arriving([99.0, 100.0], SHORT)], ids=["empty", "late"])
def test_nothing_comes(trace: Trace) -> None:
    """Over a run in which no container ended upstream can't take a percentile, after the last tick."""
    message = "index -1 is out of bounds for axis 0 with size 0"
    assert outcome(trace, duration=60) == RunFailure("IndexError", message, 599, "statistics")


def test_what_comes_after_the_end_never_comes() -> None:
    """It is not even an arrival."""
    stats = outcome(arriving([1.0, 59.9, 60.0, 61.0], SHORT), duration=60)
    assert isinstance(stats, SimulatorStats)
    assert (stats.pipelines_created, stats.pipelines_all.arrival_count) == (2, 2)
    assert stats.pipelines_all.completion_count == 2


def test_a_run_of_no_time_has_no_throughput() -> None:
    """Upstream divides by the duration."""
    failure = outcome(arriving([0.0], SHORT), duration=0)
    assert failure == RunFailure("ZeroDivisionError", "division by zero", -1, "statistics")


def test_a_run_shorter_than_a_tick_has_no_tick() -> None:
    """Nothing comes, and nothing ends."""
    failure = outcome(arriving([0.0], SHORT), duration=0.05)
    assert isinstance(failure, RunFailure)
    assert (failure.kind, failure.tick) == ("IndexError", -1)


def test_a_million_operators_that_nobody_looks_at() -> None:
    """They cost nothing."""
    trace = arriving([0.05 * number for number in range(1000)], *[SHORT] * 1000)
    failure = outcome(trace, facade.policy("return [], []"), duration=60)
    assert isinstance(failure, RunFailure)
    assert (failure.kind, failure.tick) == ("IndexError", 599)


def test_a_million_operators() -> None:
    """Those that fit are run."""
    trace = arriving([0.05 * number for number in range(1000)], *[SHORT] * 1000)
    stats = outcome(trace, duration=110, cpus_per_pool=50, ram_gb_per_pool=100)
    assert isinstance(stats, SimulatorStats)
    assert (stats.pipelines_all.arrival_count, stats.pipelines_all.completion_count) == (1000, 50)


@pytest.mark.parametrize("shape", ["beside each other", "in a row", "all before the last"])
def test_a_pipeline_of_a_hundred_thousand_operators(shape: str) -> None:
    """Its graph is walked without recursion, and without looking at any pair of operators."""
    number = 100_000
    parents: dict[str, list[tuple[int, ...]]] = {
        "beside each other": [()] * number,
        "in a row": [(), *((place,) for place in range(number - 1))],
        "all before the last": [*[()] * (number - 1), tuple(range(number - 1))],
    }
    operators = [OperatorSpec(named, 0.01, "const", 0.5, 0.0) for named in parents[shape]]
    source = WHOLE.replace("list(p.values)", "list(p.values)[:9000]")
    stats = outcome(arriving([0.0], *operators), source, duration=100, ticks_per_second=100)
    assert isinstance(stats, SimulatorStats)
    assert (stats.containers_completed, stats.p99_latency) == (1, 90.0)


def test_two_hundred_pools() -> None:
    """Each serves its turn."""
    trace = arriving([0.1 * number for number in range(600)], SHORT, SHORT)
    stats = outcome(trace, duration=100, num_pools=200, cpus_per_pool=3, ram_gb_per_pool=6)
    assert isinstance(stats, SimulatorStats)
    assert (stats.containers_completed, stats.pipelines_all.completion_count) == (600, 600)


def test_an_hour_of_short_ticks() -> None:
    """360 million ticks with few events in them."""
    trace = arriving(
        [60.0 * number for number in range(60)], SHORT, OperatorSpec((0,), 20, "sqrt", None, 30.0)
    )
    source = WHOLE.replace("1, 2, p.priority", "1, 31, p.priority")
    stats = outcome(trace, source, duration=3600, ticks_per_second=100_000, max_job_seconds=30)
    assert isinstance(stats, SimulatorStats)
    assert (stats.containers_completed, stats.p99_latency) == (60, 21.59999)


def test_a_loop_of_containers_that_fail_ends_with_the_run() -> None:
    """A policy may start the same operator again in every tick, and each time lose it in the same tick."""
    again = facade.policy(
        """
s.live.extend(pipelines)
ops = [op for p in s.live for op in p.runtime_status().get_ops(ASSIGNABLE_STATES)]
return [], [Assignment([op], 1, 0.25, 1, 0, "p") for op in ops]
""",
        "s.live = []",
    )
    stats = outcome(arriving([0.0], SHORT), again, duration=500)
    assert isinstance(stats, SimulatorStats)
    assert (stats.failures, stats.failure_error_counts) == (5000, {"OOM": 5000})
