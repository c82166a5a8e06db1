"""Tests of how a cluster is told to a model."""

from __future__ import annotations

from evo.simulator.parameters import Parameters
from evo.variation.setting import cluster_words

QUICK = """\
- One pool, of 64 CPUs and 500 GB of RAM.
- Each of the 4 traces lasts 150 seconds, at 20 ticks a second (3,000 ticks).
- A container holds exactly one operator, so nothing can be suspended.
- What containers are given, of CPUs and of RAM, must fit in their pool together."""

LARGE = """\
- 2 pools, each of 8.5 CPUs and 32 GB of RAM.
- The one trace lasts 10 seconds, at 0.5 ticks a second (5 ticks).
- A container may hold several operators of a pipeline, parents first (`multi_operator_containers`).
- Memory may be promised more than once (`allow_memory_overcommit`): only what is really used must fit.
- A pipeline that isn't complete 7.5 seconds after it arrived times out and is lost.
- `op.estimate.mem_peak_gb` is a guess of an operator's peak memory, and may be off."""


def test_the_quick_suite() -> None:
    """What matters of a cluster is told in four lines."""
    from evo.evaluation.suites import quick

    suite = quick()
    assert cluster_words(suite.parameters.given, len(suite.traces)) == QUICK


def test_whatever_upstream_can_do() -> None:
    """Every parameter that changes the rules is told where it is on."""
    cluster = {
        "num_pools": 2,
        "cpus_per_pool": 8.5,
        "ram_gb_per_pool": 32,
        "duration": 10,
        "ticks_per_second": 0.5,
    }
    rules = {"allow_memory_overcommit": True, "max_job_seconds": 7.5, "estimator_algo": "noisy"}
    assert cluster_words(Parameters.complete({**cluster, **rules}).given, 1) == LARGE


def test_no_trace_is_told() -> None:
    """The seed and what traces are made of stay untold."""
    one, other = (Parameters.complete({"random_seed": seed, "num_pipelines": seed}).given for seed in (1, 2))
    assert cluster_words(one, 2) == cluster_words(other, 2)
