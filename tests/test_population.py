"""The values that evolve: order, direction, halls of fame, and that no score can be what is no number."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.behaviour import Behaviour
from evo.fame import by_selection, hall_of_fame, joined, pareto_front
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric
from evo.population import (
    Failure,
    FailureKind,
    Fitness,
    Individual,
    Lineage,
    Policy,
    Reached,
    TraceScore,
    ranked,
)


def individual(number: int, value: float | None, program: str, metric: Metric = Metric.LATENCY) -> Individual:
    """An individual with that value and program, or a failure."""
    outcome = Failure(FailureKind.EXCEPTION, "") if value is None else Fitness(metric, value, ())
    return Individual(number, 0, Policy("", hash=program, key=""), Lineage("test"), outcome)


def test_kinds_are_a_fixed_list() -> None:
    """A failure of no known kind can't be built."""
    with pytest.raises(TypeError, match="FailureKind"):
        Failure("ValueError", "why")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ValueError"):
        FailureKind("ValueError")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_score_is_a_number(value: float) -> None:
    """Neither NaN nor infinity can become a score or a fitness."""
    with pytest.raises(ValueError, match="must be finite"):
        TraceScore("t", value, (0, 0), (0, 0), (0, 0))
    with pytest.raises(ValueError, match="must be finite"):
        Fitness(Metric.LATENCY, value, ())
    with pytest.raises(ValueError, match="must be finite"):
        TraceScore("t", 1.0, (0, 0), (0, 0), (0, 0), beside=(value,))
    with pytest.raises(ValueError, match="must be finite"):
        Fitness(Metric.LATENCY, 1.0, (), (Reached(Metric.THROUGHPUT, value),))


def test_a_fitness_by_one_metric_is_saved_as_ever() -> None:
    """Nothing of further metrics is in its bytes; by several they are read as they were written."""
    one = Fitness(Metric.LATENCY, 1.5, (TraceScore("t", 1.5, (1, 2), (0, 0), (3, 3)),))
    assert msgspec.json.encode(one) == (
        b'{"metric":"latency","value":1.5,"per_trace":'
        b'[{"trace":"t","value":1.5,"query":[1,2],"interactive":[0,0],"batch":[3,3]}]}'
    )
    both = Fitness(
        Metric.LATENCY,
        1.5,
        (TraceScore("t", 1.5, (1, 2), (0, 0), (3, 3), beside=(4.0,)),),
        (Reached(Metric.THROUGHPUT, 4.0),),
    )
    assert b'"beside":[["throughput",4.0]]' in msgspec.json.encode(both)
    assert msgspec.json.decode(msgspec.json.encode(both), type=Fitness) == both
    assert both.costs == (1.5, -4.0)
    assert both.on_each_trace() == {Metric.LATENCY: (1.5,), Metric.THROUGHPUT: (4.0,)}


def test_a_score_without_an_insight_says_nothing_of_it() -> None:
    """A saved score reads as it always did; with an insight it says more, and is read as it was written."""
    plain = TraceScore("t", 1.5, (1, 2), (0, 0), (3, 3))
    assert msgspec.json.encode(plain) == (
        b'{"trace":"t","value":1.5,"query":[1,2],"interactive":[0,0],"batch":[3,3]}'
    )
    one, usage = ClassInsight(2, 1, 0, 1.5, 1.5, 0.5, 1.0, 4, 1), Usage(10.0, 5.0, 1.0, 0.0, 2.5)
    insight = Insight(one, one, one, usage, usage, 3, 1, 0, 0, 0.5, None, 2.0)
    fitness = Fitness(Metric.LATENCY, 1.5, (plain, msgspec.structs.replace(plain, insight=insight)))
    assert msgspec.json.decode(msgspec.json.encode(fitness), type=Fitness) == fitness


def test_completions_are_summed() -> None:
    """Beside a fitness stand completed and arrived pipelines of each class, over all traces."""
    scores = (TraceScore("a", 1.0, (1, 2), (0, 3), (4, 4)), TraceScore("b", 2.0, (2, 2), (1, 1), (0, 9)))
    assert Fitness(Metric.LATENCY, 1.5, scores).completions == {
        "query": (3, 4),
        "interactive": (1, 4),
        "batch": (4, 13),
    }


@pytest.mark.parametrize(
    ("metric", "order"), [(Metric.LATENCY, [3, 1, 2, 0, 4]), (Metric.THROUGHPUT, [1, 2, 3, 0, 4])]
)
def test_ranks(metric: Metric, order: list[int]) -> None:
    """The better comes first, then the elder; failures come last, the elder first."""
    pool = [individual(n, value, str(n), metric) for n, value in enumerate([None, 2.0, 2.0, 1.0, None])]
    assert [one.number for one in ranked(reversed(pool))] == order
    assert [one.fitness is None for one in ranked(pool)] == [False] * 3 + [True] * 2


@given(
    st.lists(st.tuples(st.none() | st.floats(0, 3), st.sampled_from("abcd")), max_size=12), st.integers(1, 5)
)
def test_a_hall_of_fame(pool: list[tuple[float | None, str]], size: int) -> None:
    """It holds the best value of each program, best first, no failure, and no more than was asked for."""
    individuals = [individual(n, value, program) for n, (value, program) in enumerate(pool)]
    hall = hall_of_fame(individuals, size)
    best = sorted(
        min(value for value, other in pool if value is not None and other == program)
        for program in {program for value, program in pool if value is not None}
    )
    assert [one.fitness.value for one in hall if one.fitness] == best[:size]
    assert len({one.policy.hash for one in hall}) == len(hall)


