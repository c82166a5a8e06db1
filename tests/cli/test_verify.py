"""`evo verify`: the same or not, in words, as JSON and as an exit code."""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from pathlib import Path

import pytest

from tests.cli.conftest import Evo
from tests.test_replaying import small_run
from tests.verify.spoiling import closing, edit, numbered


@pytest.fixture(scope="module")
def saved(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with a small one."""
    return small_run(tiny, tmp_path_factory.mktemp("saved"))


@pytest.fixture
def mine(saved: Path, root: Path) -> Path:
    """The run's folder, where commands look for it."""
    shutil.copytree(saved, root)
    return root / "mine"


@pytest.mark.usefixtures("mine")
def test_a_run_that_is_the_same(evo: Evo) -> None:
    """The verdict is one line; with a sample it says of how many."""
    called = evo("verify", "mine", "--workers", "1", "--sample", "2")
    assert called.exit_code == 0, called.output
    assert called.stdout.startswith("the same: 2 outcomes of 5 individuals, ")
    assert called.stdout.count("\n") == 1


def test_a_run_that_was_edited(evo: Evo, mine: Path) -> None:
    """Each difference is a line with what was saved and what came now; machines get the same, and by whom it was made."""
    edit(mine.parent, numbered(1), lambda one: one["failure"].update(message="[red]other words[/]"))
    edit(mine.parent, numbered(4), lambda one: one["fitness"].update(value=0.25))
    edit(mine.parent, lambda one: one["record"] == "born", lambda one: one.update(simulator="evo-0"))
    called = evo("verify", "mine", "--workers", "1")
    assert called.exit_code == 1
    first, *lines = called.stdout.splitlines()
    assert first.startswith(f"scored by evo {metadata.version('evo-policies')}, simulator evo-0; this is evo")
    assert any(
        line.split()[:6] == ["individual", "4", "-", "latency", "0.25", "77.75454545454545"] for line in lines
    )
    assert any(line.startswith("differs: ") for line in lines)
    assert "the same failures in other words, as another Python has them: 1" in lines
    told = json.loads(evo("verify", "mine", "--workers", "1", "--json").stdout)
    assert (told["same"], told["reworded"], told["simulator"]["saved"]) == (False, 1, "evo-0")
    assert {
        "subject": "individual",
        "number": 4,
        "trace": None,
        "what": "latency",
        "saved": 0.25,
        "now": 77.75454545454545,
    } in told["differences"]


def test_another_selection_is_told_from_other_scores(evo: Evo, mine: Path) -> None:
    """If only who survived differs it is said that all scores are the same; a mood is counted."""
    edit(mine.parent, closing(1), lambda one: one["survivors"].reverse())
    edit(mine.parent, numbered(1), lambda one: one["failure"].update(repeats=False))
    called = evo("verify", "mine", "--workers", "1")
    assert called.exit_code == 1
    assert any(line.startswith("differs: 1 value of 1 entry; judged ") for line in called.stdout.splitlines())
    assert "(4, 0, 2, 5)" in called.stdout
    assert "all scores are the same; only what is told of generations isn't" in called.stdout
    assert "not judged, since they depend on the machine: 1" in called.stdout


def test_what_can_not_be_verified(evo: Evo, mine: Path) -> None:
    """A run that doesn't exist, or whose traces were changed, is one line and a 2."""
    suite = mine / "suite.toml"
    suite.write_text(suite.read_text().replace("= 20", "= 21"))
    for name, words in (("yours", "no run 'yours'"), ("mine", "changed since the run began")):
        called = evo("verify", name)
        assert called.exit_code == 2
        assert called.stderr.splitlines()[-1].startswith("evo: ")
        assert words in called.stderr.splitlines()[-1]
