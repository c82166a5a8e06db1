"""`evo replay`: identical or not, in words, as JSON and as an exit code; and the same policies elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import evo as library
from tests.cli.conftest import Evo
from tests.test_replaying import small_run


@pytest.fixture(scope="module")
def saved(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with a small one."""
    return small_run(tiny, tmp_path_factory.mktemp("saved"))


@pytest.fixture
def mine(saved: Path, root: Path) -> Path:
    """The run's folder, where commands look for it."""
    shutil.copytree(saved, root)
    return root / "mine"


def test_help_teaches_by_example(evo: Evo) -> None:
    """The command is listed, and its help shows how to type it."""
    assert " replay " in evo("--help").stdout
    assert "$ evo replay" in evo("replay", "--help").stdout


def test_an_identical_run(evo: Evo, mine: Path) -> None:
    """The verdict is the one line on stdout; the search that led to it is told beside it."""
    count = len(library.load_run("mine", root=mine.parent).individuals)
    called = evo("replay", "mine", "--workers", "1")
    assert (called.exit_code, called.stdout) == (0, f"identical: {count} individuals, 0 answers\n")
    assert "1/1" in called.stderr


def test_a_run_that_differs(evo: Evo, mine: Path) -> None:
    """The file and the line are named, with what was saved and what came now."""
    journal = mine / "journal.jsonl"
    journal.write_text(journal.read_text().replace('"value":', '"value":1', 1))
    called = evo("replay", "mine", "--workers", "1")
    assert called.exit_code == 1
    assert "journal.jsonl: line 2" in called.stdout
    assert "saved: " in called.stdout
    told = json.loads(evo("replay", "mine", "--workers", "1", "--json").stdout)
    assert (told["identical"], told["difference"]["line"]) == (False, 2)


def test_the_same_policies_elsewhere(evo: Evo, mine: Path) -> None:
    """By another metric the best are others, or the same in other places; each is shown with where it was."""
    before = (mine / "journal.jsonl").read_bytes()
    run = library.load_run("mine", root=mine.parent)
    called = evo("replay", "mine", "--metric", "throughput", "--top", "2", "--json", "--workers", "1")
    told = json.loads(called.stdout)
    assert 1 <= len(told) <= 2
    for one in told:
        old = run.individual(one["id"]).fitness
        assert one["fitness"]["metric"] == "throughput"
        assert one["was"]["value"] == (old and old.value)
    places = [one.id for one in run.hall_of_fame()]
    assert [one["was"]["rank"] for one in told] == [places.index(one["id"]) + 1 for one in told]
    text = evo("replay", "mine", "--suite", str(mine / "suite.toml"), "--workers", "1").stdout
    assert text.splitlines()[0].split()[:3] == ["id", "latency", "(s)"]
    assert (mine / "journal.jsonl").read_bytes() == before


def test_what_can_not_be_replayed(evo: Evo, mine: Path) -> None:
    """A run that doesn't exist, or a suite that doesn't, is one line and a 2."""
    for words in (("yours",), (mine.name, "--suite", "nowhere.toml")):
        called = evo("replay", *words)
        assert called.exit_code == 2
        assert len(called.stderr.splitlines()[-1:]) == 1
        assert called.stderr.splitlines()[-1].startswith("evo: ")
