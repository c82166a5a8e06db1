"""`evo eval` beside upstream: every tick, the other simulator, and what differs between the two."""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path
from typing import Any

import pytest

from evo.cli.crosscheck import Check, show_checks, write_checks
from evo.cli.trials import Result
from evo.shipped import read_policy, stock_policies
from evo.simulator.comparison import differences, first_event
from evo.simulator.parameters import RunFailure
from evo.simulator.stats import PipelineStats, SimulatorStats
from tests.cli.conftest import Evo
from tests.simulator.scheduling.facade import policy
from tests.simulator.upstream import fake, needs_upstream

PARAMETERS = "duration = 20\nticks_per_second = 10\nnum_pools = 1\nwaiting_seconds_mean = 4.0\n"
NOBODY = PipelineStats(0, 0, 0, math.nan, math.nan)
STATS = SimulatorStats(3, 2, 0.5, 1.5, 3, 0, 1, {"OOM": 1}, 10.0, math.nan, NOBODY, NOBODY, NOBODY, NOBODY)
NAIVE = read_policy(stock_policies()["naive"])
CHECKED = ("eval", "naive", "--params", "cluster.toml")


@pytest.fixture(autouse=True)
def cluster(root: Path) -> Path:
    """The folder in which commands are called, with parameters in it."""
    (root.parent / "cluster.toml").write_text(PARAMETERS)
    return root.parent


def check(ours: SimulatorStats | RunFailure, theirs: SimulatorStats | RunFailure, *events: Any) -> Check:
    """A comparison of these results on a trace called "t", the events of upstream being none."""
    first, second = Result("t", ours, 0.25, list(events)), Result("t", theirs, 2.0, [])
    return Check(first, second, differences(ours, theirs), first_event(first.events, second.events))


def scores(written: str) -> Any:
    """What was written, but for the seconds."""
    document = json.loads(written)
    for result in document["results"]:
        result.pop("seconds")
    return document


def test_every_tick_gives_the_same(evo: Evo) -> None:
    """Turning the skipping off changes no number, in this process or in the cage."""
    assert scores(evo(*CHECKED, "--json", "--every-tick").stdout) == scores(evo(*CHECKED, "--json").stdout)
    Path("own.py").write_text(NAIVE)
    own = ("eval", "own.py", *CHECKED[2:], "--json")
    assert scores(evo(*own, "--every-tick").stdout) == scores(evo(*own).stdout)


