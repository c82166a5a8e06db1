"""Selection: pressure towards the better, chance from the given generator only, no twins, failures last."""

from __future__ import annotations

import random
import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.behaviour import Behaviour
from evo.fame import hall_of_fame
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric
from evo.population import (
    Failure,
    FailureKind,
    Fitness,
    Individual,
    Lineage,
    Partial,
    Policy,
    Population,
    Reached,
    TraceScore,
    ranked,
)
from evo.selection import hurdle, parents, survivors


def individual(
    number: int, value: float | None, metric: Metric = Metric.LATENCY, program: str | None = None
) -> Individual:
    """An individual with that value, or a failure; its program is its own unless given."""
    outcome = Failure(FailureKind.EXCEPTION, "") if value is None else Fitness(metric, value, ())
    return Individual(
        number, 0, Policy("", hash=program or f"program {number}", key=""), Lineage("test"), outcome
    )


def population(*values: float | None, metric: Metric = Metric.LATENCY) -> Population:
    """The living, numbered from 0, with these values."""
    return Population(3, tuple(ranked(individual(n, value, metric) for n, value in enumerate(values))))


def numbers(living: Population) -> list[int]:
    """Who lives, best first."""
    return [one.number for one in living.individuals]


VALUES = st.lists(st.none() | st.floats(0, 9), max_size=8)


@pytest.mark.parametrize("metric", list(Metric))
def test_pressure(metric: Metric) -> None:
    """Parents are the better of those who compete: with a large tournament the best, whatever the direction."""
    living = population(4.0, None, 1.0, 9.0, metric=metric)
    rng = np.random.default_rng(1)
    firsts = {parents(living, 1, 40, rng)[0].number for _ in range(20)}
    assert firsts == {3 if metric.higher_is_better else 2}


def test_everybody_may_win_alone() -> None:
    """In a tournament of one chance alone decides."""
    living = population(4.0, 9.0, 1.0)
    rng = np.random.default_rng(1)
    assert {parents(living, 1, 1, rng)[0].number for _ in range(60)} == {0, 1, 2}


def test_parents_differ() -> None:
    """Nobody is both parents of a child, and a lonely individual is the only one."""
    living = population(1.0, 2.0, 3.0)
    rng = np.random.default_rng(1)
    for _ in range(20):
        first, second = parents(living, 2, 3, rng)
        assert first.number != second.number
    assert len(parents(population(1.0), 2, 3, rng)) == 1


def test_chance_is_the_generators_own() -> None:
    """Equal generators choose equally, and Python's own generator neither matters nor moves."""
    living = population(*range(20))
    random.seed(1)
    state = random.getstate()
    first = [parents(living, 2, 3, np.random.default_rng([7, n])) for n in range(10)]
    assert random.getstate() == state
    random.seed(2)
    assert [parents(living, 2, 3, np.random.default_rng([7, n])) for n in range(10)] == first
    assert first != [parents(living, 2, 3, np.random.default_rng([8, n])) for n in range(10)]


def test_the_younger_lives_on_among_equals() -> None:
    """A child that is as good takes its elder's place; as long as there is room, the elder stays beside it."""
    children = [individual(2, 2.0), individual(3, 2.0)]
    assert numbers(survivors(population(1.0, 2.0), children, 2)) == [0, 3]
    assert numbers(survivors(population(1.0, 2.0), children, 3)) == [0, 2, 3]
    assert numbers(survivors(population(1.0, 2.0), [individual(2, 1.5)], 2)) == [0, 2]


def test_no_behaviour_crowds_out_the_others() -> None:
    """Of many that score the same on every trace one lives before all that score otherwise, the rest after them."""
    children = [individual(2, 1.0), individual(3, 1.0), individual(4, 8.0), individual(5, None)]
    assert numbers(survivors(population(1.0, 9.0), children, 3)) == [3, 4, 1]
    assert numbers(survivors(population(1.0, 9.0), children, 4)) == [2, 3, 4, 1]


