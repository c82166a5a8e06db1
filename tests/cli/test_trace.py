"""`evo trace bounds` as a user has it: tables for people, everything for machines, files on a suite's cluster."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evo.evaluation.bounds import bounds
from evo.evaluation.suites import quick
from evo.metric import Metric
from evo.simulator.trace import write_trace
from tests.cli.conftest import Evo


def test_the_bounds_of_a_suite(evo: Evo) -> None:
    """A line for each trace in each table, with what arrives, what can be completed, and every metric's bound."""
    called = evo("trace", "bounds")
    assert called.exit_code == 0, called.stderr
    lines = [line.split() for line in called.stdout.splitlines() if line.startswith("quick-10x8-s7")]
    assert [len(line) for line in lines] == [12, 8, 16]
    assert lines[0][-3:] == ["73", "of", "240"]
    assert "≥ penalized (s)" in called.stdout
    assert "≤ containers/s" in called.stdout
    assert "≥ batch p50 · p95 · p99 (s)" in called.stdout
    assert "marked ≤" in called.stderr


def test_files_on_the_cluster_of_a_suite(evo: Evo, root: Path) -> None:
    """A CSV brings no cluster, so it gets the suite's; as JSON all that is known of it is there."""
    suite = quick()
    first = suite.traces[0]
    (root.parent / "monday.csv").write_text(write_trace(first))
    told = json.loads(evo("trace", "bounds", "monday.csv", "--suite", "quick", "--json").stdout)
    (only,) = told["traces"]
    best = bounds(first.schedule(20, 3000), suite.parameters)
    assert (told["suite"], only["trace"], only["completable"]) == ("quick", "monday.csv", best.completed)
    assert only["pipelines"] == {"query": 21, "interactive": 50, "batch": 99}
    assert only["operators"]["query"] == 21
    assert only["load"]["memory"] == pytest.approx(3.91, abs=0.01)
    assert only["bounds"] == {metric.value: best.of(metric) for metric in Metric}


@pytest.mark.parametrize("words", [("nowhere.csv",), ("--suite", "nowhere.toml")])
def test_what_is_not_there_is_one_line(evo: Evo, words: tuple[str, ...]) -> None:
    """A file that doesn't exist is told in a line that says what to give."""
    called = evo("trace", "bounds", *words)
    assert called.exit_code == 2
    assert called.stderr.count("\n") == 1
    assert "no such file" in called.stderr
