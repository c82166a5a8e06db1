"""Disturbed traces hold the same work: pipelines, classes, costs and their order stay, and chance has a seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.evaluation import load_suite
from evo.simulator.states import Priority
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace
from evo.validation.perturbations import LOADS, clusters, jittered, loaded, noises, perturbations, shuffled

DURATION = 100.0
OPERATOR = OperatorSpec((), 1.0, "const", None, 5.0)


def trace(times: list[float]) -> Trace:
    """A pipeline at each of these times, of every class in turn."""
    classes = list(Priority)
    return Trace(
        "t",
        tuple(
            (time, PipelineSpec(f"p{place}", classes[place % 3], (OPERATOR,)))
            for place, time in enumerate(times)
        ),
    )


TRACES = st.lists(st.floats(0, 99), min_size=1, max_size=12).map(sorted).map(trace)


def times_of(one: Trace) -> list[float]:
    """When its pipelines arrive."""
    return [time for time, _ in one.pipelines]


@settings(max_examples=50)
@given(TRACES, st.integers(0, 100))
def test_moved_arrivals_are_the_same_work(one: Trace, seed: int) -> None:
    """Jittered or shuffled, the same pipelines come in the same order within the same time; a seed is a trace."""
    for move in (jittered, shuffled):
        made = move(one, DURATION, seed)
        assert [each for _, each in made.pipelines] == [each for _, each in one.pipelines]
        times = times_of(made)
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= times_of(one)[-1] + 1e-9
        assert move(one, DURATION, seed) == made


def test_a_jitter_is_a_fifth_of_a_gap() -> None:
    """Nobody moves by more, and not all stay."""
    one = trace([0.0, 10.0, 20.0, 30.0])
    moved = [
        abs(new - old) for new, old in zip(times_of(jittered(one, DURATION, 1)), times_of(one), strict=True)
    ]
    assert 0 < max(moved) <= 2.0


def test_shuffled_gaps_are_the_same_gaps() -> None:
    """Batches stay whole, the first comes when it did, and the gaps are those that there were."""
    one = trace([5.0, 5.0, 6.0, 9.0, 9.0, 20.0])
    orders = {tuple(times_of(shuffled(one, DURATION, seed))) for seed in range(20)}
    assert len(orders) == 6
    for first, second, third, fourth, fifth, last in orders:
        assert (first, fourth, last) == (second, fifth, 20.0)
        assert sorted([third - first, fourth - third, last - fourth]) == [1.0, 3.0, 11.0]


@pytest.mark.parametrize("factor", LOADS)
def test_load_is_scaled_over_the_same_span(factor: float) -> None:
    """So many times as many pipelines come within the old span, at so much smaller gaps; no id comes twice."""
    one = trace([10.0 * place for place in range(8)])
    made = loaded(one, DURATION, factor)
    assert len(made.pipelines) == 8 * factor
    assert times_of(made) == pytest.approx([10 / factor * place for place in range(int(8 * factor))])
    assert len({each.pipeline_id for _, each in made.pipelines}) == 8 * factor
    classes = [each.priority for _, each in one.pipelines]
    assert [each.priority for _, each in made.pipelines] == (classes * 2)[: int(8 * factor)]


def test_a_single_batch_comes_more_often() -> None:
    """What all arrives at once comes twice in a run at twice the load, and once at half."""
    one = trace([0.0, 0.0])
    assert times_of(loaded(one, DURATION, 2.0)) == [0.0, 0.0, 50.0, 50.0]
    assert times_of(loaded(one, DURATION, 0.5)) == [0.0, 0.0]


@settings(max_examples=30)
@given(TRACES)
def test_the_load_itself_changes_nothing(one: Trace) -> None:
    """Once the load is what there was."""
    assert loaded(one, DURATION, 1.0) == one


def test_what_never_arrives_is_left_out() -> None:
    """Times that go backwards count as upstream has them, and what is beyond the run is no part of it."""
    one = trace([0.0, 20.0, 10.0, 150.0, float("inf")])
    for made in (jittered(one, DURATION, 1), shuffled(one, DURATION, 1), loaded(one, DURATION, 1.0)):
        assert [each.pipeline_id for _, each in made.pipelines] == ["p0", "p1", "p2"]
    assert times_of(shuffled(one, DURATION, 1)) == [0.0, 20.0, 20.0]


def test_clusters_of_other_sizes(parted: Path) -> None:
    """CPUs and RAM by half and twice, and the same in more pools; whole numbers stay whole."""
    parameters = load_suite(parted).parameters
    found = [(one.num_pools, one.cpus_per_pool, one.ram_gb_per_pool) for _, one in clusters(parameters)]
    assert found == [(1, 32, 500), (1, 128, 500), (1, 64, 250), (1, 64, 1000), (2, 32, 250)]
    assert all(isinstance(cpus, int) for _, cpus, _ in found)


def test_estimates_are_upstreams(parted: Path) -> None:
    """The noisy estimator at several noises; without noise only where the cluster tells nothing by itself."""
    parameters = load_suite(parted).parameters
    told = replace(parameters, given={**parameters.given, "estimator_algo": "noisy"}, estimator_algo="noisy")
    sigmas = [[each.noisy_estimator_sigma for _, each in noises(one)] for one in (parameters, told)]
    assert sigmas == [[0.0, 0.25, 0.5, 1.0], [0.25, 0.5, 1.0]]
    assert {each.estimator_algo for _, each in noises(parameters)} == {"noisy"}


def test_all_disturbances(parted: Path) -> None:
    """Each has a name of its own and as many traces; estimates are disturbed only if asked for."""
    suite = load_suite(parted).part("test")
    found = list(perturbations(suite, estimates=True))
    assert len({one.name for one in found}) == len(found) == 15
    assert {len(one.suite.traces) for one in found} == {len(suite.traces)}
    assert {one.kind for one in perturbations(suite, estimates=False)} == {"arrivals", "load", "cluster"}
    assert [one.suite.digest for one in perturbations(suite, estimates=True)] == [
        one.suite.digest for one in found
    ]
