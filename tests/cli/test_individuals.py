"""`evo show`, `evo diff`, `evo lineage`: a policy, its change and its family, by number, hash or as the best."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rich.console import Console

from evo.cli import individuals
from evo.config import RunConfig
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.population import Founder, Individual, Lineage, Partial
from tests.cli.conftest import Evo
from tests.cli.family import BOTH, NAME, fitness, found, policy


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let results be drawn as on a terminal 80 columns wide that knows no colours."""
    monkeypatch.setattr(
        individuals, "results", lambda: Console(force_terminal=True, width=80, no_color=True, markup=False)
    )


def test_a_pipe_gets_the_source_alone(evo: Evo, root: Path) -> None:
    """Without a terminal `evo show` writes the very text, to be saved or piped on."""
    found(root)
    assert evo("show", NAME, "2").stdout == policy("[2]").source


@pytest.mark.usefixtures("at_a_terminal")
def test_a_terminal_gets_all_about_a_policy(evo: Evo, root: Path) -> None:
    """On a terminal there is fitness trace by trace, completions, parents and the source."""
    found(root)
    shown = evo("show", NAME, "3").stdout
    for words in ("70.000 s", "crossover of 2 and 0: step", "71.000", "3/4", "return [3], []"):
        assert words in shown
    assert evo("show", NAME, "3", "--plain").stdout == policy("[3]").source


@pytest.mark.usefixtures("at_a_terminal")
def test_a_score_stands_beside_its_bound(evo: Evo, root: Path) -> None:
    """Who has a fitness is told by how many times it misses the run's bound; who failed is not, nor is an old run's."""
    found(root, bounds=(40.0,))
    assert "70.000 s · vs bound 1.75x · generation 1" in evo("show", NAME, "3").stdout
    assert "vs bound" not in evo("show", NAME, "4").stdout
    shutil.rmtree(root)
    found(root)
    assert "70.000 s · generation 1" in evo("show", NAME, "3").stdout


@pytest.mark.usefixtures("at_a_terminal")
def test_a_terminal_gets_every_metric(evo: Evo, root: Path) -> None:
    """By several metrics each has its value above and its column in the table of traces."""
    found(root, config=BOTH)
    shown = evo("show", NAME, "3").stdout
    assert "70.000 s, 7.0000 containers/s" in shown
    rows = [line.split() for line in shown.splitlines()]
    assert ["b", "71.000", "7.0000", "1/2", "3/4", "5/6"] in rows


@pytest.mark.usefixtures("at_a_terminal")
def test_a_failed_policy_says_why_in_one_line(evo: Evo, root: Path) -> None:
    """A failure's text, which a policy wrote, is shown as text: no markup, no line breaks."""
    found(root)
    shown = evo("show", NAME, "4").stdout
    assert "failed: exception: ValueError: no work [red]at all[/] (trace a, tick 7, line 2)" in " ".join(
        shown.split()
    )
    assert "printed last:\n  a line\n  [bold]another\n" in shown


@pytest.mark.usefixtures("at_a_terminal")
def test_a_stopped_policy_says_where_and_why(evo: Evo, root: Path) -> None:
    """The traces that it ran on are shown, and what made it certain that it couldn't live on; lineages name it too."""
    found(root, ended=False)
    partial = Partial(Metric.LATENCY, 75.5, 70.0, 2, fitness(80.0).per_trace)
    with Journal.open(root, NAME) as journal:
        journal.add(Individual(6, 2, policy("[6]"), Lineage("mutation", ("5",)), partial), 1)
    shown = " ".join(evo("show", NAME, "6").stdout.split())
    for words in (
        "stopped after 2 of 4 traces: at best 75.500 s, and it had to reach 70.000 s to live",
        "79.000",
        "It was not run on 2 more traces",
        "a median of 75.500 s at best. That is no better than 70.000 s",
    ):
        assert words in shown
    assert "stopped after 2 of 4 traces" in evo("lineage", NAME, "6").stdout


@pytest.mark.usefixtures("at_a_terminal")
def test_a_source_commands_no_terminal(evo: Evo, root: Path) -> None:
    """Escape codes in a source are spelt out on a terminal, and left as they are on a pipe."""
    hostile = [Founder(name, policy(f"'{name}\x1b]0;owned\x07'")) for name in ("a", "b")]
    with Journal.create(root, "evil", RunConfig(), Kit("0" * 64, hostile, {})) as journal:
        for number, founder in enumerate(hostile):
            journal.add(Individual(number, 0, founder.policy, Lineage("initial"), fitness(1.0)), 1)
    for words in (("show", "evil", "0"), ("show", "evil", "0", "--plain"), ("diff", "evil", "0", "1")):
        shown = evo(*words).stdout
        assert "a\\x1b]0;owned\\x07" in shown
        assert "\x1b]" not in shown


@pytest.mark.parametrize("name", ["5", "best", policy("[5]").hash[:6], policy("[5]").hash.upper()])
def test_ways_to_name_a_policy(evo: Evo, root: Path, name: str) -> None:
    """A policy can be named by number, as the best, or by the beginning of its hash."""
    found(root)
    assert evo("show", NAME, name).stdout == policy("[5]").source


@pytest.mark.parametrize("name", ["77", "abc", "worst", "ffff"])
def test_an_unknown_policy_is_one_line(evo: Evo, root: Path, name: str) -> None:
    """A number or hash that the run hasn't got is answered with where to look."""
    found(root)
    called = evo("show", NAME, name)
    assert called.exit_code == 2
    assert called.stderr == f"evo: run '{NAME}' has no individual '{name}'; `evo hof {NAME}` lists the best\n"


def test_a_diff_is_against_the_parent(evo: Evo, root: Path) -> None:
    """Unless told otherwise, what is shown is the change from the first parent."""
    found(root)
    lines = evo("diff", NAME, "3").stdout.splitlines()
    assert lines[:2] == [f"--- {NAME}/2", f"+++ {NAME}/3"]
    assert "-    return [2], []" in lines
    assert "+    return [3], []" in lines
    assert "-    return [0], []" in evo("diff", NAME, "3", "0").stdout.splitlines()


def test_a_founder_has_no_parent_to_differ_from(evo: Evo, root: Path) -> None:
    """Asking for the change in a first policy says what to name instead; equal sources say so."""
    found(root)
    called = evo("diff", NAME, "0")
    assert (called.exit_code, called.stderr.count("\n")) == (2, 1)
    assert "has no parent" in called.stderr
    same = evo("diff", NAME, "0", "0")
    assert (same.exit_code, same.stdout) == (0, "")
    assert "same source" in same.stderr


@pytest.mark.usefixtures("at_a_terminal")
def test_a_diff_at_a_terminal_has_all_its_lines(evo: Evo, root: Path) -> None:
    """Colours change nothing about the text."""
    found(root)
    assert "-    return [2], []" in evo("diff", NAME, "3").stdout


def test_the_family_tree_reaches_the_first_ancestors(evo: Evo, root: Path) -> None:
    """Parents stand below their child, a crossover's second parent beneath it, each told once."""
    found(root)
    told = [line.strip() for line in evo("lineage", NAME, "best").stdout.splitlines()]
    assert told == [
        "5  60.000 s  mutation of 3: constant 3 -> 5",
        "3  70.000 s  crossover of 2 and 0: step",
        "└── 0  100.00 s  initial: old",
        "2  80.000 s  mutation of 1: constant 1 -> 2",
        "1  90.000 s  initial: older",
    ]
