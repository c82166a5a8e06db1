"""Suites: the built-in ones are what the paper and the manual say, and a suite survives becoming files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evo.errors import InputError
from evo.evaluation.metrics import judged
from evo.evaluation.runs import run_policy
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import BUILT_IN, Suite, suite_files
from evo.metric import Metric
from evo.population import Fitness, Policy
from evo.shipped import policy_file, read_policy
from evo.simulator.parameters import Parameters
from evo.simulator.trace import parse_trace, write_trace
from tests.evaluation.small import CLUSTER, suite


def test_the_papers_suite_is_the_papers() -> None:
    """Ten traces of some 600 pipelines, on one pool of 64 CPUs and 500 GB at 1000 ticks a second."""
    paper = load_suite("paper")
    assert [trace.name for trace in paper.traces] == [
        f"paper-10x{size}-s{seed}" for size in (1, 2, 4, 8, 16) for seed in (10, 11)
    ]
    assert all(600 <= len(trace.pipelines) <= 640 for trace in paper.traces)
    cluster = paper.parameters
    assert (cluster.num_pools, cluster.cpus_per_pool, cluster.ram_gb_per_pool) == (1, 64, 500)
    assert cluster.max_ticks == 600_000
    assert not cluster.multi_operator_containers


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_no_policy_can_read_the_seed_of_its_traces(name: str) -> None:
    """The seed in a built-in suite's parameters makes none of its traces."""
    built_in = load_suite(name)
    seeds = {int(trace.name.rpartition("-s")[2]) for trace in built_in.traces}
    assert built_in.parameters.visible["random_seed"] not in seeds


@pytest.mark.parametrize("name", ["naive", "priority"])
@pytest.mark.parametrize("metric", [Metric.LATENCY, Metric.THROUGHPUT])
def test_the_yardsticks_have_a_fitness_on_the_quick_suite(name: str, metric: Metric) -> None:
    """What every run is compared with is itself finite on each trace."""
    quick = load_suite("quick")
    stock = Policy(read_policy(policy_file(name)), name, name)
    results = [(trace.name, run_policy(stock, trace, quick.parameters).result) for trace in quick.traces]
    assert isinstance(judged(metric, results), Fitness)


def test_generated_numbers_are_those_of_a_file() -> None:
    """Traces are what replaying their CSV gives: floats, as in the paper's loop."""
    for trace in suite().traces:
        assert parse_trace(write_trace(trace), trace.name) == trace
        costs = [op.storage_read_gb for _, pipeline in trace.pipelines for op in pipeline.operators]
        assert {type(cost) for cost in costs} == {float}


def test_a_suite_survives_becoming_files(tmp_path: Path) -> None:
    """Written to a folder and read back, a suite is equal in name, digest and everything that it holds."""
    before = suite()
    odd = replace(before.traces[0], name='a "quoted" \\ name')
    before = Suite(before.name, before.parameters, (odd, *before.traces[1:]))
    for path, content in suite_files(before).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    after = load_suite(tmp_path / "suite.toml")
    assert after == before
    assert after.digest == before.digest
    assert list(after.parameters.visible) == list(before.parameters.visible)


def test_the_digest_knows_what_results_depend_on() -> None:
    """Another cluster, trace or name of a trace is another suite; the suite's own name is not."""
    small = suite()
    assert Suite("renamed", small.parameters, small.traces).digest == small.digest
    larger = Parameters.complete({**CLUSTER, "num_pools": 2})
    others = [
        Suite("small", larger, small.traces),
        Suite("small", small.parameters, small.traces[:2]),
        Suite("small", small.parameters, small.traces[::-1]),
        Suite("small", small.parameters, (replace(small.traces[0], name="z"), *small.traces[1:])),
    ]
    assert len({small.digest, *(other.digest for other in others)}) == 5


@pytest.mark.parametrize(
    ("names", "seeds", "words"),
    [("", (), "no trace"), ("aa", (1, 2), "two traces are called a"), ("ab", (1, 1), "a and b are the same")],
)
def test_suites_nobody_can_be_scored_on_are_refused(names: str, seeds: tuple[int, ...], words: str) -> None:
    """No traces, two of one name, or one trace twice under two names."""
    made = [suite((seed,)).traces[0] for seed in seeds]
    traces = tuple(replace(trace, name=name) for trace, name in zip(made, names, strict=True))
    with pytest.raises(InputError, match=words):
        Suite("small", Parameters.complete(CLUSTER), traces)


def test_a_cluster_that_upstream_refuses_makes_no_suite() -> None:
    """What fails every policy alike is the suite's mistake, not the policies'."""
    wrong = Parameters.complete({**CLUSTER, "query_prob": 0.9})
    with pytest.raises(InputError, match="Probabilities must sum to 1"):
        Suite("small", wrong, suite().traces)
