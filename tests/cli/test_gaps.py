"""What a hall of fame says of other traces: who stands first there, and who owes its place to the ones it was bred on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import evo as library
from evo.cli.ending import conclude
from evo.config import RunConfig
from evo.evaluation.suites import Suite, generated, suite_files
from evo.metric import Metric
from evo.saved import read_run
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace
from tests.cli.conftest import Evo
from tests.cli.family import BOTH, NAME, found
from tests.evaluation.small import CLUSTER

VALUES = {5: None, 3: 300.0, 2: 80.0, 1: 90.0}
"""What came of the family on the selection traces, by number; 0 was not scored there."""


def test_a_hall_of_fame_on_other_traces(evo: Evo, root: Path) -> None:
    """It is in order of the selection traces, failures last; the gap is taken beside the best founder."""
    found(root, selections=VALUES)
    told = evo("hof", NAME).stdout
    rows = [line.split() for line in told.splitlines()[2:]]
    assert [row[:5] for row in rows[:5]] == [
        ["1", "2", "80.000", "80.000", "+0.0"],
        ["2", "1", "90.000", "90.000", "reference"],
        ["3", "3", "70.000", "300.00", "+328.6"],
        ["4", "0", "100.00", "-", "-"],
        ["5", "5", "60.000", "failed", "-"],
    ]
    assert "selection" in told
    assert (
        "overfit: by how much more a policy loses from the train to the selection traces than 1 (older)"
        in told
    )
    assert "overfits?" not in told  # two traces of a kind tell no spread
    assert "best" not in told
    assert "80.000 s" in evo("list").stdout
    assert json.loads(evo("list", "--json").stdout)[0]["best"] == {
        "id": "2",
        "fitness": 80.0,
        "selection": 80.0,
    }


def test_the_best_is_the_first_of_the_hall(evo: Evo, root: Path) -> None:
    """Whoever asks for the best gets the one that stands first, wherever that is asked."""
    found(root, selections=VALUES)
    for command in ("show", "diff", "export", "lineage"):
        best, second = (evo(command, NAME, one) for one in ("best", "2"))
        assert best.exit_code == 0 == second.exit_code
        assert best.stdout == second.stdout


def test_the_same_as_json(evo: Evo, root: Path) -> None:
    """A machine gets train, selection and gap of each; of a failure there, why."""
    found(root, selections=VALUES)
    fame = json.loads(evo("hof", NAME, "--json").stdout)
    assert [one["id"] for one in fame] == ["2", "1", "3", "0", "5"]
    assert fame[2]["selection"] == {
        "metric": "latency",
        "value": 300.0,
        "per_trace": {"a": 299.0, "b": 301.0},
    }
    assert fame[2]["overfit"] == {
        "percent": pytest.approx(100 * (300 / 70 - 1)),
        "spread": None,
        "overfits": False,
        "reference": "1",
    }
    assert (fame[3]["selection"], fame[3]["overfit"]) == (None, None)
    assert fame[4]["selection"] == {"failure": "failed: timeout: 60 s (trace c)"}
    found(root / "elsewhere")
    plain = json.loads(evo("hof", NAME, "--json", "--populations", str(root / "elsewhere")).stdout)
    assert not {"selection", "overfit"} & set(plain[0])


def test_several_metrics_have_a_column_each_there_too(evo: Evo, root: Path) -> None:
    """The gap is by the first one."""
    found(root, config=BOTH, selections=VALUES)
    rows = [line.split() for line in evo("hof", NAME).stdout.splitlines()[2:]]
    assert [row[:7] for row in rows[:3]] == [
        ["1", "2", "80.000", "8.0000", "80.000", "8.0000", "+0.0"],
        ["2", "1", "90.000", "9.0000", "90.000", "9.0000", "reference"],
        ["3", "3", "70.000", "7.0000", "300.00", "30.000", "+328.6"],
    ]
    assert [row[4:7] for row in rows[4:5]] == [["failed", "-", "-"]]


MEMORISER = """
KNOWN = {known}

@register_scheduler_init(key="{name}")
def init(s):
    s.queue = []
    s.first = None

