"""Statistics, as upstream computes them from the same counts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.stats import PipelineStats, RunFailure, SimulatorStats, Tally, summarize


def tally() -> Tally:
    """Two queries and an interactive pipeline completed, four batch pipelines never did."""
    return Tally(
        pipelines_created=9,
        assignments=6,
        suspensions=1,
        failures=2,
        failure_error_counts={"OOM": 1, "timeout": 1},
        containers_completed=3,
        container_ticks=[5, 9, 14, 100],
        arrivals={Priority.QUERY: 3, Priority.INTERACTIVE: 2, Priority.BATCH_PIPELINE: 4},
        timeouts={Priority.QUERY: 0, Priority.INTERACTIVE: 1, Priority.BATCH_PIPELINE: 0},
        latencies={Priority.QUERY: [3, 10], Priority.INTERACTIVE: [7], Priority.BATCH_PIPELINE: []},
        allocated_percent=[10.0, 0.1, 0.2],
    )


def summary(counts: Tally, **given: object) -> SimulatorStats | RunFailure:
    """What comes of `counts` at ten ticks a second for 4.5 seconds, unless `given` says otherwise."""
    return summarize(counts, Parameters.complete({"duration": 4.5, "ticks_per_second": 10} | given))


def stats() -> SimulatorStats:
    """The statistics of `tally()`."""
    result = summary(tally())
    assert isinstance(result, SimulatorStats)
    return result


def test_the_numbers_are_upstreams() -> None:
    """Every field has the bits that upstream's code gave for these counts."""
    result = stats()
    assert result.to_dict() | {"pipelines_batch": None} == {
        "pipelines_created": 9,
        "containers_completed": 3,
        "throughput": 0.6666666666666666,
        "p99_latency": 9.741999999999997,
        "assignments": 6,
        "suspensions": 1,
        "failures": 2,
        "failure_error_counts": {"OOM": 1, "timeout": 1},
        "pipelines_all": PipelineStats(9, 3, 1, 0.6666666666666667, 0.994).to_dict(),
        "pipelines_query": PipelineStats(3, 2, 0, 0.65, 0.993).to_dict(),
        "pipelines_interactive": PipelineStats(2, 1, 1, 0.7, 0.7).to_dict(),
        "pipelines_batch": None,
    }
    assert result.pipelines_batch[:3] == (4, 0, 0)
    assert math.isnan(result.pipelines_batch.mean_latency_seconds)
    assert result.mean_memory_allocated_percent == 3.433333333333333
    assert math.isnan(result.mean_memory_consumed_percent)


def test_every_number_is_a_plain_python_number() -> None:
    """Nothing of numpy leaks out: what is written to a file reads the same on any machine."""
    result = stats()
    fields = [*result, *result.pipelines_all, *result.pipelines_query]
    assert {type(value) for value in fields if not isinstance(value, dict | tuple)} == {int, float}


def test_adjusted_latency_is_upstreams_in_each_of_its_forms() -> None:
    """By default, with weights left out, and with a penalty for what never finished."""
    result = stats()
    assert result.adjusted_latency() == 1.9800000000000002
    assert result.adjusted_latency(weights={Priority.QUERY: 2}) == 1.9799999999999998
    penalised = result.adjusted_latency(divide_by_completion_rate=False, unfinished_penalty_seconds=5)
    assert penalised == 2.534090909090909


def test_adjusted_latency_refuses_both_corrections_at_once() -> None:
    """A completion rate and a penalty would count the unfinished twice."""
    with pytest.raises(AssertionError, match="Cannot use both"):
        stats().adjusted_latency(unfinished_penalty_seconds=1)


def test_adjusted_latency_is_infinite_if_nothing_completed() -> None:
    """No completion is no number to be proud of."""
    counts = tally()
    counts.latencies = {priority: [] for priority in Priority}
    result = summary(counts)
    assert isinstance(result, SimulatorStats)
    assert result.adjusted_latency() == math.inf


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=300))
def test_percentiles_are_numpys_to_the_last_bit(ticks: list[int]) -> None:
    """Upstream asks numpy, which takes ten times as long for so few numbers."""
    result = summary(Tally(container_ticks=ticks), ticks_per_second=1)
    assert isinstance(result, SimulatorStats)
    assert repr(result.p99_latency) == repr(float(np.percentile(ticks, 99)))


def test_a_run_without_an_ended_container_has_no_statistics() -> None:
    """Upstream takes a percentile of nothing, in the last tick; so the run fails."""
    message = "index -1 is out of bounds for axis 0 with size 0"
    assert summary(Tally()) == RunFailure("IndexError", message, 44, "statistics")


@pytest.mark.parametrize(("duration", "message"), [(0, "division by zero"), (0.0, "float division by zero")])
def test_a_run_without_time_divides_by_zero(duration: float, message: str) -> None:
    """A duration of 0 fails before the percentile does, with the clock still at -1."""
    assert summary(Tally(), duration=duration) == RunFailure("ZeroDivisionError", message, -1, "statistics")


def test_a_fresh_tally_knows_every_priority() -> None:
    """The engine may count without asking first."""
    fresh = Tally()
    assert fresh.arrivals == fresh.timeouts == dict.fromkeys(Priority, 0)
    assert fresh.latencies == {priority: [] for priority in Priority}
