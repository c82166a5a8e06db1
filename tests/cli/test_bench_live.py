"""What a bench shows while it goes on: a line for each run that it finished, and a bar on a terminal only."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from evo.bench.competing import Bench, Course, Entry, Finished
from evo.bench.rows import Row
from evo.cli import bar
from evo.cli.bench_live import BenchLive
from evo.config import RunConfig
from evo.evolution import Born
from evo.saved import read_run
from tests.cli.family import NAME, found

ENTRY = Entry(Row("default", {}, "as it is"), RunConfig(evaluations=6))


def shown(root: Path, console: Console) -> str:
    """What is drawn of a bench whose first run was there before, and whose second is the family's."""
    found(root)
    run = read_run(root, NAME)
    saved = {"default-1": run}
    finished = [
        Finished(ENTRY, seed, f"default-{seed}", [90.0, 60.0], 6, 1, "evaluations") for seed in (1, 2)
    ]
    with BenchLive(console, Bench(root, (ENTRY,), 3), saved) as view:
        view.draw(finished[0])
        for individual in run.individuals:
            view.draw(Course("default-2", Born(individual)))
        view.draw(finished[1])
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_a_line_per_run(root: Path) -> None:
    """Only what was done in this session is told, without any escape code."""
    text = shown(root, Console(file=io.StringIO(), width=80))
    assert text == "default-2: 60.000 s after 6 evaluations, 1 of them failures\n"


def test_a_terminal_gets_a_bar_as_well(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal it is told how much of the whole is done, and which run is under way."""
    monkeypatch.setattr(bar, "is_animated", lambda _: True)
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    text = shown(root, console)
    assert "12/18 evals" in text
    assert "default-2: 60.000 s" in text
