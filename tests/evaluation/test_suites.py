"""Suites: the built-in ones are what the paper and the manual say, and a suite survives becoming files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evo.errors import InputError
from evo.evaluation.metrics import judged
from evo.evaluation.runs import run_policy
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import BUILT_IN, KINDS, Kind, Suite, suite_files
from evo.metric import Metric
from evo.population import Fitness, Policy
from evo.shipped import policy_file, read_policy
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace, parse_trace, write_trace
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
    traces = [trace for kind in KINDS for trace in built_in.of(kind)]
    seeds = {int(trace.name.rpartition("-s")[2]) for trace in traces}
    assert built_in.parameters.visible["random_seed"] not in seeds


@pytest.mark.parametrize("name", ["naive", "priority"])
@pytest.mark.parametrize("metric", [Metric.LATENCY, Metric.THROUGHPUT])
@pytest.mark.parametrize("kind", KINDS)
def test_the_yardsticks_have_a_fitness_on_the_quick_suite(name: str, metric: Metric, kind: Kind) -> None:
    """What every run is compared with is itself finite on each trace of each kind."""
    quick = load_suite("quick").part(kind)
    stock = Policy(read_policy(policy_file(name)), name, name)
    results = [(trace.name, run_policy(stock, trace, quick.parameters).result) for trace in quick.traces]
    assert isinstance(judged(metric, results), Fitness)


def test_generated_numbers_are_those_of_a_file() -> None:
    """Traces are what replaying their CSV gives: floats, as in the paper's loop."""
    for trace in suite().traces:
        assert parse_trace(write_trace(trace), trace.name) == trace
        costs = [op.storage_read_gb for _, pipeline in trace.pipelines for op in pipeline.operators]
        assert {type(cost) for cost in costs} == {float}


@pytest.mark.parametrize("traces", [3, 4, 5])
def test_a_suite_survives_becoming_files(tmp_path: Path, traces: int) -> None:
    """Written to a folder and read back, a suite is equal in name, digest and everything that it holds of each kind."""
    before = suite(tuple(range(1, traces + 1)))
    odd = replace(before.traces[0], name='a "quoted" \\ name')
    second, third, *others = before.traces[1:]
    before = Suite(before.name, before.parameters, (odd, second, third), tuple(others[:1]), tuple(others[1:]))
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


def test_what_was_made_before_there_were_kinds_keeps_its_digest() -> None:
    """Saved runs still open: the train traces are what they were to the byte, and their digest is all of a suite's then."""
    assert load_suite("quick").part("train").digest == (
        "017cfe49d10ca1643b8956dcadab037cd65baee6ce42db11e54d3f5633f88e6e"
    )
    assert load_suite("paper").part("train").digest == (
        "5ccb04929ff26840e7c048fb5f25c59951c0614aafd5d84ea7405d800a4ddc7a"
    )


def test_the_digest_knows_what_each_trace_is_for() -> None:
    """The same four traces, otherwise parted, are another suite."""
    cluster, (a, b, c, d) = Parameters.complete(CLUSTER), suite((1, 2, 3, 4)).traces
    parted = [
        Suite("small", cluster, (a, b, c, d)),
        Suite("small", cluster, (a, b), (c, d)),
        Suite("small", cluster, (a, b), (), (c, d)),
        Suite("small", cluster, (a, b), (c,), (d,)),
    ]
    assert len({each.digest for each in parted}) == 4
    whole = Suite("small", cluster, (a, b), (c,), (d,))
    assert whole.part("train").digest == Suite("other", cluster, (a, b)).digest
    assert [(part.name, part.traces, part.selection, part.test) for part in map(whole.part, KINDS)] == [
        ("small", (a, b), (), ()),
        ("small (selection)", (c,), (), ()),
        ("small (test)", (d,), (), ()),
    ]


def test_a_kind_that_a_suite_lacks_is_told() -> None:
    """Whoever asks for traces that nobody gave learns what to add."""
    for kind in ("selection", "test"):
        with pytest.raises(
            InputError, match=rf"suite small: no {kind} trace: add at least one \[\[{kind}\]\]"
        ):
            suite().part(kind)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_no_two_traces_of_a_built_in_suite_are_alike(name: str) -> None:
    """Its further traces, made only when they are looked at, are names, seeds, batches and contents of their own."""
    made = BUILT_IN[name]()
    whole = Suite(made.name, made.parameters, made.traces, made.selection, made.test)
    assert whole.digest == made.digest
    assert len(made.selection) in (4, 5)
    assert len(made.test) in (8, 10)
    firsts = [
        [pipeline for seconds, pipeline in trace.pipelines if seconds == 0]
        for kind in KINDS
        for trace in made.of(kind)
    ]
    sizes = [len(first) for first in firsts]
    assert not set(sizes[: len(made.traces)]) & set(sizes[len(made.traces) :])


def test_further_traces_are_not_made_before_they_are_looked_at() -> None:
    """A command that needs only what policies are trained on doesn't wait for the others."""
    quick = load_suite("quick")
    assert "selection" not in vars(quick)
    assert "test" not in vars(quick)
    assert quick.test is quick.test
    assert "selection" not in vars(quick)


@pytest.mark.parametrize("place", [1, 2])
def test_traces_of_different_kinds_are_no_twins(place: int) -> None:
    """Selecting or testing on a trace that was trained on would tell nothing; names are unique over all kinds."""
    cluster, (first, other) = Parameters.complete(CLUSTER), suite((1, 2)).traces
    for copy, words in (
        (replace(first, name="z"), "a and z are the same"),
        (replace(other, name="a"), "two traces"),
    ):
        kinds: list[tuple[Trace, ...]] = [(first,), (), ()]
        kinds[place] = (copy,)
        with pytest.raises(InputError, match=words):
            Suite("small", cluster, *kinds)


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