def test_how_a_score_came_about_makes_no_other_of_it() -> None:
    """What is known of the why beside a score lets nobody crowd the others out."""
    fared = ClassInsight(1, 1, 0, 1.0, 1.0, 0.0, 1.0, 1, 0)
    used = Usage(1.0, 1.0, 0.0, 0.0, 1.0)

    def scored(number: int, value: float, containers: int) -> Individual:
        insight = Insight(fared, fared, fared, used, used, containers, 0, 0, 0, None, None, 1.0)
        score = TraceScore("t", value, (1, 1), (1, 1), (1, 1), insight)
        fitness = Fitness(Metric.LATENCY, value, (score,))
        return Individual(number, 0, Policy("", f"program {number}", ""), Lineage("test"), fitness)

    living = Population(3, (scored(0, 1.0, 5), scored(1, 9.0, 5)))
    children = [scored(2, 1.0, 6), scored(3, 1.0, 7), scored(4, 8.0, 5)]
    assert numbers(survivors(living, children, 3)) == [3, 4, 1]


def test_twins_take_one_place() -> None:
    """Of two with the same program the better placed one lives."""
    twin = individual(2, 1.5, program="program 0")
    assert numbers(survivors(population(1.0, 2.0), [twin, individual(3, 5.0)], 3)) == [0, 1, 3]


def test_few_elites_make_room() -> None:
    """With few elites even good elders give way to worse children, but no place stays empty for that."""
    children = [individual(3, 4.0), individual(4, None)]
    living = population(1.0, 2.0, 3.0)
    assert numbers(survivors(living, children, 3)) == [0, 1, 2]
    assert numbers(survivors(living, children, 2, elites=1)) == [0, 3]
    assert numbers(survivors(living, children, 3, elites=0)) == [0, 1, 3]
    assert numbers(survivors(living, children, 5, elites=0)) == [0, 1, 2, 3, 4]


@given(VALUES, VALUES, st.integers(1, 6), st.none() | st.integers(0, 6))
def test_who_lives(old: list[float | None], new: list[float | None], size: int, elites: int | None) -> None:
    """Nobody is invented, places are filled as far as possible, no failure lives before one with a fitness."""
    children = [individual(len(old) + n, value) for n, value in enumerate(new)]
    living = survivors(population(*old), children, size, elites)
    pool = [*population(*old).individuals, *children]
    assert living.generation == 4
    assert len(living.individuals) == min(size, len(pool))
    assert set(living.individuals) <= set(pool)
    assert list(living.individuals) == ranked(living.individuals)
    if any(one.fitness is None for one in living.individuals):
        assert all(one in living.individuals for one in pool if one.fitness is not None)
    if elites is None:
        scored = [one.fitness for one in pool if one.fitness is not None]
        lives = {one.fitness for one in living.individuals if one.fitness is not None}
        assert len(lives) == min(size, len(set(scored)))
        if len(set(scored)) == len(scored):
            assert list(living.individuals) == ranked(pool)[:size]


Point = tuple[float, ...]
SCORES = st.lists(st.none() | st.tuples(*[st.integers(0, 4)] * 3), max_size=9)


def by_several(number: int, point: Point | None) -> Individual:
    """An individual with these values by two metrics or three, or a failure."""
    one = individual(number, None if point is None else point[0])
    if point is None:
        return one
    further = zip((Metric.THROUGHPUT, Metric.QUERY_P99), point[1:], strict=False)
    beside = tuple(Reached(*each) for each in further)
    return replace(one, outcome=Fitness(Metric.LATENCY, point[0], (), beside))


def family(*points: Point | None) -> Population:
    """The living, numbered from 0, with these values."""
    return Population(3, tuple(ranked(by_several(number, point) for number, point in enumerate(points))))


def left_behind(one: Individual, other: Individual) -> bool:
    """Whether the other is as good in everything and better in something."""
    if one.fitness is None or other.fitness is None:
        return one.fitness is None and other.fitness is not None
    before, after = one.fitness.values, other.fitness.values
    return before != after and not any(metric.better(before[metric], after[metric]) for metric in before)


