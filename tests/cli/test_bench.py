"""`evo bench` as a user has it: rows listed, a bench run, stopped, gone on with, and read by machines."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evo.bench.rows import ROWS
from evo.saved import read_run
from tests.cli.conftest import Evo
from tests.cli.test_search import EVO

BASE = "population = 4\nchildren = 4\ntournament = 2\ninit = ['naive', 'overbook']\n"
OWN = "keen: tournament=4"


@pytest.fixture
def words(root: Path, tiny: Path) -> tuple[str, ...]:
    """A bench of a few seconds, as it is typed in an empty folder."""
    (root.parent / "base.toml").write_text(f"{BASE}suite = '{tiny}'\n")
    return ("bench", "search", "--config", "base.toml", "--seeds", "2", "--row", OWN, "--workers", "1")


def test_rows_are_listed(evo: Evo) -> None:
    """Each row is named with what it changes, for people and for machines."""
    listed = evo("bench", "rows").stdout
    assert all(row.name in listed and row.meaning in listed for row in ROWS)
    told: list[dict[str, Any]] = json.loads(evo("bench", "rows", "--json").stdout)
    assert [row["row"] for row in told] == [row.name for row in ROWS]
    assert told[1]["changes"] == {"strategy": "independent"}


def test_a_bench_ends_with_a_table(evo: Evo, root: Path, words: tuple[str, ...]) -> None:
    """Each row is a line with its end beside the default's; its runs can be read; asked again nothing is run anew."""
    longer = (*words, "--evaluations", "8", "--longer", "independent=12")
    called = evo(*longer)
    assert called.exit_code == 0, called.stderr
    head, _, *lines = called.stdout.splitlines()
    assert head.split()[:6] == ["row", "evals", "at", "1", "at", "2"]
    assert "vs bound" in head
    assert "vs default" in head
    assert [line.split()[:2] for line in lines] == [["default", "8"], ["independent", "12"], ["keen", "8"]]
    assert "keen-2: " in called.stderr
    assert "lower is better" in called.stderr
    folder = root / "bench-tiny-penalized-8"
    assert len(read_run(folder, "independent-2").individuals) == 12
    assert "keen-1" in evo("list", "--populations", str(folder)).stdout

    again = evo(*longer, "--json")
    assert "6 are finished" in again.stderr
    assert "keen-2: " not in again.stderr
    told = json.loads(again.stdout)
    assert (told["seeds"], told["evaluations"], told["folder"]) == (
        2,
        8,
        str(Path("populations") / folder.name),
    )
    first, lone, keen = told["rows"]
    assert (first["difference"], first["p"], lone["evaluations"]) == (None, None, 12)
    assert keen["changes"] == {"tournament": 4}
    best = [run["best"] for run in keen["runs"]]
    assert keen["end"]["median"] == sum(best) / 2
    assert 0 < keen["p"] <= 1
    assert all(row["optimality"] >= 1 for row in told["rows"])

    refused = evo(*words, "--evaluations", "8")
    assert refused.exit_code == 2
    assert "independent-1: it was begun with" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is POSIX")
def test_a_stopped_bench_says_how_to_go_on(root: Path, words: tuple[str, ...]) -> None:
    """Ctrl-C ends it with a shell's 130 and one line, and all that was scored is there."""
    journal = root / "bench-tiny-penalized-500" / "default-1" / "journal.jsonl"
    begun = subprocess.Popen(
        [*EVO, *words, "--evaluations", "500"],
        cwd=root.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not journal.exists() or journal.read_bytes().count(b"\n") < 3:
        assert begun.poll() is None
        time.sleep(0.02)
    begun.send_signal(signal.SIGINT)
    shown, said = begun.communicate()
    assert (begun.returncode, shown) == (130, "")
    assert said.splitlines()[-1].endswith("To go on, give the same command again.")
    assert "Traceback" not in said
    assert read_run(journal.parents[1], "default-1").individuals


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--row", "nobody"], "--row nobody: there is no such row"),
        (["--row", "chat"], "--row chat: it is about language models: give --model"),
        (["--row", "odd: population=1"], "row 'odd': population must be between 2"),
        (["--longer", "small=7"], "--longer small=7: no row 'small' in this bench"),
        (["--suite", "nothing"], "nothing: no such file"),
        (["--model", "nobody:x"], "model 'nobody:x': whose model"),
        (["--model-share", "2"], "model_share must be between 0 and 1"),
    ],
)
def test_a_bench_that_cant_begin(
    evo: Evo, root: Path, words: tuple[str, ...], more: list[str], said: str
) -> None:
    """Whatever is wrong with what is asked, the last line says so, and nothing is saved."""
    called = evo(*words, *more)
    assert called.exit_code == 2
    assert called.stderr.splitlines()[-1].startswith(f"evo: {said}")
    assert not root.exists()
