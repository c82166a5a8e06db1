"""Stages: who is stopped could never have reached its hurdle, and the order of traces is the living's own."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from evo.behaviour import Behaviour
from evo.evaluation.metrics import judged
from evo.evaluation.runs import run_policy
from evo.evaluation.stages import Demand, Echo, Stages, best_fitness, hardest_first, reachable
from evo.evaluation.suites import quick
from evo.evaluation.times import Yardstick
from evo.metric import PAPERS, Metric
from evo.population import Fitness, Partial, TraceScore
from tests.evaluation.small import policy, suite


def score(trace: str, value: float) -> TraceScore:
    """A score of that value."""
    return TraceScore(trace, value, (1, 1), (1, 1), (1, 1))


def fitness(metric: Metric, *values: float) -> Fitness:
    """A fitness with these values on traces a, b, c and so on."""
    scores = tuple(score(name, value) for name, value in zip("abcdefgh", values, strict=False))
    return Fitness(metric, statistics.median(values), scores)


@pytest.mark.parametrize(
    ("metric", "order"), [(Metric.LATENCY, ("d", "b", "c", "a")), (Metric.THROUGHPUT, ("a", "b", "c", "d"))]
)
def test_the_hardest_traces_come_first(metric: Metric, order: tuple[str, ...]) -> None:
    """By the median of the living, whatever a single one does; equally hard ones in the suite's order."""
    living = [fitness(metric, *values) for values in ((1, 2, 2, 3), (1, 2, 2, 9), (99, 2, 2, 4))]
    assert hardest_first(living) == order


def test_what_is_reachable() -> None:
    """On each trace as much as the proven bounds say, and a trifle; not finite where nothing can be completed."""
    latencies, throughputs = (reachable(quick(), metric) for metric in PAPERS)
    assert len(latencies) == len(throughputs) == 4
    assert latencies == pytest.approx([28.2, 31.7, 33.4, 38.6], abs=0.1)
    assert throughputs == pytest.approx([2.42] * 4, abs=0.01)
    small = suite()
    yardsticks = {each.name: Yardstick.of(each, small.parameters) for each in small.traces}
    results = [(each.name, run_policy(policy(), each, small.parameters).result) for each in small.traces]
    for metric in Metric:
        outcome, best = judged(metric, results, yardsticks), reachable(small, metric)
        if not isinstance(outcome, Fitness):
            assert not all(map(math.isfinite, best))
            continue
        assert not any(
            metric.better(one.value, bound) for one, bound in zip(outcome.per_trace, best, strict=True)
        )


def demand(hurdle: float) -> Demand:
    """To better that."""
    return Demand((), hurdle)


values = st.floats(0, 100)
courses = st.lists(st.tuples(values, values), min_size=1, max_size=6)


def test_what_no_fitness_betters() -> None:
    """For each metric the median of what is reachable; none where no query comes, so that nobody has a fitness."""
    small = suite()
    latency, queries, throughput = best_fitness(small, (Metric.LATENCY, Metric.QUERY_P50, Metric.THROUGHPUT))
    assert latency == statistics.median(reachable(small, Metric.LATENCY))
    assert throughput == statistics.median(reachable(small, Metric.THROUGHPUT))
    assert reachable(small, Metric.QUERY_P50)[0] == math.inf
    assert queries is None
    yardsticks = {each.name: Yardstick.of(each, small.parameters) for each in small.traces}
    results = [(each.name, run_policy(policy(), each, small.parameters).result) for each in small.traces]
    reached = judged((Metric.LATENCY, Metric.THROUGHPUT), results, yardsticks)
    assert isinstance(reached, Fitness)
    for metric, bound in ((Metric.LATENCY, latency), (Metric.THROUGHPUT, throughput)):
        times = metric.gap(reached.values[metric], bound)
        assert times is not None
        assert times > 1


@given(st.sampled_from(list(Metric)), courses, values, st.data())
def test_who_is_stopped_could_not_have_made_it(
    metric: Metric, course: list[tuple[float, float]], hurdle: float, data: st.DataObject
) -> None:
    """On no other traces could any values within the bounds have made its fitness as good as the hurdle, or better than said."""
    worse = min if metric.higher_is_better else max
    real = [worse(pair) for pair in course]
    bounds = tuple(max(pair) if metric.higher_is_better else min(pair) for pair in course)
    places = tuple(data.draw(st.permutations(range(len(course)))))
    stages = Stages(demand(hurdle), places, bounds)
    for count in range(1, len(course) + 1):
        scores = [score(str(place), real[place]) for place in places[:count]]
        partial = stages.stopped(metric, scores)
        if partial is None:
            continue
        assert isinstance(partial, Partial)
        assert count < len(course)
        assert (partial.left, partial.per_trace) == (len(course) - count, tuple(scores))
        assert metric.better(hurdle, partial.at_best)
        assert not metric.better(statistics.median(real), partial.at_best)
        return
    known = [*(real[place] for place in places[:-1]), bounds[places[-1]]]
    assert len(course) == 1 or not metric.better(hurdle, statistics.median(known))


def test_a_tie_with_the_hurdle_is_enough() -> None:
    """The younger come before their equals, so only who can't be as good as the worst of them is stopped."""
    stages = Stages(demand(5.0), (1, 0, 2), (1.0, 1.0, 1.0))
    stopped = stages.stopped(Metric.LATENCY, [score("b", 9.0), score("a", 5.1)])
    assert stopped == Partial(Metric.LATENCY, 5.1, 5.0, 1, (score("b", 9.0), score("a", 5.1)))
    assert stages.stopped(Metric.LATENCY, [score("b", 9.0), score("a", 5.0)]) is None


def test_where_no_policy_has_a_score_nobody_is_stopped() -> None:
    """A bound that isn't finite says that all fail there; that is for the trace to show."""
    stages = Stages(demand(5.0), (0, 1), (1.0, math.inf))
    assert stages.stopped(Metric.LATENCY, [score("a", 9.0)]) is None


def did(trace: str, digest: str) -> TraceScore:
    """A score with what came of it."""
    return replace(score(trace, 9.0), behaviour=Behaviour(digest, 0.0, 0.0, 0.5, 0.5, (None, None, None)))


def test_who_does_on_the_first_trace_what_is_known_is_an_echo() -> None:
    """Only the first trace in order counts, and what nobody looked at is no echo."""
    stages = Stages(Demand(("a", "b"), None, frozenset({"known"})), (0, 1), (0.0, 0.0))
    assert stages.stopped(Metric.LATENCY, [did("a", "known")]) == Echo("a")
    assert stages.stopped(Metric.LATENCY, [did("a", "new")]) is None
    assert stages.stopped(Metric.LATENCY, [did("a", "new"), did("b", "known")]) is None
    assert stages.stopped(Metric.LATENCY, [score("a", 9.0)]) is None
