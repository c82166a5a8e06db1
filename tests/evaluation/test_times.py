"""What the metrics make of when each pipeline was completed: by hand, by upstream's numbers, and never better for less done."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.runs import run_policy
from evo.evaluation.times import Yardstick
from evo.metric import PAPERS, Metric
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule
from tests.evaluation.small import policy, suite

CLUSTER = Parameters.complete(
    {"duration": 100, "ticks_per_second": 10, "num_pools": 1, "cpus_per_pool": 4, "ram_gb_per_pool": 10}
)
"""A run of a thousand ticks: what is left undone counts 200 s."""

OTHERS = [metric for metric in Metric if metric not in PAPERS]


def pipeline(name: str, priority: Priority, seconds: float) -> PipelineSpec:
    """A pipeline of one operator that takes so long whatever it is given."""
    return PipelineSpec(name, priority, (OperatorSpec((), seconds, "const", 1.0, 0.0),))


def schedule(*arrivals: tuple[int, Priority, float]) -> Schedule:
    """Pipelines that arrive in these ticks."""
    return [
        (tick, (pipeline(f"p{number}", priority, seconds),))
        for number, (tick, priority, seconds) in enumerate(arrivals)
    ]


WORKLOAD = Yardstick(
    schedule(
        (10, Priority.QUERY, 4.0),
        (20, Priority.INTERACTIVE, 0.1),
        (30, Priority.BATCH_PIPELINE, 8.0),
        (40, Priority.BATCH_PIPELINE, 8.0),
    ),
    CLUSTER,
)


@pytest.mark.parametrize(
    ("metric", "finished", "expected"),
    [
        (Metric.PENALIZED, [(0, 50), (1, 50), (2, 130), (3, 540)], ((4**4 + 3**4 + 30**4) / 3) ** 0.25),
        (Metric.PENALIZED, [(0, 50)], ((4**4 + 200**4 + 200**4) / 3) ** 0.25),
        (Metric.PIPELINES, [(0, 50), (2, 130)], 0.02),
        (Metric.GOODPUT, [(0, 50), (2, 130)], 0.11),
        (Metric.MAKESPAN, [(0, 50), (1, 540), (2, 130), (3, 500)], 53.0),
        (Metric.MAKESPAN, [(0, 50), (1, 540), (2, 130)], 125.0),
        (Metric.MAKESPAN, [], 200.0),
        (Metric.BATCH_P50, [(2, 130), (3, 540)], 30.0),
        (Metric.BATCH_P50, [(2, 130)], 105.0),
        (Metric.BATCH_P99, [(2, 130)], 10 + 0.99 * 190),
        (Metric.QUERY_P95, [(0, 50)], 4.0),
    ],
)
def test_by_hand(metric: Metric, finished: list[tuple[int, int]], expected: float) -> None:
    """Numbers that anybody can check: ten ticks are a second, and who is left counts 200 s."""
    assert WORKLOAD.value(metric, finished) == pytest.approx(expected)


def test_slowdown_is_in_lengths_of_the_own_critical_path() -> None:
    """One that took as long as its path has a slowdown of 1 but for the tick that its path is short of; short ones are measured by a second."""
    done = [(0, 49), (1, 120), (2, 109), (3, 119)]
    paths = np.array([3.9, 1.0, 7.9, 7.9])
    assert WORKLOAD.value(Metric.SLOWDOWN, done) == pytest.approx(
        float((np.array([3.9, 10, 7.9, 7.9]) / paths).mean())
    )


def test_what_nobody_can_complete_slows_nobody_down() -> None:
    """A pipeline that can't end within the run is no part of the slowdown, but of what is counted per class."""
    arrivals = ((0, Priority.QUERY, 5.0), (900, Priority.QUERY, 50.0))
    alone, both = (Yardstick(schedule(*arrivals[:count]), CLUSTER) for count in (1, 2))
    assert alone.value(Metric.SLOWDOWN, [(0, 99)]) == both.value(Metric.SLOWDOWN, [(0, 99)])
    assert alone.value(Metric.PENALIZED, [(0, 99)]) < both.value(Metric.PENALIZED, [(0, 99)])


@pytest.mark.parametrize("metric", OTHERS)
def test_an_empty_workload_has_no_value(metric: Metric) -> None:
    """Where nobody arrives there is nothing to be measured."""
    assert math.isnan(Yardstick([], CLUSTER).value(metric, []))


def test_a_class_that_never_comes_has_no_percentiles() -> None:
    """And it is no part of the mean over the classes."""
    queries = Yardstick(schedule((0, Priority.QUERY, 1.0)), CLUSTER)
    assert math.isnan(queries.value(Metric.BATCH_P50, []))
    assert queries.value(Metric.PENALIZED, [(0, 30)]) == 3.0


def test_the_papers_metrics_are_not_measured_so() -> None:
    """They follow from upstream's statistics; whoever asks here made a mistake."""
    with pytest.raises(ValueError, match="latency doesn't follow"):
        WORKLOAD.value(Metric.LATENCY, [])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(40, 999)), unique_by=lambda pair: pair[0]),
    st.sampled_from(OTHERS),
)
def test_nothing_is_won_by_leaving_work_undone(done: list[tuple[int, int]], metric: Metric) -> None:
    """Whoever completes one pipeline less is never better by any of these metrics, whichever it leaves."""
    value = WORKLOAD.value(metric, done)
    for left in range(len(done)):
        less = WORKLOAD.value(metric, done[:left] + done[left + 1 :])
        assert not metric.better(less, value)


def test_times_are_those_of_the_simulators_statistics() -> None:
    """The mean over the completed of a class is what Eudoxia's statistics say."""
    small = suite((1,))
    run = run_policy(policy(), small.traces[0], small.parameters).result
    assert isinstance(run, SimulatorStats)
    assert run.finished is not None
    yardstick = Yardstick.of(small.traces[0], small.parameters)
    assert yardstick.value(Metric.PIPELINES, run.finished) == len(run.finished) / small.parameters.duration
    means = []
    for told in (run.pipelines_query, run.pipelines_interactive, run.pipelines_batch):
        if told.arrival_count:
            done = told.completion_count * told.mean_latency_seconds if told.completion_count else 0.0
            left = told.arrival_count - told.completion_count
            means.append((done + left * 2 * small.parameters.duration) / told.arrival_count)
    expected = (math.fsum(mean**4 for mean in means) / len(means)) ** 0.25
    assert yardstick.value(Metric.PENALIZED, run.finished) == pytest.approx(expected)
