"""`evo validate` as it is typed: its words, its JSON, its picture, and one clear line for what can't be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from evo.runfolder import LOOKS
from tests.cli.conftest import Evo
from tests.validation.parted import STARVER, begin, suite_in

REAL = """\
pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb
p1,0.000,BATCH_PIPELINE,op1,,2.352,const,0.09472,0.000098721
p1,,,op2,,8.867,const,0.3244,0
p1,,,op3,op1;op2,4.479,const,0.1873,0
p2,11.5,QUERY,op1,,1.5,linear3,2,1
"""
"""As a measured workflow looks when it was converted."""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of saved runs with one of founders only."""
    folder = tmp_path_factory.mktemp("saved")
    begin(folder, suite_in(folder))
    return folder


@pytest.fixture
def mine(saved: Path, root: Path) -> Path:
    """The same where commands look for it; the suite's file lies there, too."""
    shutil.copytree(saved, root)
    return root


def test_a_saved_run_in_words(evo: Evo, mine: Path) -> None:
    """Tables of all policies, who memorised, who starves, and what the look has cost, each time more."""
    for look in (1, 2):
        called = evo("validate", "mine", "--plain", "--workers", "1")
        assert called.exit_code == 0, called.output
        assert f"look {look} at the sealed traces: each look spends some of their worth" in called.stdout
    lines = called.stdout.splitlines()
    assert any(line.split()[:1] == ["priority"] for line in lines)
    assert any(line.startswith("0 overfits: from the train traces to these it loses ") for line in lines)
    assert any(line.startswith("priority-pool failed: exception: ") for line in lines)
    assert any(line.startswith("vs bound: by how many times it misses ") for line in lines)
    assert len((mine / "mine" / LOOKS).read_text().splitlines()) == 2


def test_starving_is_told_in_words(evo: Evo, mine: Path, tmp_path: Path) -> None:
    """Under a metric that can be gamed, whoever gains by starving a class is said to, with the count."""
    (tmp_path / "starver.py").write_text(STARVER)
    words = ("--suite", str(mine / "parted.toml"), "--metric", "latency", "--plain", "--workers", "1")
    called = evo("validate", "starver.py", *words)
    assert "starver starves interactive: 0 of " in called.stdout
    assert "starves query" not in called.stdout
    assert "look" not in called.stdout


@pytest.mark.usefixtures("mine")
def test_as_json(evo: Evo, tmp_path: Path) -> None:
    """Machines get everything."""
    (tmp_path / "real.csv").write_text(REAL)
    called = evo("validate", "mine", "--trace", "real.csv", "--workers", "1", "--plain", "--json")
    assert called.exit_code == 0, called.output
    told = json.loads(called.stdout)
    assert [one["name"] for one in told["traces"]] == ["real"]
    assert (told["look"], told["metrics"], told["disturbances"]) == (None, ["penalized"], [])
    first = told["policies"][0]
    # It waits for ever once the second arrival comes at a moment that it doesn't know.
    assert first["completions"] == {"query": [0, 1], "interactive": [0, 0], "batch": [1, 1]}
    assert first["intervals"]["penalized"]["low"] is None
    assert set(first["against"]) >= {"naive", "priority"}
    assert first["optimality"] == first["fitness"]["value"] / told["bound"] > 1


@pytest.mark.usefixtures("mine")
def test_disturbances_in_words_and_as_a_picture(evo: Evo, tmp_path: Path) -> None:
    """A row for each, and a sentence for where it breaks; of a single trace no interval is told."""
    (tmp_path / "real.csv").write_text(REAL)
    called = evo("validate", "priority", "--trace", "real.csv", "--workers", "1", "--plot", "one.svg")
    assert called.exit_code == 0, called.output
    assert "priority breaks under none of 11 disturbances" in called.stdout
    assert "noise in estimates: priority reads none, so there is nothing to try" in called.stdout
    assert "over 1 trace " in called.stdout
    assert "too few for intervals" in called.stdout
    assert b"2 times the load" in (tmp_path / "one.svg").read_bytes()


@pytest.mark.usefixtures("mine")
def test_who_fails_anyway_withstands_nothing(evo: Evo, tmp_path: Path) -> None:
    """A policy that fails on the traces as they are is not said to break under none of the disturbances."""
    (tmp_path / "real.csv").write_text(REAL)
    called = evo("validate", "priority-pool", "--trace", "real.csv", "--workers", "1")
    assert called.exit_code == 1, called.output
    assert "priority-pool fails as it is, so there is nothing for a disturbance to break" in called.stdout
    assert "breaks under none" not in called.stdout


@pytest.mark.usefixtures("mine")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("mime",), "mime: no saved run, no policy's file and no stock policy (did you mean 'mine'?)"),
        (("mine", "--suite", "tiny.toml"), "suite tiny has no test traces; give others"),
        (("mine", "--trace", "none.csv"), "none.csv: "),
        (("mine", "--plot", "x.pdf"), "x.pdf: a picture is an .svg or a .png"),
        (("empty.py",), "empty.py: "),
    ],
)
def test_what_cannot_be_is_one_line(
    evo: Evo, tiny: Path, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    """Unknown names and files are told with the mend, before anything is run."""
    shutil.copytree(tiny.parent, tmp_path, dirs_exist_ok=True)
    (tmp_path / "empty.py").write_text("")
    called = evo("validate", *words)
    assert called.exit_code == 2
    assert message in called.stderr
    assert called.stderr.count("\n") == 1