@register_scheduler(key="{name}")
def step(s, results, pipelines):
    if s.first is None and pipelines:
        s.first = [len(p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=False)) for p in pipelines]
    s.queue.extend(pipelines)
    pool = s.executor.pools[0]
    cpu = {cpu} if s.first in KNOWN else 64
    free = pool.avail_cpu_pool
    ram = pool.avail_ram_pool
    orders = []
    for pipeline in s.queue:
        for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):
            if free >= cpu and ram >= 100:
                orders.append(Assignment([op], cpu, 100, pipeline.priority, 0, pipeline.pipeline_id))
                free -= cpu
                ram -= 100
    return [], orders
"""


def first_batch(trace: Trace) -> list[int]:
    """By what the memoriser knows a trace: how many operators the first pipelines have."""
    return [len(pipeline.operators) for seconds, pipeline in trace.pipelines if seconds == 0]


@pytest.fixture(scope="module")
def memorised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one that began with `priority` and two of a kind: one knows the train traces, one all."""
    cluster = {**CLUSTER, "duration": 150}
    workload = {"num_pipelines": 6, "waiting_seconds_mean": 30.0, "num_operators": 5}
    traces = [
        generated(cluster, {**workload, "random_seed": seed}, f"seed-{seed}", "small") for seed in range(1, 9)
    ]
    assert len({tuple(first_batch(trace)) for trace in traces}) == 8
    suite = Suite("small", Parameters.complete(cluster), tuple(traces[:4]), tuple(traces[4:]))
    folder = tmp_path_factory.mktemp("memorised")
    for path, content in suite_files(suite).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    for name, known in (("memoriser", traces[:4]), ("honest", traces)):
        source = MEMORISER.format(
            name=name, known=[first_batch(trace) for trace in known], cpu=len(known) * 2
        )
        (folder / f"{name}.py").write_text(source)
    config = RunConfig(
        metric=Metric.LATENCY,
        suite=str(folder / "suite.toml"),
        generations=0,
        population=2,
        children=2,
        tournament=2,
        novelty=False,
        init=("priority", str(folder / "memoriser.py"), str(folder / "honest.py")),
    )
    for _ in library.evolve(config, name="mine", root=folder / "runs", workers=1):
        pass
    return folder / "runs"


def test_a_policy_that_memorises_its_traces_is_called_out(evo: Evo, memorised: Path) -> None:
    """By fitness it is better than the stock policy; elsewhere it loses more than that one, and it alone is marked."""
    run = read_run(memorised, "mine")
    values = [one.fitness.value for one in run.individuals if one.fitness is not None]
    assert len(values) == 3
    assert max(values[1:]) < values[0]
    assert run.reference() == run.individuals[0]
    fame = {
        one["id"]: one
        for one in json.loads(evo("hof", "mine", "--json", "--populations", str(memorised)).stdout)
    }
    assert [one["overfit"]["overfits"] for one in fame.values()] == [one == "1" for one in fame]
    assert {"0", "1"} <= set(fame)
    told = evo("hof", "mine", "--populations", str(memorised)).stdout
    (row,) = [line for line in told.splitlines() if line.split()[1:2] == ["1"]]
    assert "% overfits?" in row
    assert "overfits? Larger than what the choice of traces may have made of it" in told
    assert told.count("overfits?") == 2
    assert "where the choice of traces alone may make" in told


def test_the_end_of_a_run_says_so_as_well(memorised: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is shown when the search has ended is the same table, and the best is its first."""
    run = read_run(memorised, "mine")
    conclude(run, workers=1)
    told = capsys.readouterr().out
    assert "selection" in told
    assert "overfits? Larger than" in told
    assert f"best: {run.hall_of_fame()[0].id} with" in told


def test_a_run_interrupted_at_its_end_is_resumed_there(evo: Evo, memorised: Path, root: Path) -> None:
    """Where only the hall of fame was still to be scored, that is what is said and done; then the run has ended."""
    shutil.copytree(memorised, root)
    path = root / "mine" / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-2]))
    assert json.loads(evo("list", "--json").stdout)[0]["state"] == "interrupted"
    called = evo("resume", "mine", "--workers", "1")
    assert "Resuming 'mine' at its end." in called.stderr
    assert "Hall of fame: 1 of 1 on the selection traces." in called.stderr
    assert path.read_text().splitlines(keepends=True) == lines
    assert "'mine' has ended already." in evo("resume", "mine").stderr
