"""Trials: the outcome follows the order of the traces, whatever the order of the results."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.cache import Outcome
from evo.evaluation.metrics import Measurement
from evo.evaluation.stages import Demand, Stages
from evo.evaluation.trial import Trial
from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness, Partial, Policy

outcomes = st.builds(
    Measurement, st.builds(lambda value: {Metric.LATENCY: value}, st.floats(1, 100)), *[st.just((1, 1))] * 3
) | st.builds(Failure, st.sampled_from([FailureKind.EXCEPTION, FailureKind.TIMEOUT]), st.just("why"))


def trial(names: list[str], known: list[Outcome | None] | None = None, stages: Stages | None = None) -> Trial:
    """A trial of some policy on traces of these names."""
    return Trial(Policy("", "hash", "key"), Metric.LATENCY, names, known or [None] * len(names), stages)


@given(st.lists(outcomes, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_results_changes_nothing(results: list[Outcome], random: Random) -> None:
    """Results in any order give the fitness of all traces, or the first failure in the suite's order."""
    names = [f"t{place}" for place in range(len(results))]
    order = list(range(len(results)))
    random.shuffle(order)
    shuffled = trial(names)
    for place in order:
        shuffled.record(place, results[place])
    failures = [result for result in results if isinstance(result, Failure)]
    if failures:
        assert shuffled.outcome == replace(failures[0], trace=names[results.index(failures[0])])
    else:
        assert isinstance(shuffled.outcome, Fitness)
        assert [score.trace for score in shuffled.outcome.per_trace] == names


@given(st.lists(outcomes, min_size=1, max_size=5))
def test_what_is_wanted_is_just_what_the_outcome_needs(results: list[Outcome]) -> None:
    """Running what is wanted until nothing is decides the outcome, and nothing behind a failure is run."""
    fresh = trial([f"t{place}" for place in range(len(results))])
    ran = 0
    while (place := fresh.wanted) is not None:
        assert fresh.outcome is None
        assert place == ran
        fresh.record(place, results[place])
        ran += 1
    assert fresh.outcome is not None
    assert ran == len(results) or isinstance(results[ran - 1], Failure)


def test_a_trace_under_way_is_not_wanted_again() -> None:
    """While one trace is under way the next is wanted, until the first has failed."""
    fresh = trial(["a", "b", "c"])
    fresh.flying.add(0)
    assert fresh.wanted == 1
    fresh.flying.add(1)
    assert fresh.wanted == 2
    fresh.record(1, Failure(FailureKind.EXCEPTION, "why"))
    assert fresh.outcome is None
    assert fresh.wanted is None
    fresh.record(0, Failure(FailureKind.CRASH, "first"))
    assert fresh.outcome == Failure(FailureKind.CRASH, "first", "a")


def test_what_is_known_is_not_wanted() -> None:
    """Outcomes from earlier count like new ones."""
    known = Measurement({Metric.LATENCY: 5.0}, (1, 1), (1, 1), (1, 1))
    assert trial(["a", "b"], [known, None]).wanted == 1
    assert isinstance(trial(["a", "b"], [known, known]).outcome, Fitness)


@given(
    st.lists(outcomes, min_size=1, max_size=5),
    st.floats(1, 100),
    st.floats(0, 1),
    st.randoms(use_true_random=False),
)
def test_who_is_stopped_and_where_follows_from_the_order_of_traces(
    results: list[Outcome], hurdle: float, bound: float, random: Random
) -> None:
    """One by one, or all at once in any order: the same outcome, and one by one nothing is run behind it."""
    names = [f"t{place}" for place in range(len(results))]
    places, order = list(range(len(results))), list(range(len(results)))
    random.shuffle(places)
    random.shuffle(order)
    stages = Stages(Demand((), hurdle), tuple(places), (bound,) * len(results))
    steady, shuffled = trial(names, stages=stages), trial(names, stages=stages)
    ran = []
    while (place := steady.wanted) is not None:
        assert steady.outcome is None
        ran.append(place)
        steady.record(place, results[place])
    assert ran == places[: len(ran)]
    for place in order:
        shuffled.record(place, results[place])
    assert shuffled.outcome == steady.outcome
    assert shuffled.wanted is None
    match steady.outcome:
        case Partial(left=left, per_trace=scores):
            assert [score.trace for score in scores] == [names[place] for place in ran]
            assert left == len(results) - len(ran) > 0
        case Fitness(per_trace=scores):
            assert [score.trace for score in scores] == names
        case Failure(trace=trace):
            assert trace == names[ran[-1]]
        case None:
            raise AssertionError("nothing is wanted, so it must be certain")


def test_a_failure_behind_the_last_trace_is_never_met() -> None:
    """Who is certain to be too slow after its first trace is stopped there, though it would have failed on the next."""
    slow, failing = (
        Measurement({Metric.LATENCY: 90.0}, (1, 1), (1, 1), (1, 1)),
        Failure(FailureKind.CRASH, "why"),
    )
    stages = Stages(Demand((), 40.0), (1, 0), (0.0, 0.0))
    stopped = trial(["a", "b"], [failing, slow], stages)
    assert isinstance(stopped.outcome, Partial)
    assert (stopped.outcome.at_best, stopped.outcome.left) == (45.0, 1)
    assert isinstance(trial(["a", "b"], [failing, slow]).outcome, Failure)
