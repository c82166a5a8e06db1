"""What the tests of commands share: a place of their own to work in, and a way to call `evo` there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evo.cli.app import application

Evo = Callable[..., Result]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of saved runs, in a current directory that is empty; the terminal is wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERMINAL_WIDTH", "200")
    monkeypatch.delenv("EVO_POPULATIONS", raising=False)
    return tmp_path / "populations"


@pytest.fixture
def evo(root: Path) -> Evo:
    """Call a command in this process, with what it wrote to stdout and stderr apart."""

    def call(*words: str) -> Result:
        return CliRunner().invoke(application(), list(words), prog_name="evo")

    return call
