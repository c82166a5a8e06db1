"""What README.md promises is true: its commands exist, its examples run."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from evo.cli.app import application
from evo.evaluation import load_suite
from evo.policy import parse
from evo.simulator.trace import write_trace
from evo.simulator.workload import generated_trace

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def example(language: str) -> str:
    """The one block of a language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_python_example_runs(tmp_path: Path) -> None:
    """A reader who pastes it into a file sees a run and the source of its best policy."""
    script = tmp_path / "example.py"
    script.write_text(example("python"))
    run = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "register_scheduler" in run.stdout
    assert (tmp_path / "populations" / "mine" / "journal.jsonl").exists()


def test_the_suite_example_loads(tmp_path: Path) -> None:
    """The TOML in the README is a suite once the trace that it names is there."""
    path = tmp_path / "suite.toml"
    path.write_text(example("toml"))
    parameters = load_suite("quick").parameters
    (tmp_path / "monday.csv").write_text(write_trace(generated_trace(parameters, "monday")), newline="")
    assert len(load_suite(path).traces) == 2


def test_every_command_and_option_exists() -> None:
    """No command line in the README names a command or an option that evo doesn't have."""
    lines = re.findall(
        r"evo ((?:run|resume|list|hof|show|diff|lineage|export|eval|models|cost|replay|doctor|explain|compare|verify|validate|trace bounds|bench (?:search|rows))\b[^`\n]*)",
        README,
    )
    assert len(lines) > 12
    seen: dict[str, str] = {}
    for line in lines:
        words = shlex.split(re.split(r";| #", line)[0])
        named = words[: 1 + (words[0] in {"bench", "trace"})]
        command = " ".join(named)
        if command not in seen:
            called = CliRunner().invoke(application(), [*named, "--help"], prog_name="evo")
            assert called.exit_code == 0, called.output
            seen[command] = called.stdout
        for option in (word for word in words if word.startswith("-")):
            assert re.search(rf"(^|\s|,){option}\b", seen[command]), f"evo {command} has no {option}"


def test_the_files_it_links_to_exist() -> None:
    """Every relative link leads somewhere."""
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if not link.startswith("http")]
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_example_in_the_api_guide_is_a_policy() -> None:
    """The first thing a reader writes by hand works as it stands."""
    assert parse((ROOT / "markdown" / "policy-api.md").read_text()).key == "first-fit"