@pytest.mark.parametrize("words", [("--crosscheck",), ("--simulator", "eudoxia")])
def test_without_upstream_one_line_says_how_to_get_it(
    evo: Evo, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """The install command and the Python that it needs, and exit 2."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    called = evo(*CHECKED, *words, "--json")
    assert (called.exit_code, called.stdout, called.stderr.count("\n")) == (2, "", 1)
    assert "eudoxia isn't installed: with Python 3.12 or later" in called.stderr
    assert 'pip install "eudoxia @ git+https://github.com/BauplanLabs/eudoxia@' in called.stderr


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        (("--crosscheck", "--simulator", "eudoxia"), "leave out --simulator and --events"),
        (("--crosscheck", "--events", "e.jsonl"), "leave out --simulator and --events"),
        (("--simulator", "eudoxia", "--every-tick"), "leave out --every-tick"),
    ],
)
def test_what_makes_no_sense_together(evo: Evo, words: tuple[str, ...], left_out: str) -> None:
    """One line says which option to leave out."""
    called = evo(*CHECKED, *words)
    assert (called.exit_code, called.stdout, called.stderr.count("\n")) == (2, "", 1)
    assert left_out in called.stderr


def test_the_score_comes_from_the_simulator_asked_for(
    evo: Evo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in for upstream here gives numbers of its own, and the JSON says whose they are."""
    fake(tmp_path / "place", " ".join(SimulatorStats._fields))
    monkeypatch.syspath_prepend(str(tmp_path / "place"))
    Path("idle.py").write_text(policy("return [], []"))
    called = evo(
        "eval", "idle.py", *CHECKED[2:], "--simulator", "eudoxia", "--metric", "throughput", "--json"
    )
    written = json.loads(called.stdout)
    assert written["simulator"]["name"] == "eudoxia"
    assert (written["fitness"]["metric"], written["fitness"]["value"]) == ("throughput", 0.5)


def test_a_difference_exits_with_1(evo: Evo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in for upstream here does nothing: the fields and the first event that differ are told."""
    fake(tmp_path / "place", " ".join(SimulatorStats._fields))
    monkeypatch.syspath_prepend(str(tmp_path / "place"))
    Path("idle.py").write_text(policy("return [], []"))
    checked = ("eval", "idle.py", *CHECKED[2:], "--crosscheck")
    called = evo(*checked)
    assert called.exit_code == 1
    assert "DIFFERENT" in called.stdout
    assert "generated: outcome: evo IndexError in tick 199: " in called.stdout
    assert 'generated: event 1: evo {"tick": 0, ' in called.stdout
    called = evo(*checked, "--json")
    assert called.exit_code == 1
    written = json.loads(called.stdout)
    assert written["equal"] is written["traces"][0]["equal"] is False
    assert [each["name"] for each in written["simulators"]] == ["evo", "eudoxia"]
    assert written["traces"][0]["first_event"]["eudoxia"] is None


def test_equal_results_are_told_in_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    """A trace on which nothing differs takes one row; NaN equals NaN."""
    show_checks([check(STATS, STATS)])
    rows = capsys.readouterr().out.splitlines()
    assert rows[-1].split() == ["t", "equal", "ended", "0", "0.25", "2.00"]
    write_checks({"key": "k"}, [check(STATS, STATS)])
    written = json.loads(capsys.readouterr().out)
    assert (written["equal"], written["traces"][0]["differences"]) == (True, [])


def test_each_difference_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Texts are shown in one line, numbers whole, and what JSON lacks by name."""
    failed = RunFailure("KeyError", "two\nlines", 3, "policy")
    event = {"tick": 0, "arrivals": []}
    checks = [check(STATS, STATS._replace(throughput=math.nan)), check(failed, STATS, event)]
    show_checks(checks)
    *_, one, two, three, last = capsys.readouterr().out.splitlines()
    assert last.endswith("evo equals c62122cd15eca36d8872f7f9204d2f9c30774b28: see `evo doctor`")
    assert one == 't: throughput: evo 0.5, eudoxia "NaN"'
    assert two == "t: outcome: evo KeyError in tick 3: two lines, eudoxia ended"
    assert three == 't: event 1: evo {"tick": 0, "arrivals": []}, eudoxia null'
    write_checks({"key": "k"}, checks)
    written = json.loads(capsys.readouterr().out)
    assert written["traces"][0]["differences"] == [{"field": "throughput", "evo": 0.5, "eudoxia": "NaN"}]
    assert written["traces"][1]["first_event"] == {"field": "event 1", "evo": event, "eudoxia": None}


@needs_upstream
def test_both_simulators_agree(evo: Evo) -> None:
    """Beside the real Eudoxia a stock policy is equal, in every statistic and every event."""
    called = evo("eval", "priority", "--params", "cluster.toml", "--crosscheck", "--json")
    assert called.exit_code == 0
    assert json.loads(called.stdout)["equal"] is True


@needs_upstream
def test_a_failure_on_both_is_equal(evo: Evo) -> None:
    """A policy that fails does so on both in the same tick with the same words, and the crosscheck is content."""
    head = "results, pipelines):\n"
    assert head in NAIVE
    Path("bad.py").write_text(
        NAIVE.replace(head, f"{head}    if s.clock.now_ticks() == 7: raise ValueError('seven')\n")
    )
    called = evo("eval", "bad.py", "--params", "cluster.toml", "--crosscheck")
    assert called.exit_code == 0
    assert "ValueError" in called.stdout
