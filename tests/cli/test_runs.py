"""`evo list` and `evo hof`: every saved run is listed with its state, and its best in order."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evo.runfolder import one_writer
from tests.cli.conftest import Evo
from tests.cli.family import BOTH, NAME, found, policy


def test_nothing_saved_is_no_error(evo: Evo) -> None:
    """Before the first run the list is empty, and says how to begin."""
    called = evo("list")
    assert (called.exit_code, called.stdout) == (0, "")
    assert "evo run" in called.stderr
    assert json.loads(evo("list", "--json").stdout) == []


def test_a_finished_run_is_listed(evo: Evo, root: Path) -> None:
    """A run that has ended is finished, with the generations done and its best."""
    found(root)
    assert json.loads(evo("list", "--json").stdout) == [
        {
            "name": NAME,
            "suite": "quick",
            "metric": "latency",
            "generations": {"done": 2, "asked": 2},
            "best": {"id": "5", "fitness": 60.0},
            "state": "finished",
            "stop": "generations",
        }
    ]
    text = evo("list").stdout
    assert "2/2" in text
    assert "60.000 s" in text
    assert "finished (generations)" in text


def test_a_run_at_work_is_running_and_then_interrupted(evo: Evo, root: Path) -> None:
    """Whoever holds a run's lock is at work on it; when it has gone, the run is interrupted."""
    found(root, ended=False)
    with one_writer(root / NAME):
        assert json.loads(evo("list", "--json").stdout)[0]["state"] == "running"
    listed = json.loads(evo("list", "--json").stdout)[0]
    assert (listed["state"], listed["generations"]) == ("interrupted", {"done": 1, "asked": 2})


def test_a_damaged_run_hides_no_other(evo: Evo, root: Path) -> None:
    """One journal that can't be read is listed as damaged beside the good ones."""
    found(root)
    (root / "bad").mkdir()
    (root / "bad" / "journal.jsonl").write_text("{}\n")
    called = evo("list", "--json")
    assert [run["state"] for run in json.loads(called.stdout)] == ["damaged", "finished"]
    assert "damaged: " in evo("list").stdout
    assert called.exit_code == 0


def test_hall_of_fame_as_json(evo: Evo, root: Path) -> None:
    """The best come first, with fitness per trace, completions per class and lineage."""
    found(root)
    fame = json.loads(evo("hof", NAME, "--top", "2", "--json").stdout)
    assert [(one["rank"], one["id"]) for one in fame] == [(1, "5"), (2, "3")]
    assert fame[1] == {
        "rank": 2,
        "id": "3",
        "hash": policy("[3]").hash,
        "generation": 1,
        "fitness": {"metric": "latency", "value": 70.0, "per_trace": {"a": 69.0, "b": 71.0}},
        "completions": {"query": [2, 4], "interactive": [6, 8], "batch": [10, 12]},
        "lineage": {"variation": "crossover", "parents": ["2", "0"], "detail": "step", "model": None},
    }


def test_hall_of_fame_in_words(evo: Evo, root: Path) -> None:
    """Without --json there is a row per policy; the failed one is in none."""
    found(root)
    called = evo("hof", NAME)
    rows = called.stdout.splitlines()
    assert any("60.000" in row and "mutation of 3: constant 3 -> 5" in row for row in rows)
    assert "statement dropped" not in called.stdout


def test_a_front_as_json(evo: Evo, root: Path) -> None:
    """By two metrics the hall of fame is the front, in order of the first; each value stands with those beside it."""
    found(root, config=BOTH)
    fame = json.loads(evo("hof", NAME, "--json").stdout)
    assert [(one["rank"], one["id"]) for one in fame] == [(1, "5"), (2, "3"), (3, "2"), (4, "1"), (5, "0")]
    assert fame[1]["fitness"] == {
        "metric": "latency",
        "value": 70.0,
        "per_trace": {"a": 69.0, "b": 71.0},
        "beside": [{"metric": "throughput", "value": 7.0, "per_trace": {"a": 7.0, "b": 7.0}}],
    }
    assert [one["id"] for one in json.loads(evo("hof", NAME, "--top", "2", "--json").stdout)] == ["5", "0"]
    listed = json.loads(evo("list", "--json").stdout)[0]
    assert (listed["metric"], listed["beside"]) == ("latency", ["throughput"])
    assert listed["best"] == {"id": "5", "fitness": 60.0, "beside": {"throughput": 6.0}}


