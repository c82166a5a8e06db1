"""What all tests share: Hypothesis without deadlines, a core for each process, and a suite of moments."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests.machine import bound, keep_bytecode, longest_first

__all__ = ["bound"]

settings.register_profile("evo", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("evo")
keep_bytecode()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    longest_first(items)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a suite of two traces that takes milliseconds, one of them in a CSV of its own."""
    from evo.evaluation.suites import generated
    from evo.simulator.trace import write_trace

    cluster = {"duration": 20, "ticks_per_second": 10, "num_pools": 1, "ram_gb_per_pool": 500}
    workload = {"waiting_seconds_mean": 4.0, "num_pipelines": 2, "num_operators": 2, "random_seed": 5}
    folder = tmp_path_factory.mktemp("suite")
    (folder / "own.csv").write_text(write_trace(generated(cluster, workload, "own", "own")))
    lines = ["[cluster]", *(f"{key} = {value}" for key, value in cluster.items()), ""]
    lines += ["[[trace]]", 'file = "own.csv"', ""]
    lines += [
        "[[trace]]",
        "seed = 6",
        "waiting_seconds_mean = 2.0",
        "num_pipelines = 2",
        "num_operators = 3",
        "",
    ]
    path = folder / "tiny.toml"
    path.write_text("\n".join(lines))
    return path