@given(SCORES, SCORES, st.integers(1, 8))
def test_nobody_lives_before_his_better(old: list[Point | None], new: list[Point | None], size: int) -> None:
    """By several metrics no survivor is left behind by one that was left out, unless that one repeats another's scores."""
    children = [by_several(len(old) + number, point) for number, point in enumerate(new)]
    pool = [*family(*old).individuals, *children]
    living = survivors(family(*old), children, size).individuals
    assert list(living) == ranked(living)
    assert len(living) == min(size, len(pool))
    scores = [one.fitness for one in living]
    for one in pool:
        if one not in living and one.fitness not in scores:
            assert not any(left_behind(other, one) for other in living)


@given(SCORES, SCORES, st.integers(1, 8), st.integers(0, 4))
def test_few_elites_make_room_on_a_front(
    old: list[Point | None], new: list[Point | None], size: int, elites: int
) -> None:
    """With few elites the places are filled all the same, and no failure lives before one with a fitness."""
    children = [by_several(len(old) + number, point) for number, point in enumerate(new)]
    pool = [*family(*old).individuals, *children]
    living = survivors(family(*old), children, size, elites).individuals
    assert len(living) == min(size, len(pool))
    if any(one.fitness is None for one in living):
        assert all(one in living for one in pool if one.fitness is not None)


def test_a_front_keeps_its_ends_and_its_breadth() -> None:
    """Where a front has not room for all, who stands in the densest place goes first."""
    points = [(0.0, 0.0), (1.0, 4.0), (1.5, 4.5), (2.0, 5.0), (9.0, 9.0)]
    assert numbers(survivors(family(*points[:2]), [by_several(n, points[n]) for n in (2, 3, 4)], 4)) == [
        0,
        1,
        3,
        4,
    ]


def test_parents_come_from_the_front_where_it_is_empty() -> None:
    """Who stands in a better front wins, and within a front who has few neighbours, whichever metric he is best by."""
    living = family((0.0, 0.0), (1.0, 4.0), (1.5, 4.5), (2.0, 5.0), (9.0, 9.0), (9.0, 0.0), None)
    rng = np.random.default_rng(1)
    winners = {parents(living, 1, 60, rng)[0].number for _ in range(40)}
    assert winners == {0, 4}
    lonely = Population(3, tuple(one for one in living.individuals if one.number in {5, 6}))
    assert parents(lonely, 1, 60, rng)[0].number == 5


def test_equal_generators_choose_equally_on_a_front() -> None:
    """By several metrics too chance is the generator's own."""
    living = family(*((float(n % 5), float(n % 7)) for n in range(20)))
    chosen = [[parents(living, 2, 3, np.random.default_rng([7, n])) for n in range(10)] for _ in range(2)]
    assert chosen[0] == chosen[1]


def on_traces(number: int, values: tuple[int, ...] | None, metric: Metric) -> Individual:
    """An individual with these values on its traces, or a failure."""
    if values is None:
        return individual(number, None)
    scores = tuple(TraceScore(f"t{n}", value, (1, 1), (1, 1), (1, 1)) for n, value in enumerate(values))
    fitness = Fitness(metric, statistics.median(values), scores)
    return Individual(number, 0, Policy("", f"program {number}", ""), Lineage("test"), fitness)


def test_a_hurdle_is_the_worst_who_must_be_displaced() -> None:
    """It is the worst of the living, or of a hall of fame that reaches further down."""
    living = population(1.0, 2.0, 3.0)
    assert hurdle(living, 3, living.individuals, 3) == 3.0
    everyone = population(1.0, 2.0, 3.0, 4.0, 5.0).individuals
    assert hurdle(living, 3, everyone[:4], 4) == 4.0
    assert hurdle(population(1.0, 2.0, metric=Metric.THROUGHPUT), 2, everyone[:1], 1) == 1.0


