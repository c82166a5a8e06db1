"""`evo explain`: a run's policies and files, in tables and as JSON, and a line for whatever can't be explained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evo.config import RunConfig
from evo.evaluation.evaluator import Evaluator
from evo.evaluation.suites import suite_files
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.population import Failure, Fitness, Founder, Individual, Lineage
from tests.cli.conftest import Evo
from tests.cli.family import NAME, found
from tests.evaluation.small import suite
from tests.explain.samples import DEAD, QUERIES_FIRST, policy

RUN = "small"


POLICIES = (policy(), policy(QUERIES_FIRST), policy("raise ValueError('on purpose')"))


@pytest.fixture(scope="module")
def outcomes() -> list[Fitness | Failure]:
    """What they score on the small suite."""
    with Evaluator(suite((1,)), Metric.LATENCY, workers=1) as evaluator:
        return list(evaluator.evaluate(POLICIES))


@pytest.fixture
def run(root: Path, outcomes: list[Fitness | Failure]) -> Path:
    """A saved run: 0 is first come first served, 1 its child that serves queries first, 2 a child that failed."""
    small = suite((1,))
    lineages = [Lineage("initial"), Lineage("mutation", ("0",)), Lineage("mutation", ("0",))]
    kit = Kit(small.digest, [Founder("fifo", POLICIES[0])], suite_files(small))
    with Journal.create(root, RUN, RunConfig(metric=(Metric.LATENCY,)), kit) as journal:
        for number, (one, lineage, outcome) in enumerate(zip(POLICIES, lineages, outcomes, strict=True)):
            journal.add(Individual(number, 0, one, lineage, outcome), 1)
    for name, data in suite_files(small).items():
        path = root.parent / "suite" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(data)
    return root


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_policy_of_a_run(evo: Evo, run: Path) -> None:
    """The table begins with what costs most; then come what is free, what it can't do without, and first decisions."""
    before = bytes_of(run)
    called = evo("explain", RUN, "1")
    assert called.exit_code == 0
    lines = called.stdout.splitlines()
    assert lines[0].startswith("small/1: latency ")
    assert "100 → 200" in lines[3]
    for words in (
        "statements can go without any effect",
        "No score (exception) after ",
        "First decisions unlike those of its parent 0:",
        "First decisions unlike those of priority:",
        "in the end: ",
    ):
        assert words in called.stdout
    assert bytes_of(run) == before


def told(evo: Evo, *words: str) -> Any:
    """What it says as JSON."""
    called = evo("explain", *words, "--json")
    assert called.exit_code == 0, called.output
    return json.loads(called.stdout)


def test_the_same_as_json(evo: Evo, run: Path) -> None:
    """JSON has every change and every trace, however few are tried; what wasn't is counted."""
    document = told(evo, RUN, "1", "--most", "12")
    assert (document["policy"], document["suite"]) == ("small/1", "small")
    assert document["hash"] == policy(QUERIES_FIRST).hash
    assert len(document["changes"]) == 12
    assert document["left_out"] > 12
    assert {one["part"] for one in document["changes"]} == {"statement"}
    assert all((one["fitness"] is None) is (one["failure"] is not None) for one in document["changes"])
    assert list(document["decisions"]) == ["0", "priority"]
    (parting,) = document["decisions"]["0"]
    assert parting["ours"]["value"] < parting["theirs"]["value"]


def test_a_file_on_a_suite(evo: Evo, run: Path) -> None:
    """A policy's file has no parent, and is scored where the user says."""
    Path("mine.py").write_text(policy(DEAD).source)
    document = told(evo, "mine.py", "--suite", "suite/suite.toml", "--metric", "throughput", "--most", "3")
    assert document["fitness"]["metric"] == "throughput"
    assert list(document["decisions"]) == ["priority"]


def test_a_shrunk_file_can_be_scored(evo: Evo, run: Path) -> None:
    """The shortest program is written whole, says where it comes from, and `evo eval` takes it."""
    Path("mine.py").write_text(policy(DEAD).source)
    words = ("--suite", "suite/suite.toml", "--shrink", "--tolerance", "0", "-o", "short.py", "--json")
    called = evo("explain", "mine.py", *words)
    document = json.loads(called.stdout)
    text = Path("short.py").read_text()
    assert text == document["source"]
    assert text.startswith("# What is left of mine.py, shrunk from 25 lines of code to 16 by evo explain.\n")
    assert document["before"]["fitness"] == document["after"]["fitness"]
    assert "s.calls" not in text
    scored = json.loads(evo("eval", "short.py", "--suite", "suite/suite.toml", "--json").stdout)
    assert scored["policy"]["hash"] == document["after"]["hash"]


def test_shrunk_to_stdout(evo: Evo, run: Path) -> None:
    """Without a file the program itself goes to stdout, and what was done to stderr."""
    called = evo("explain", RUN, "0", "--shrink")
    assert called.stdout.startswith("# What is left of small/0")
    assert "lines of code are now" in called.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            (RUN, "2"),
            "policy 2 of 'small' failed (exception), so there is no score to explain: `evo show small 2`",
        ),
        ((RUN, "77"), "run 'small' has no individual '77'"),
        (("nothing", "1"), "no run 'nothing'"),
        (("nothing",), "neither a saved run nor a policy's file nor a stock policy"),
        ((RUN, "0", "--tolerance", "0.1"), "--tolerance and --output go with --shrink"),
        ((RUN, "0", "--shrink", "-o", "no/where.py"), "no folder no"),
        (
            (RUN, "0", "--shrink", "-o", "bad.py"),
            "bad.py: is there already; name another file, or replace it with --force",
        ),
        (
            ("bad.py", "--suite", "suite/suite.toml"),
            "bad.py has no score on small to explain: failed: exception",
        ),
        (("no.py",), "no.py: line 1: "),
    ],
)
def test_what_can_not_be_explained(evo: Evo, run: Path, words: tuple[str, ...], told: str) -> None:
    """Each is one line that says what is wrong and what to do, and exit code 2."""
    Path("bad.py").write_text(policy("raise ValueError('on purpose')").source)
    Path("no.py").write_text("def (:\n")
    called = evo("explain", *words)
    assert (called.exit_code, called.stderr.count("\n")) == (2, 1), called.stderr
    assert told in called.stderr


def test_a_refused_text_is_not_explained(evo: Evo, root: Path) -> None:
    """Whatever has no fitness in its run is answered by its record alone, without being run."""
    found(root)
    called = evo("explain", NAME, "4")
    assert called.exit_code == 2
    assert "policy 4 of 'smiths' failed (exception)" in called.stderr
