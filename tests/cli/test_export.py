"""`evo export`: a policy leaves its run as a module of its own, and nothing is overwritten by accident."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from evo.config import RunConfig
from evo.journal import Journal, Kit
from evo.policy import parse
from evo.population import Founder, Individual, Lineage
from tests.cli.conftest import Evo
from tests.cli.family import BOTH, fitness

AMBIENT = """
@register_scheduler_init(key="{key}")
def init(s):
    s.queue = []

@register_scheduler(key="{key}")
def step(s, results, pipelines):
    wanted = [p for p in pipelines if p.priority is Priority.QUERY]
    return [], [Assignment(p.values, 1, 1, p.priority, 0, p.pipeline_id) for p in wanted]
"""


@pytest.fixture
def saved(root: Path) -> None:
    """A run with a policy of the user's and one that bears a stock policy's name."""
    initial = [Founder(key, parse(AMBIENT.format(key=key))) for key in ("mine", "naive")]
    with Journal.create(root, "one", RunConfig(), Kit("0" * 64, initial, {})) as journal:
        for number, one in enumerate(initial):
            lineage = Lineage("initial", detail=f"{one.name}\nfrom elsewhere")
            journal.add(Individual(number, 0, one.policy, lineage, fitness(9.0)), 1)


@pytest.mark.usefixtures("saved")
def test_the_module_stands_alone(evo: Evo, root: Path) -> None:
    """The file says where it comes from, and imports what it uses from Eudoxia."""
    assert evo("export", "one", "0", "-o", "policy.py").exit_code == 0
    text = (root.parent / "policy.py").read_text()
    head = text.split("\n\n")[0].splitlines()
    assert all(line.startswith("#") for line in head)
    program = parse(AMBIENT.format(key="mine")).hash
    told = " ".join(line.removeprefix("#").strip() for line in head)
    for words in ("one", "quick", "9.0000 s", "initial: mine from elsewhere", program):
        assert words in told, words
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert {"eudoxia.scheduler.decorators", "eudoxia.executor.assignment", "eudoxia.utils"} <= imported
    assert parse(text).key == "mine"


@pytest.mark.usefixtures("saved")
def test_the_key_can_be_chosen(evo: Evo) -> None:
    """A user names the key; a stock policy's is made another, since upstream refuses one that it has."""
    chosen = evo("export", "one", "0", "--key", "other")
    assert parse(chosen.stdout).key == "other"
    assert parse(evo("export", "one", "1", "-o", "-").stdout).key.startswith("naive-")


@pytest.mark.usefixtures("saved")
def test_nothing_is_overwritten_by_accident(evo: Evo, root: Path) -> None:
    """A file that is there stays, unless --force says otherwise."""
    target = root.parent / "policy.py"
    target.write_text("precious\n")
    refused = evo("export", "one", "0", "-o", "policy.py")
    assert (refused.exit_code, target.read_text()) == (2, "precious\n")
    assert (
        refused.stderr == "evo: policy.py: is there already; name another file, or replace it with --force\n"
    )
    assert evo("export", "one", "0", "-o", "policy.py", "--force").exit_code == 0
    assert parse(target.read_text()).key == "mine"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere/policy.py", "no folder nowhere"),
        (".", "is a folder"),
        ("/dev/full", "No space left on device"),
    ],
)
@pytest.mark.usefixtures("saved")
def test_a_file_that_cant_be_written(evo: Evo, target: str, words: str) -> None:
    """One line says which file, and why."""
    if target.startswith("/dev") and not Path(target).exists():
        pytest.skip("needs Linux's /dev/full")
    called = evo("export", "one", "0", "-o", target)
    assert (called.exit_code, called.stderr.count("\n")) == (2, 1)
    assert called.stderr.startswith(f"evo: {target}: {words}")


def test_every_metric_is_named(evo: Evo, root: Path) -> None:
    """By several metrics the module says what was reached by each."""
    mine = parse(AMBIENT.format(key="mine"))
    with Journal.create(root, "two", BOTH, Kit("0" * 64, [Founder("mine", mine)], {})) as journal:
        journal.add(Individual(0, 0, mine, Lineage("initial"), fitness(9.0, both=True)), 1)
    assert "# latency: 9.0000 s\n# throughput: 0.90000 containers/s\n" in evo("export", "two", "0").stdout