def test_where_anybody_may_be_of_use_there_is_no_hurdle() -> None:
    """Not while a place is free, held by a failure or by one who scores as another, and not before the hall is full."""
    living = population(1.0, 2.0, 3.0)
    assert hurdle(living, 4, living.individuals, 3) is None
    assert hurdle(population(1.0, 2.0, None), 3, living.individuals, 3) is None
    assert hurdle(population(1.0, 2.0, 2.0), 3, living.individuals, 3) is None
    assert hurdle(living, 3, living.individuals, 4) is None
    assert hurdle(population(None, None), 2, (), 1) is None


GENERATIONS = st.lists(
    st.lists(st.none() | st.tuples(*[st.integers(0, 6)] * 2), max_size=8), min_size=3, max_size=6
)


@given(GENERATIONS, st.integers(1, 4), st.integers(1, 6), st.sampled_from(list(Metric)), st.integers(0, 1))
def test_whoever_is_worse_than_the_hurdle_changes_nothing(
    born: list[list[tuple[int, ...] | None]], size: int, places: int, metric: Metric, overlap: int
) -> None:
    """Generation after generation the same live and are famous if all such children are stopped before they are scored."""
    whole, staged = Population(-1, ()), Population(-1, ())
    everyone: list[Individual] = []
    known: list[Individual] = []
    hurdles: list[float | None] = [None, None]
    for generation in born:
        mark = hurdles[-1 - overlap]
        children = [on_traces(len(everyone) + n, values, metric) for n, values in enumerate(generation)]
        stopped = [
            replace(one, outcome=Partial(metric, mark, mark, 1, ()))
            if mark is not None and not (one.fitness and not metric.better(mark, one.fitness.value))
            else one
            for one in children
        ]
        everyone, known = [*everyone, *children], [*known, *stopped]
        whole, staged = survivors(whole, children, size), survivors(staged, stopped, size)
        assert staged == whole
        fame = hall_of_fame(known, places)
        assert fame == hall_of_fame(everyone, places)
        hurdles.append(hurdle(staged, size, fame, places))


def test_who_was_stopped_comes_before_failures_and_after_all_others() -> None:
    """Among those who were stopped, it counts what could have been reached."""
    stopped = [
        replace(individual(number, 1.0), outcome=Partial(Metric.LATENCY, at_best, 1.0, 1, ()))
        for number, at_best in ((5, 3.0), (6, 2.0))
    ]
    living = survivors(population(None, 9.0), stopped, 4)
    assert numbers(living) == [1, 6, 5, 0]
    assert parents(living, 4, 40, np.random.default_rng(1))[0].number == 1


def behaving(number: int, value: float, cpu: float) -> Individual:
    """An individual that holds such a share of the CPUs."""
    seen = Behaviour(str(number), 0.0, 0.0, cpu, 0.5, (0.1, 0.2, 0.3))
    score = TraceScore("a", value, (1, 1), (1, 1), (1, 1), None, seen)
    fitness = Fitness(Metric.LATENCY, value, (score,))
    return Individual(number, 0, Policy("", str(number), ""), Lineage("test"), fitness)


def test_the_best_of_each_niche_live() -> None:
    """With niches the best of another sort comes before the second of the first; among equals of a niche the better."""
    children = [behaving(0, 1.0, 0.9), behaving(1, 2.0, 0.9), behaving(2, 3.0, 0.1), behaving(3, 4.0, 0.5)]
    nobody = Population(-1, ())
    assert numbers(survivors(nobody, children, 3)) == [0, 1, 2]
    assert numbers(survivors(nobody, children, 3, niches=True)) == [0, 2, 3]
    assert numbers(survivors(nobody, children, 4, niches=True)) == [0, 1, 2, 3]


def test_who_failed_has_no_children_where_others_did_not() -> None:
    """A tournament that draws only failures can't be, unless there are too few others."""
    rng = np.random.default_rng(3)
    some = population(None, None, None, 7.0)
    assert {parents(some, 1, 1, rng)[0].number for _ in range(30)} == {3}
    assert 3 in {one.number for _ in range(9) for one in parents(some, 2, 4, rng)}
    assert len(parents(some, 2, 1, rng)) == 2
    assert len(parents(population(None, None), 2, 1, rng)) == 2