def test_a_front_in_words(evo: Evo, root: Path) -> None:
    """There is a column for each metric, how large the front is, and a picture of it."""
    found(root, config=BOTH)
    told = evo("hof", NAME, "--top", "3").stdout
    header, _, first, *_ = told.splitlines()
    assert header.split()[:4] == ["id", "latency", "(s)", "containers/s"]
    assert first.split()[:4] == ["1", "5", "60.000", "6.0000"]
    assert "Pareto front of 6 policies: 5, 3 of them above." in told
    assert "latency (s), lower is better" in told
    assert "60.000 s, 6.0000 containers/s" in evo("list").stdout
    assert "60.000 s, 6.0000 containers/s" in evo("lineage", NAME, "5").stdout


def test_an_unknown_run_is_one_line(evo: Evo, root: Path) -> None:
    """A mistyped name is answered with the one that was meant."""
    found(root)
    called = evo("hof", "smith")
    assert called.exit_code == 2
    assert called.stderr == "evo: no run 'smith' in populations (did you mean smiths?)\n"


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda text: text.replace('"format":1', '"format":99'), "newer evo"),
        (lambda text: text.replace('"number":2', '"number":"two"'), "line 5 is damaged"),
        (lambda text: text[:20], "cut short in its first line"),
    ],
)
def test_a_journal_that_cant_be_read(evo: Evo, root: Path, damage: object, words: str) -> None:
    """A newer, damaged or empty journal is one line that names the file, and exit 2."""
    found(root)
    journal = root / NAME / "journal.jsonl"
    assert callable(damage)
    journal.write_text(damage(journal.read_text()))
    called = evo("hof", NAME)
    assert called.exit_code == 2
    assert called.stderr.startswith("evo: populations/smiths/journal.jsonl: ")
    assert words in called.stderr
    assert called.stderr.count("\n") == 1


@pytest.mark.parametrize("saved", [True, False])
def test_a_closed_pipe_ends_quietly(root: Path, saved: bool) -> None:
    """A reader that has gone away, of results or of messages, costs no traceback."""
    if saved:
        found(root)
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        listed = subprocess.run(
            [sys.executable, "-m", "evo", "list"],
            stdout=closed if saved else subprocess.PIPE,
            stderr=subprocess.PIPE if saved else closed,
            check=False,
        )
    assert not listed.stderr
    assert not listed.stdout
    assert listed.returncode == 128 + signal.SIGPIPE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(root: Path) -> None:
    """Results that can't be written are an error, not a silent loss."""
    found(root)
    with Path("/dev/full").open("wb") as full:
        listed = subprocess.run(
            [sys.executable, "-m", "evo", "list", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert listed.returncode == 2
    assert listed.stderr == "evo: No space left on device\n"


def test_how_far_it_is_to_the_bound(evo: Evo, root: Path) -> None:
    """The hall of fame says by how many times each misses the run's bound, and what that is; as JSON too."""
    found(root, bounds=(40.0,))
    head, _, first, second, *lines = evo("hof", NAME, "--top", "2").stdout.splitlines()
    place = head.index("vs bound")
    assert [row[place:].split()[0] for row in (first, second)] == ["1.50x", "1.75x"]
    assert lines[0] == "vs bound: by how many times it misses 40.000 s, which no scheduler betters."
    fame = json.loads(evo("hof", NAME, "--json").stdout)
    assert [one["optimality"] for one in fame] == [1.5, 1.75, 2.0, 2.25, 2.5]
    head, _, listed = evo("list").stdout.splitlines()
    assert listed[head.index("vs bound") :].split()[0] == "1.50x"
    (told,) = json.loads(evo("list", "--json").stdout)
    assert told["best"] == {"id": "5", "fitness": 60.0, "optimality": 1.5}


def test_a_bound_that_nobody_knows(evo: Evo, root: Path) -> None:
    """Where no bound can be had the column is empty; a run from before there were any has none."""
    found(root, bounds=(None,))
    head, _, first, *rest = evo("hof", NAME, "--top", "1").stdout.splitlines()
    assert first[head.index("vs bound") :].split()[0] == "-"
    assert not any(line.startswith("vs bound") for line in rest)
    assert json.loads(evo("hof", NAME, "--top", "1", "--json").stdout)[0]["optimality"] is None
    shutil.rmtree(root)
    found(root)
    head, _, listed = evo("list").stdout.splitlines()
    assert listed[head.index("vs bound") :].split()[0] == "-"
    assert "vs bound" not in evo("hof", NAME).stdout
    assert "optimality" not in evo("hof", NAME, "--json").stdout


def test_a_front_has_the_gap_of_its_first_metric(evo: Evo, root: Path) -> None:
    """By several metrics the column is by the first one."""
    found(root, config=BOTH, bounds=(40.0, 20.0))
    head, _, first, *_ = evo("hof", NAME, "--top", "1").stdout.splitlines()
    assert first[head.index("vs bound") :].split()[0] == "1.50x"
