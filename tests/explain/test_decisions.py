"""First decisions that differ: on a trace made for it, exactly the expected moment and containers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evo.cage import Limits
from evo.evaluation.suites import Suite
from evo.explain.decisions import Container, Decision, Divergence, divergence, recordings
from evo.metric import Metric
from evo.policy import parse
from evo.population import Failure, FailureKind, TraceScore
from evo.simulator.parameters import Parameters
from evo.simulator.trace import parse_trace
from tests.explain.samples import QUERIES_FIRST, policy

TRACE = """pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb
p0,0,QUERY,op1,,1,const,2,0
p1,1.5,BATCH_PIPELINE,op1,,1,const,2,0
p1,,,op2,op1,1,const,2,0
p2,1.5,QUERY,op1,,1,const,2,0
"""
CLUSTER = {
    "duration": 10,
    "ticks_per_second": 10,
    "num_pools": 1,
    "ram_gb_per_pool": 150,
    "multi_operator_containers": True,
}
SUITE = Suite("crafted", Parameters.complete(CLUSTER), (parse_trace(TRACE, "made"),))
BATCH = Container("p1", "batch", (0,), 2, 8, 100, 0)
QUERY = Container("p2", "query", (0,), 1, 8, 100, 0)


WHOLE = parse(
    policy(
        """
        for pool in s.executor.pools:
            for container in pool.active_containers:
                if container.can_suspend_container():
                    return [Suspend(container.container_id, pool.pool_id)], []
        """
    )
    .source.replace("[op]", "list(pipeline.values)")
    .replace("ram >= SIZE", "ram >= SIZE and not pool.active_containers")
)
"""Puts a whole pipeline into a container, and suspends it as soon as it may."""

POLICIES = {
    "plain": policy(),
    "queries first": policy(QUERIES_FIRST),
    "the same": policy("s.calls = len(pipelines)"),
    "late": policy("if s.clock.now_ticks() < 15:\n    return [], []"),
    "failing": policy(f"{QUERIES_FIRST}\nif s.clock.now_ticks() > 20:\n    raise ValueError('late')"),
    "suspending": WHOLE,
    "whole": parse(
        WHOLE.source.replace("return [Suspend(container.container_id, pool.pool_id)], []", "break")
    ),
}

Between = Callable[[str, str], Divergence]


@pytest.fixture(scope="module")
def between() -> Between:
    """Where two of these policies part on the trace; memory is enough for one container at a time."""
    runs = recordings([(one, 0) for one in POLICIES.values()], SUITE, Limits(), 2)
    recorded = dict(zip(POLICIES, runs, strict=True))
    return lambda ours, theirs: divergence(SUITE, 0, Metric.QUERY_P99, recorded[ours], recorded[theirs])


def test_the_first_decision_that_differs(between: Between) -> None:
    """Both serve the first query; then one takes the query before the batch pipeline that stands in front of it."""
    found = between("queries first", "plain")
    assert (found.trace, found.tick, found.seconds) == ("made", 15, 1.5)
    assert found.ours == Decision(started=(QUERY,))
    assert found.theirs == Decision(started=(BATCH,))
    assert found.before == {"query": (1, 2), "interactive": (0, 0), "batch": (0, 1)}
    assert isinstance(found.our_end, TraceScore)
    assert isinstance(found.their_end, TraceScore)
    assert found.our_end.query == found.their_end.query == (2, 2)
    assert found.our_end.value < found.their_end.value


def test_who_does_the_same_never_parts(between: Between) -> None:
    """A policy that says the same otherwise has no first decision of its own."""
    found = between("the same", "plain")
    assert (found.tick, found.seconds, found.before) == (None, None, {})
    assert found.ours == found.theirs == Decision()
    assert found.our_end == found.their_end


def test_doing_nothing_is_a_decision(between: Between) -> None:
    """Who waits for a second batch of work parts from who starts at once."""
    found = between("late", "plain")
    assert found.tick == 0
    assert found.ours == Decision()
    assert [one.pipeline for one in found.theirs.started] == ["p0"]


def test_a_failure_is_an_end(between: Between) -> None:
    """What one of them did until it failed counts; how things stood is known of the other."""
    found = between("failing", "plain")
    assert (found.tick, found.before["query"]) == (15, (1, 2))
    assert isinstance(found.our_end, Failure)
    assert (found.our_end.kind, found.our_end.tick) == (FailureKind.EXCEPTION, 21)


def test_suspensions_name_the_work(between: Between) -> None:
    """A container that is suspended is told by what runs in it, since numbers of containers say nothing."""
    found = between("suspending", "whole")
    assert found.ours.suspended == (Container("p1", "batch", (0, 1), 2, 8, 100, 0),)
    assert found.theirs == Decision()
