"""The command line as a whole: its help teaches, it starts quickly, and errors end in one line and an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evo.cli import runs
from tests.cli.conftest import Evo
from tests.cli.family import NAME, found

COMMANDS = (
    "run",
    "resume",
    "list",
    "hof",
    "show",
    "diff",
    "lineage",
    "explain",
    "export",
    "eval",
    "models",
    "cost",
    "compare",
    "replay",
    "validate",
    "verify",
    "doctor",
    "bench",
    "trace",
)
SLOW = ("numpy", "libcst", "deap", "asyncio", "evo.evolution")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(evo: Evo, command: str) -> None:
    """Each command is listed, and its help shows how to type it."""
    assert f" {command} " in evo("--help").stdout
    called = evo(command, "--help")
    assert called.exit_code == 0
    assert f"$ evo {command}" in called.stdout


def test_help_fits_a_plain_terminal() -> None:
    """At 80 columns, without colours, no line of help is longer and no escape code is in it."""
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    shown = subprocess.run(
        [sys.executable, "-m", "evo", "run", "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    assert "\x1b" not in shown.stdout


def test_it_says_which_evo_it_is(evo: Evo) -> None:
    """The version names the simulator and the revision of Eudoxia that it equals."""
    assert evo("--version").stdout.startswith("evo 0.")
    assert "Eudoxia c62122c" in evo("--version").stdout


def test_starting_imports_nothing_slow() -> None:
    """Help must come at once: what takes long is imported by the command that needs it."""
    program = f"import evo.cli.app, sys; print([name for name in {SLOW!r} if name in sys.modules])"
    listed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert listed.stdout.strip() == "[]"


def test_an_early_ctrl_c_is_quiet() -> None:
    """Interrupted before the command line itself is imported, it ends with a shell's 130 and no traceback."""
    program = """if True:
        import sys

        class Interrupting:
            def find_spec(self, name, *_):
                if name == "evo.cli.app":
                    raise KeyboardInterrupt

        sys.meta_path.insert(0, Interrupting())
        from evo.cli import main

        main()
    """
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nonsense"],
        ["hof"],
        ["list", "--nonsense"],
        ["eval", "naive", "--metric", "speed"],
        ["run", "--seed", "x"],
    ],
)
def test_bad_usage_exits_with_2(evo: Evo, words: list[str]) -> None:
    """What can't be parsed is explained, and never a traceback."""
    called = evo(*words)
    assert called.exit_code == 2
    assert "Traceback" not in called.output


def test_an_error_of_the_system_is_one_line(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw, like a folder that may not be read, names the file."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "populations")

    found(root)
    monkeypatch.setattr(runs, "read_run", refuse)
    called = evo("hof", NAME)
    assert (called.exit_code, called.stderr) == (2, "evo: populations: Permission denied\n")


def test_a_late_ctrl_c_is_one_line(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted at work, a command that has nothing of its own to say ends in a word and a shell's 130."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    found(root)
    monkeypatch.setattr(runs, "read_run", interrupt)
    called = evo("hof", NAME)
    assert (called.exit_code, called.stdout, called.stderr) == (130, "", "evo: interrupted\n")


@pytest.mark.parametrize("group", ["bench", "trace"])
def test_examples_keep_their_lines(evo: Evo, group: str) -> None:
    """Each example in a group's help stands on a line of its own, to be copied."""
    lines = evo(group, "--help").stdout.splitlines()
    examples = [line for line in lines if f"$ evo {group}" in line]
    assert len(examples) == 2
    assert all(line.count("$ evo") == 1 for line in examples)


def test_the_folder_of_runs_can_be_anywhere(evo: Evo, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option or the environment says where runs are; the option counts more."""
    elsewhere = root.with_name("elsewhere")
    found(elsewhere)
    assert evo("list").stdout == ""
    assert NAME in evo("list", "--populations", str(elsewhere)).stdout
    monkeypatch.setenv("EVO_POPULATIONS", str(elsewhere))
    assert NAME in evo("list").stdout
    assert evo("list", "--populations", str(root)).stdout == ""
