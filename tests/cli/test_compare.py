"""`evo compare` as a user has it: a table, a sentence for each strategy, JSON, and a picture in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.bench.trails import run_of
from tests.cli.conftest import Evo

PLAIN = [f"plain-{seed}" for seed in range(1, 8)]
BOLD = [f"bold-{seed}" for seed in range(1, 8)]
EVEN = [f"even-{seed}" for seed in range(1, 8)]


@pytest.fixture
def saved(root: Path) -> None:
    """Seven runs of a strategy, of one that is better each time, and of one that is so every other time."""
    for seed in range(1, 8):
        run_of(root, f"plain-{seed}", [100.0, 90.0, 80.0 + seed], seed=seed)
        run_of(root, f"bold-{seed}", [100.0, 90.0, 70.0 + seed], seed=seed, tournament=1)
        odd = seed if seed % 2 else -seed
        run_of(root, f"even-{seed}", [100.0, 90.0, 80.0 + odd], seed=seed, crossover=0.0)


@pytest.mark.usefixtures("saved")
def test_words_on_what_may_be_concluded(evo: Evo) -> None:
    """A sure difference, noise and too few pairs are told apart, each in a line below the table."""
    called = evo("compare", *PLAIN, *BOLD, *EVEN)
    assert called.exit_code == 0, called.output
    head, _, plain, bold, _, *words = called.stdout.splitlines()
    assert head.split()[:4] == ["strategy", "runs", "at", "3"]
    assert plain.split()[:3] == ["plain", "7", "84.000"]
    assert bold.split()[:9] == ["bold", "7", "74.000", "72.500", "to", "75.500", "-10.000", "7/7", "0.016"]
    assert words == [
        "plain: what the others are compared with",
        "bold: better than plain by 11.9 %: p = 0.016 (7 pairs)",
        "even: within noise: p = 0.25 (7 pairs)",
    ]
    assert "lower is better" in called.stderr
    assert "bold: bold-1, bold-2" in called.stderr
    assert "bold-7; tournament=1" in called.stderr
    words = evo("compare", *BOLD, *PLAIN).stdout.splitlines()
    assert words[-1] == "plain: worse than bold by 13.5 %: p = 0.016 (7 pairs)"
    words = evo("compare", "plain-1", "plain-2", "bold-1", "bold-2").stdout.splitlines()
    assert words[-1] == "bold: 2 pairs: too few to tell"
    words = evo("compare", "plain-1", "bold-2").stdout.splitlines()
    assert words[-1] == "bold: no seed in common with plain: nothing to pair"


@pytest.mark.usefixtures("saved")
def test_machines_get_all_of_it(evo: Evo) -> None:
    """The JSON has values at every mark, pairs, and the words."""
    told = json.loads(evo("compare", *PLAIN, *BOLD, "--by", "generations", "--json").stdout)
    assert (told["metric"], told["by"], told["budget"]) == ("latency", "generations", 0)
    plain, bold = told["strategies"]
    assert bold["at"] == {"0": {"low": 90.0, "median": 90.0, "high": 90.0}}
    assert (bold["pairs"], bold["p"], bold["verdict"]) == (7, 1.0, "as good as plain (7 pairs)")
    assert bold["changes"] == {"tournament": "1"}
    assert plain["runs"][0] == {"run": "plain-1", "seed": 1, "best": 90.0, "total": 0.0}


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("name", ["best.svg", "best.png"])
def test_a_picture_is_the_same_each_time(evo: Evo, root: Path, name: str) -> None:
    """The courses are drawn into the file that is named, with equal bytes however often."""
    path = root.parent / name
    called = evo("compare", *PLAIN, *BOLD, "--plot", name)
    assert called.exit_code == 0
    assert f"{name}: the best so far of 2 strategies." in called.stderr
    assert f"{name}: the best so far of 1 strategy." in evo("compare", *PLAIN, "--plot", name).stderr
    assert evo("compare", *PLAIN, *BOLD, "--plot", name).exit_code == 0
    before = path.read_bytes()
    assert evo("compare", *PLAIN, *BOLD, "--plot", name).exit_code == 0
    assert path.read_bytes() == before
    if name.endswith("svg"):
        assert "plain" in before.decode()


@pytest.mark.usefixtures("saved")
def test_what_is_refused(evo: Evo, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is no picture, a folder that isn't there, a run that isn't, and a missing library: one line each, and a 2."""
    for words, message in (
        (("plain-1", "--plot", "best.txt"), "best.txt: a picture is an .svg or a .png"),
        (("plain-1", "--plot", "nowhere/best.svg"), "no folder nowhere"),
        (("plain-1", "nobody"), "no run 'nobody'"),
        (("plain-1", "--by", "dollars"), "none of these runs cost anything"),
    ):
        called = evo("compare", *words)
        assert (called.exit_code, called.stderr.count("\n")) == (2, 1)
        assert message in called.stderr
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    called = evo("compare", "plain-1", "--plot", "best.svg")
    assert (called.exit_code, called.stdout) == (2, "")
    assert "pip install 'evo-policies[plot]'" in called.stderr


def test_how_far_each_is_from_the_bound(evo: Evo, root: Path) -> None:
    """Each strategy's median at the end stands beside what no scheduler betters; the JSON has that, too."""
    run_of(root, "plain-1", [100.0, 90.0, 60.0], seed=1, bound=40.0)
    run_of(root, "plain-2", [100.0, 90.0, 70.0], seed=2, bound=40.0)
    run_of(root, "bold-1", [100.0, 90.0, 50.0], seed=1, tournament=1)
    called = evo("compare", "plain-1", "plain-2", "bold-1")
    head, _, *rows = called.stdout.splitlines()
    place = head.index("vs bound")
    assert [row[place:].split()[0] for row in rows[:2]] == ["1.62x", "1.25x"]
    assert "vs bound: by how many times it misses 40.000 s" in called.stderr
    told = json.loads(evo("compare", "plain-1", "plain-2", "bold-1", "--json").stdout)
    assert (told["bound"], [one["optimality"] for one in told["strategies"]]) == (40.0, [1.625, 1.25])


def test_runs_that_know_no_bound(evo: Evo, root: Path) -> None:
    """Runs from before there were bounds have no column for them."""
    run_of(root, "plain-1", [100.0, 90.0], seed=1)
    called = evo("compare", "plain-1")
    assert called.exit_code == 0, called.output
    assert "vs bound" not in called.output
    told = json.loads(evo("compare", "plain-1", "--json").stdout)
    assert (told["bound"], told["strategies"][0]["optimality"]) == (None, None)
