"""What was saved of a policy, held against what comes out: what is judged, what is counted apart, and what is named."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from evo.behaviour import Behaviour
from evo.evaluation.cache import Outcome
from evo.evaluation.metrics import Measurement, fitness, trace_score
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric, Metrics
from evo.population import Failure, FailureKind, Partial, TraceScore
from evo.verify.differences import Findings, Saved, hold, traces_of

BOTH = (Metric.LATENCY, Metric.THROUGHPUT)
NAMES = ("a", "b", "c")
FAULT = Failure(FailureKind.EXCEPTION, "ValueError: no", "b", 7, 2, "printed")
CLASS = ClassInsight(1, 1, 0, 2.0, 2.0, 1.0, 1.0, 3, 0)
USAGE = Usage(4.0, 3.0, 0.0, 0.0, 1.0)
INSIGHT = Insight(CLASS, CLASS, CLASS, USAGE, USAGE, 3, 0, 0, 0, None, 1.0, 9.0)


def measured(latency: float, digest: str = "d", insight: Insight | None = None) -> Measurement:
    """A measurement with that latency."""
    values = {Metric.LATENCY: latency, Metric.THROUGHPUT: latency / 10}
    behaviour = Behaviour(digest, 0.0, 0.0, 1.0, 1.0, (None, 0.1, 0.2))
    return Measurement(values, (1, 2), (3, 4), (5, 6), insight, behaviour)


def scored(metrics: Metrics, trace: str, measurement: Measurement) -> TraceScore:
    """What a measurement is worth; it is worth something."""
    score = trace_score(metrics, trace, measurement)
    assert isinstance(score, TraceScore)
    return score


def differing(saved: Saved, *outcomes: Outcome, legacy: bool = False) -> list[tuple[str | None, str]]:
    """Traces and names of what differs."""
    return [(one.trace, one.what) for one in findings(saved, *outcomes, legacy=legacy).differences]


def findings(saved: Saved, *outcomes: Outcome, legacy: bool = False) -> Findings:
    """What is found."""
    made = Findings("individual", 1, legacy)
    hold(made, BOTH, saved, outcomes)
    return made


@given(st.lists(st.floats(0.1, 1e6), min_size=3, max_size=3), st.integers(0, 2), st.booleans())
def test_a_fitness_is_the_same_or_is_named(values: list[float], place: int, partial: bool) -> None:
    """Whatever the values: held against itself nothing differs, and whatever trace comes out otherwise is the one named."""
    outcomes = [measured(value) for value in values]
    saved = fitness(BOTH, [scored(BOTH, *pair) for pair in zip(NAMES, outcomes, strict=True)])
    held: Saved = Partial(Metric.LATENCY, 1.0, 0.5, 2, saved.per_trace) if partial else saved
    assert traces_of(held) == NAMES
    assert findings(held, *outcomes) == Findings("individual", 1, simulations=3)
    outcomes[place] = measured(values[place] * 2)
    told = differing(held, *outcomes)
    assert told[:2] == [(NAMES[place], "latency"), (NAMES[place], "throughput")]
    assert {trace for trace, _ in told[2:]} <= {None}


def test_all_that_was_saved_of_a_score_is_compared() -> None:
    """Completions, behaviour and insight count where they were saved; what wasn't asked for then doesn't, nor a bound."""
    score = scored(BOTH, "a", measured(5.0, insight=INSIGHT))
    saved = Partial(Metric.LATENCY, 1.0, 0.5, 2, (score,))
    otherwise = msgspec.structs.replace(INSIGHT, ooms=4, latency_bound=1.5)
    again = replace(measured(5.0, "other", otherwise), query=(0, 2))
    assert differing(saved, again) == [
        ("a", "query (completed, arrived)"),
        ("a", "behaviour: digest"),
        ("a", "insight: ooms"),
    ]
    bare = scored(BOTH, "a", replace(measured(5.0), behaviour=None))
    assert differing(Partial(Metric.LATENCY, 1.0, 0.5, 2, (bare,)), again) == [
        ("a", "query (completed, arrived)")
    ]


def test_other_metrics_are_named() -> None:
    """Scores by other metrics than the run's are no scores of the run."""
    score = scored(Metric.LATENCY, "a", measured(5.0))
    assert differing(fitness(Metric.LATENCY, [score]), measured(5.0)) == [
        ("a", "metrics"),
        (None, "metrics"),
        (None, "throughput"),
    ]
    stopped = Partial(Metric.THROUGHPUT, 1.0, 0.5, 2, (scored(BOTH, "a", measured(5.0)),))
    assert differing(stopped, measured(5.0)) == [(None, "metric")]


def test_a_failure_must_come_about_in_the_same_place() -> None:
    """Tick, line and kind count; how it is worded is counted apart; an earlier evo's kind is not compared."""
    assert findings(FAULT, FAULT) == Findings("individual", 1, simulations=1)
    moved = replace(FAULT, tick=8, line=3, kind=FailureKind.MEMORY)
    assert differing(FAULT, moved) == [("b", "tick"), ("b", "line"), ("b", "failure")]
    assert differing(FAULT, replace(FAULT, kind=FailureKind.INVALID_ACTION), legacy=True) == []
    reworded = findings(FAULT, replace(FAULT, message="ValueError: not at all"))
    assert (reworded.differences, reworded.reworded) == ([], True)


def test_a_failure_in_place_of_a_score_and_the_other_way_round() -> None:
    """Either is named with both outcomes; but what may be the machine's mood is not judged."""
    score = scored(BOTH, "b", measured(5.0))
    (told,) = findings(fitness(BOTH, [score]), FAULT).differences
    assert (told.what, told.saved, told.now) == ("outcome", 5.0, "failed: exception: ValueError: no")
    (told,) = findings(FAULT, measured(5.0)).differences
    assert (told.what, told.saved, told.now) == ("outcome", "failed: exception: ValueError: no", 5.0)
    slow = findings(fitness(BOTH, [score]), replace(FAULT, repeats=False))
    assert (slow.differences, slow.mood) == ([], True)
