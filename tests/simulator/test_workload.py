"""The random workload, byte for byte the one that upstream generates."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.trace import write_trace
from evo.simulator.workload import generate, generated_trace

GOLDEN = Path(__file__).parent.parent / "golden" / "cases"
GENERATED = sorted(path.parent.name for path in GOLDEN.glob("*/generated.csv"))


def test_there_are_recorded_workloads() -> None:
    """The test below has something to compare with."""
    assert len(GENERATED) == 33


@pytest.mark.parametrize("case", GENERATED)
def test_generated_traces_are_upstreams_byte_for_byte(case: str) -> None:
    """The same parameters and seed give the file that upstream's writer wrote."""
    parameters = Parameters.read(GOLDEN / case / "params.toml")
    written = write_trace(generated_trace(parameters, case)).encode()
    assert written == (GOLDEN / case / "generated.csv").read_bytes()


def parameters(**given: Any) -> Parameters:
    """A short run at ten ticks a second, unless `given` says otherwise."""
    return Parameters.complete({"duration": 60, "ticks_per_second": 10} | given)


def test_the_schedule_says_what_the_trace_says() -> None:
    """Trace and schedule hold the same pipelines, the trace in seconds and the schedule in ticks."""
    chosen = parameters(random_seed=3)
    schedule = generate(chosen)
    ticks = [tick for tick, _ in schedule]
    assert ticks[0] == 0
    assert ticks == sorted(set(ticks))
    assert ticks[-1] < chosen.max_ticks
    assert generated_trace(chosen, "t").pipelines == tuple(
        (tick * 0.1, pipeline) for tick, pipelines in schedule for pipeline in pipelines
    )


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    """The end of a run changes nothing before it."""
    short, long = generate(parameters(duration=30)), generate(parameters(duration=90))
    assert short == [(tick, pipelines) for tick, pipelines in long if tick < 300]
    assert len(short) < len(long)


def test_numbers_stay_whole() -> None:
    """The generator's costs are ints, which sums of memory can tell from floats."""
    operators = {
        operator
        for _, pipelines in generate(parameters())
        for spec in pipelines
        for operator in spec.operators
    }
    assert all(type(operator.storage_read_gb) is int for operator in operators)
    assert all(type(operator.baseline_cpu_seconds) is int for operator in operators)


def test_a_query_is_a_single_operator() -> None:
    """Queries have one operator of a kind of their own, whatever the other pipelines look like."""
    chosen = parameters(query_prob=0.5, interactive_prob=0.25, batch_prob=0.25, dag_branch_in_prob=1.0)
    pipelines = [pipeline for _, arrived in generate(chosen) for pipeline in arrived]
    queries = [pipeline for pipeline in pipelines if pipeline.priority is Priority.QUERY]
    assert queries
    assert all(len(query.operators) == 1 for query in queries)
    assert {operator.storage_read_gb for query in queries for operator in query.operators} == {35}
    assert Counter(pipeline.priority for pipeline in pipelines).keys() == set(Priority)


def test_without_a_wait_every_tick_has_arrivals() -> None:
    """A mean of zero ticks leaves a gap of one."""
    assert [tick for tick, _ in generate(parameters(duration=2, waiting_seconds_mean=0))] == list(range(20))


@pytest.mark.parametrize("given", [{"num_pipelines": 0}, {"duration": 0}])
def test_a_workload_may_be_empty(given: dict[str, Any]) -> None:
    """No pipelines or no time: no arrivals, and no tick with none of them."""
    assert generate(parameters(**given)) == []
