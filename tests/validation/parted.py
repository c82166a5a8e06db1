"""A suite of moments with train and test traces, and policies that are wrong in a way that can be known."""

from __future__ import annotations

from pathlib import Path

import evo
from evo.config import RunConfig
from evo.evaluation import load_suite
from evo.metric import Metric
from tests.evaluation.small import source

CLUSTER = {
    "duration": 60,
    "ticks_per_second": 10,
    "num_pools": 1,
    "ram_gb_per_pool": 500,
    "multi_operator_containers": "false",
}
WORKLOAD = {"waiting_seconds_mean": 6.0, "num_pipelines": 4, "num_operators": 2}


def greedy(first: str) -> str:
    """A first-come-first-served policy that begins each call with `first`, and can count calls and keep moments."""
    return source(first, cpu=4, memory="s.calls = 0\ns.moments = []")


HONEST = greedy("pass")
STARVER = greedy("pipelines = [one for one in pipelines if one.priority != Priority.INTERACTIVE]")


def suite_in(folder: Path) -> Path:
    """The file of a suite with three train and four test traces."""
    lines = ["[cluster]", *(f"{key} = {value}" for key, value in CLUSTER.items())]
    for number in range(7):
        lines += ["", "[[trace]]" if number < 3 else "[[test]]", f"seed = {number + 1}"]
        lines += [f"{key} = {value}" for key, value in WORKLOAD.items()]
    path = folder / "parted.toml"
    path.write_text("\n".join([*lines, ""]))
    return path


def memoriser_of(parted: Path) -> str:
    """A policy that knows when the second batch of each train trace comes; elsewhere it stops at that."""
    suite = load_suite(parted)
    ticks = {
        trace.schedule(suite.parameters.ticks_per_second, suite.parameters.max_ticks)[1][0]
        for trace in suite.traces
    }
    return greedy(
        "s.calls += 1\n"
        "if pipelines:\n"
        "    s.moments.append(s.calls - 1)\n"
        f"if len(s.moments) > 1 and s.moments[1] not in {sorted(ticks)}:\n"
        "    return [], []"
    )


def begin(root: Path, parted: Path) -> None:
    """Save a run of founders only: one who knows the train traces, `naive` and `priority`."""
    (root / "memoriser.py").write_text(memoriser_of(parted))
    init = (str(root / "memoriser.py"), "naive", "priority")
    config = RunConfig(suite=str(parted), generations=0, population=4, init=init, metric=Metric.PENALIZED)
    for _ in evo.evolve(config, name="mine", root=root, workers=1):
        pass