def test_a_hall_of_fame_holds_no_behaviour_twice() -> None:
    """Of policies that did the same on every trace the best placed stands for all; where nobody looked each stands."""

    def did(number: int, value: float, *digests: str) -> Individual:
        seen = [Behaviour(d, 0.0, 0.0, 0.5, 0.5, (0.1, None, 0.2)) if d else None for d in digests]
        scores = tuple(TraceScore(str(n), value, (1, 1), (1, 1), (1, 1), None, b) for n, b in enumerate(seen))
        fitness = Fitness(Metric.LATENCY, value, scores)
        return Individual(number, 0, Policy("", str(number), "k"), Lineage("m"), fitness)

    pool = [
        did(0, 2.0, "a", "b"),
        did(1, 1.0, "a", "c"),
        did(2, 2.0, "a", "b"),
        did(3, 3.0, "", "b"),
        did(4, 3.0, "", "b"),
    ]
    assert [one.number for one in hall_of_fame(pool, 5)] == [1, 0, 3, 4]


@given(st.lists(st.none() | st.integers(-1, 3), max_size=8))
def test_a_hall_of_fame_in_the_order_of_other_traces(values: list[int | None]) -> None:
    """Whoever reached more there stands before; then those not scored there (None), and failures (-1) last; equals stay."""
    hall = [individual(number, float(number), str(number)) for number in range(len(values))]
    selections: dict[int, Fitness | Failure] = {
        number: Fitness(Metric.LATENCY, float(value), ()) if value >= 0 else Failure(FailureKind.TIMEOUT, "")
        for number, value in enumerate(values)
        if value is not None
    }
    keys = [(1, 0) if value is None else (2, 0) if value < 0 else (0, value) for value in values]
    expected = [number for _, number in sorted((key, number) for number, key in enumerate(keys))]
    assert [one.number for one in by_selection(hall, selections)] == expected


POINTS = st.lists(st.none() | st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2)), max_size=14)


def by_three(number: int, point: tuple[int, int, int] | None) -> Individual:
    """An individual with these values by three metrics, or a failure."""
    outcome: Fitness | Failure = Failure(FailureKind.EXCEPTION, "")
    if point is not None:
        first, *others = zip((Metric.LATENCY, Metric.THROUGHPUT, Metric.BATCH_P99), point, strict=True)
        outcome = Fitness(*first, (), tuple(Reached(*other) for other in others))
    return Individual(number, 0, Policy("", hash=f"program {number}", key=""), Lineage("test"), outcome)


def left_behind(one: Fitness, other: Fitness) -> bool:
    """Whether one is nowhere better than the other, and somewhere worse; spelled out metric by metric."""
    nowhere = not any(metric.better(one.values[metric], other.values[metric]) for metric in one.values)
    return nowhere and any(metric.better(other.values[metric], one.values[metric]) for metric in one.values)


@given(POINTS)
def test_a_front_is_what_nobody_leaves_behind(points: list[tuple[int, int, int] | None]) -> None:
    """The hall of fame by several metrics is what comparing each with each finds, in order of the first metric."""
    pool = [by_three(number, point) for number, point in enumerate(points)]
    scored = [(one, one.fitness) for one in pool if one.fitness is not None]
    expected = {
        fitness.costs: one.number
        for one, fitness in reversed(scored)
        if not any(left_behind(fitness, other) for _, other in scored)
    }
    hall = hall_of_fame(reversed(pool), len(pool) + 1)
    assert [one.number for one in hall] == [expected[costs] for costs in sorted(expected)]
    assert hall == list(pareto_front(pool))


@given(POINTS, st.integers(1, 4))
def test_a_front_may_be_too_large_to_be_shown(points: list[tuple[int, int, int] | None], size: int) -> None:
    """Of a large front only so many are shown, the best by the first metric among them, in their order."""
    pool = [by_three(number, point) for number, point in enumerate(points)]
    front = pareto_front(pool)
    hall = hall_of_fame(pool, size)
    assert len(hall) == min(size, len(front))
    assert hall == [one for one in front if one in hall]
    assert hall[:1] == list(front[:1])


@given(POINTS)
def test_a_front_grows_one_by_one(points: list[tuple[int, int, int] | None]) -> None:
    """Kept up birth by birth it is the front of all; whoever brings nothing new leaves the very same front."""
    front: tuple[Individual, ...] = ()
    for number, point in enumerate(points):
        newcomer = by_three(number, point)
        after = joined(front, newcomer)
        assert (after is front) is (newcomer not in after)
        front = after
    assert front == pareto_front(by_three(number, point) for number, point in enumerate(points))


@given(st.lists(st.none() | st.floats(0, 3), max_size=12))
def test_by_one_metric_the_front_is_the_best(values: list[float | None]) -> None:
    """Of a single metric only the eldest of the best is on it."""
    pool = [individual(number, value, str(number)) for number, value in enumerate(values)]
    assert list(pareto_front(pool)) == hall_of_fame(pool, 1)


def test_the_gap_is_by_the_first_metric() -> None:
    """Of several metrics the first one's bound counts; a run without bounds, or without that one, knows no gap."""
    fitness = Fitness(Metric.LATENCY, 60.0, (), (Reached(Metric.THROUGHPUT, 2.0),))
    assert fitness.gap((40.0, 2.5)) == 1.5
    assert fitness.gap((None, 2.5)) is None
    assert fitness.gap(()) is None
