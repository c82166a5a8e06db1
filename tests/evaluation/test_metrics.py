"""Metrics: finite numbers become scores, everything else a failure that says why."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.metrics import (
    Measurement,
    failure,
    fitness,
    harmless,
    is_limit,
    judged,
    score,
    trace_score,
)
from evo.evaluation.runs import run_policy
from evo.evaluation.times import Yardstick
from evo.metric import PAPERS, Metric, Metrics
from evo.population import Failure, FailureKind, Fitness, Reached, TraceScore
from evo.simulator.stats import RunFailure, SimulatorStats
from tests.evaluation.small import policy, suite

NOTHING = (0, 3)


def stats() -> SimulatorStats:
    """The statistics of a real run."""
    small = suite((1,))
    result = run_policy(policy(), small.traces[0], small.parameters).result
    assert isinstance(result, SimulatorStats)
    return result


def test_scores_are_the_simulators_own_numbers() -> None:
    """A score is exactly what the statistics say, with completions of each class beside it."""
    run = stats()
    assert score(Metric.LATENCY, run) == run.adjusted_latency()
    assert score(Metric.THROUGHPUT, run) == run.throughput
    scored = trace_score(Metric.LATENCY, "a", Measurement.of(run))
    assert isinstance(scored, TraceScore)
    assert scored.batch == (run.pipelines_batch.completion_count, run.pipelines_batch.arrival_count)
    assert sum(done for done, _ in (scored.query, scored.interactive, scored.batch)) > 0


@pytest.mark.parametrize(
    ("metric", "values", "message"),
    [
        (Metric.LATENCY, {Metric.THROUGHPUT: 1.0}, "no latency: no pipeline completed"),
        (Metric.THROUGHPUT, {Metric.THROUGHPUT: 0.0}, "no throughput: no container completed"),
        (Metric.QUERY_P99, {Metric.LATENCY: 1.0}, "no query-p99: no query pipeline completed"),
        (Metric.BATCH_P99, {Metric.LATENCY: 1.0}, "no batch-p99: no batch pipeline arrived"),
        ((Metric.LATENCY, Metric.INTERACTIVE_P99), {Metric.LATENCY: 1.0}, "no interactive-p99: "),
    ],
)
def test_where_nothing_completes_there_is_no_score(
    metric: Metrics, values: dict[Metric, float], message: str
) -> None:
    """A run without a value for any of its metrics is a failure of the policy, not a very bad number."""
    failed = trace_score(metric, "a", Measurement(values, NOTHING, NOTHING, (0, 0)))
    assert isinstance(failed, Failure)
    assert (failed.kind, failed.trace) == (FailureKind.UNSCORED, "a")
    assert failed.message.startswith(message)


def test_a_metric_of_every_pipeline_needs_to_know_when_each_was_completed() -> None:
    """With the workload all metrics have a value; without it, or from a simulator that doesn't tell, only the paper's."""
    run = stats()
    small = suite((1,))
    yardstick = Yardstick.of(small.traces[0], small.parameters)
    missing = {one for one in Metric if one.of_class and not getattr(run, f"pipelines_{one.of_class}")[0]}
    assert set(Measurement.of(run, yardstick).values) == set(Metric) - missing
    assert set(Measurement.of(run).values) == set(PAPERS)
    assert set(Measurement.of(run._replace(finished=None), yardstick).values) == set(PAPERS)
    told = judged(Metric.PENALIZED, [("a", run)], {"a": yardstick})
    assert isinstance(told, Fitness)
    assert told.value == score(Metric.PENALIZED, run, yardstick)


def test_several_metrics_stand_beside_each_other() -> None:
    """By several metrics each has its value on every trace and its own median; the first is what it is alone."""
    run = stats()
    results = [("a", run), ("b", run._replace(throughput=3.0)), ("c", run._replace(throughput=5.0))]
    both = judged((Metric.LATENCY, Metric.THROUGHPUT), results)
    alone = [judged(metric, results) for metric in (Metric.LATENCY, Metric.THROUGHPUT)]
    assert isinstance(both, Fitness)
    assert [both.values[one.metric] for one in alone if isinstance(one, Fitness)] == [
        one.value for one in alone if isinstance(one, Fitness)
    ]
    assert both.beside == (Reached(Metric.THROUGHPUT, 3.0),)
    assert both.on_each_trace()[Metric.THROUGHPUT] == (run.throughput, 3.0, 5.0)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=12))
def test_fitness_is_the_median(values: list[float]) -> None:
    """Half of the traces are at least as good as the fitness says, half at most, and none is dropped."""
    scores = [TraceScore(str(place), value, NOTHING, NOTHING, NOTHING) for place, value in enumerate(values)]
    result = fitness(Metric.LATENCY, scores)
    assert result.value == statistics.median(values)
    assert result.per_trace == tuple(scores)


def test_the_first_failing_trace_is_the_policys_failure() -> None:
    """One failed run among good ones fails the policy, with the place where it happened."""
    run = stats()
    failed = RunFailure("ValueError", "no plan", 17, "policy", 4)
    later = RunFailure("KeyError", "later", 1, "policy", None)
    assert isinstance(judged(Metric.LATENCY, [("a", run), ("b", run)]), Fitness)
    assert judged(Metric.LATENCY, [("a", run), ("b", failed), ("c", later)]) == Failure(
        FailureKind.EXCEPTION, "ValueError: no plan", "b", 17, 4
    )


@pytest.mark.parametrize(
    ("failed", "kind", "repeats"),
    [
        (RunFailure("time", "m", 1, "policy"), FailureKind.TIMEOUT, False),
        (RunFailure("work", "m", 1, "policy"), FailureKind.TIMEOUT, True),
        (RunFailure("memory", "m", 1, "init"), FailureKind.MEMORY, True),
        (RunFailure("crash", "m", 1, "init"), FailureKind.CRASH, False),
        (RunFailure("output", "m", 1, "policy"), FailureKind.OUTPUT, True),
        (RunFailure("cheating", "m", 1, "statistics"), FailureKind.CHEATING, True),
        (RunFailure("KeyError", "m", 1, "policy"), FailureKind.EXCEPTION, True),
        (RunFailure("KeyError", "m", -1, "init"), FailureKind.EXCEPTION, True),
        (RunFailure("SyntaxError", "m", -1, "init"), FailureKind.SYNTAX, True),
        (RunFailure("TypeError", "m", 1, "policy", action=True), FailureKind.INVALID_ACTION, True),
        (RunFailure("AssertionError", "m", 1, "executor"), FailureKind.INVALID_ACTION, True),
        (RunFailure("TypeError", "m", 1, "bookkeeping"), FailureKind.INVALID_ACTION, True),
        (RunFailure("IndexError", "m", 1, "statistics"), FailureKind.UNSCORED, True),
    ],
)
def test_every_way_to_fail_has_its_kind(failed: RunFailure, kind: FailureKind, repeats: bool) -> None:
    """What ended a run decides the kind, and whether it would be the same next time; the words are kept."""
    told = failure(failed, "a")
    assert (told.kind, told.repeats, told.trace, told.tick) == (
        kind,
        repeats,
        "a",
        1 if failed.tick == 1 else -1,
    )
    assert "m" in told.message
    assert is_limit(failed) is ("Error" not in failed.kind)


@given(st.text(), st.text())
def test_what_a_policy_says_is_data(message: str, printed: str) -> None:
    """Of any text only so much is kept, and nothing that a terminal would obey: what was printed, from its end."""
    told = failure(RunFailure("ValueError", message * 50, 1, "policy", printed=f"{printed * 50}end"), "a")
    assert len(told.message) < 25_000
    assert all(c.isprintable() or c == "\n" for c in told.message + told.printed)
    assert told.printed.endswith("end")
    assert len(harmless("x" * 9999)) == 2001
