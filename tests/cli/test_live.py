"""What a run shows while it goes on: a plain line per generation anywhere, a bar on a terminal only."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from evo.cli import bar
from evo.cli.live import Live
from evo.config import RunConfig
from evo.evolution import Born, Tried
from evo.journal import Journal
from evo.metric import Metric
from evo.population import Individual, Lineage, Partial
from evo.records import Closed
from evo.saved import read_run
from tests.cli.family import BOTH, NAME, fitness, found, policy


def shown(root: Path, console: Console, *, ended: bool, config: RunConfig | None = None) -> None:
    """Draw all that happened in a saved run; one that hasn't ended is in the middle of its last generation."""
    found(root, ended=ended, config=config)
    run = read_run(root, NAME)
    with Live(console, run.config, None, run.asked) as view:
        for individual in run.individuals:
            view.draw(Born(individual))
            for generation in run.generations:
                if generation.born[-1] is individual:
                    view.draw(generation)


def test_a_pipe_gets_a_line_per_generation(root: Path) -> None:
    """Without a terminal there is no escape code and no bar: best, median and failures by kind, line by line."""
    text = io.StringIO()
    shown(root, Console(file=text, width=80), ended=True)
    header, *lines = text.getvalue().splitlines()
    assert header.split() == ["generation", "best", "(s)", "median", "evals/s", "left", "failed"]
    assert [line.split()[:3] for line in lines] == [
        ["0/2", "90.000", "75.000"],
        ["1/2", "70.000", "75.000"],
        ["2/2", "60.000", "75.000"],
    ]
    assert lines[2].endswith("0:00  1 exception")
    assert "\x1b" not in text.getvalue()


def test_the_finals_are_shown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the hall of fame is scored the bar counts it, and when it is a line says so; failures are not those of a run."""
    found(root, selections={5: 70.0, 3: None})
    run = read_run(root, NAME)
    for terminal in (False, True):
        monkeypatch.setattr(bar, "is_animated", lambda _, shown=terminal: shown)
        text = io.StringIO()
        console = Console(file=text, width=80, force_terminal=terminal, color_system=None)
        with Live(console, run.config, None, run.asked) as view:
            for left, (number, outcome) in zip((1, 0), run.selections.items(), strict=True):
                view.draw(Tried(run.individuals[number], outcome, left))
        assert "Hall of fame: 2 of 2 on the selection traces.\n" in text.getvalue().replace("\r", "")
        assert ("\u2501 2 of 2 on the selection traces" in text.getvalue()) is terminal
        assert "failed" not in text.getvalue().partition("\n")[2]


def test_several_metrics_have_a_column_each(root: Path) -> None:
    """By several metrics a line has the best by each of them, and how many of the living stand on a front."""
    found(root, config=BOTH)
    run = read_run(root, NAME)
    text = io.StringIO()
    with Live(Console(file=text, width=120), run.config, None, run.asked) as view:
        for generation in run.generations:
            view.draw(generation)
    header, *lines = text.getvalue().splitlines()
    assert header.split()[:5] == ["generation", "latency", "(s)", "containers/s", "front"]
    assert [line.split()[:4] for line in lines] == [
        ["0/2", "90.000", "10.000", "2"],
        ["1/2", "70.000", "8.0000", "2"],
        ["2/2", "60.000", "7.0000", "2"],
    ]
    assert lines[0].index("10.000") + 6 == header.index("containers/s") + 12


def test_what_was_spared_stands_in_its_generation(root: Path) -> None:
    """Beside the failures it is said how many were stopped, and how many did nothing new."""
    found(root, ended=False)
    stopped = Partial(Metric.LATENCY, 75.5, 70.0, 3, fitness(80.0).per_trace)
    with Journal.open(root, NAME) as journal:
        journal.add(Individual(6, 2, policy("[6]"), Lineage("mutation", ("5",)), stopped), 1)
        journal.append(
            Closed(
                number=2,
                survivors=(5, 3),
                best=5,
                median=65.0,
                failures={"exception": 1},
                redrawn=0,
                duplicates=0,
                barren=0,
                evaluations=7,
                spared=3,
                echoes=2,
            )
        )
    run, text = read_run(root, NAME), io.StringIO()
    with Live(Console(file=text, width=80), run.config, None, run.asked) as view:
        view.draw(run.generations[-1])
    assert "1 exception · 1 stopped early · 2 nothing new" in text.getvalue()


def test_a_terminal_gets_a_bar_as_well(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the state stands below the lines, at 80 columns in one line, and is gone at the end."""
    monkeypatch.setattr(bar, "is_animated", lambda _: True)
    text = io.StringIO()
    shown(root, Console(file=text, width=80, force_terminal=True, color_system=None), ended=False)
    assert "generation 2/2" in text.getvalue()
    assert "1 failed" in text.getvalue()
    assert "…" not in text.getvalue()


def test_evaluations_are_what_is_counted(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a run ends with so many evaluations, those are counted, not generations of which nobody knows how many."""
    monkeypatch.setattr(bar, "is_animated", lambda _: True)
    text = io.StringIO()
    console = Console(file=text, width=80, force_terminal=True, color_system=None)
    config = RunConfig(generations=90, population=2, children=2, tournament=2, evaluations=7)
    shown(root, console, ended=False, config=config)
    assert "6/7 evals" in text.getvalue()
    assert "/90" not in text.getvalue()


def test_a_row_is_a_line_on_a_narrow_terminal(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What doesn't fit is cut, not wrapped into the next line."""
    monkeypatch.setattr(bar, "is_animated", lambda _: False)
    text = io.StringIO()
    shown(root, Console(file=text, width=60, force_terminal=True, color_system=None), ended=True)
    lines = text.getvalue().splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 60
    assert lines[3].endswith("…")


def test_another_best_that_is_as_good_is_no_news(root: Path) -> None:
    """In a long run a generation has a line of its own only if the best has come to more, not if another leads."""
    found(root)
    (first, second, _) = read_run(root, NAME).generations
    assert second.best is not None
    twin = replace(second.best, number=9)
    text = io.StringIO()
    with Live(Console(file=text, width=80), RunConfig(generations=90), None, 90) as view:
        view.draw(first)
        view.draw(replace(second, number=1))
        view.draw(replace(second, number=2, best=twin))
        view.draw(replace(second, number=3, best=replace(twin, outcome=fitness(69.0))))
        view.draw(replace(second, number=4))
    assert [line.split()[0] for line in text.getvalue().splitlines()] == [
        "generation",
        "0/90",
        "1/90",
        "3/90",
        "4/90",
    ]
