"""The policies of a saved run elsewhere: each is worth there what it would be worth alone, and the run stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

import evo
from evo.config import RunConfig
from evo.errors import RunError
from evo.metric import Metric
from evo.rescoring import rescored, suite_for


@pytest.fixture(scope="module")
def root(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of saved runs with one of a single generation, one of its founders no policy."""
    root = tmp_path_factory.mktemp("rescoring")
    (root / "none.py").write_text("def nothing():\n")
    init = ("naive", "overbook", str(root / "none.py"))
    config = RunConfig(suite=str(tiny), generations=0, population=4, init=init)
    for _ in evo.evolve(config, name="mine", root=root, workers=1):
        pass
    return root


def test_scored_by_another_metric(root: Path) -> None:
    """By another metric on the run's own suite, every policy gets what it gets alone; who has none isn't there."""
    run = evo.load_run("mine", root=root)
    before = (root / "mine" / "journal.jsonl").read_bytes()
    again = list(rescored(run, suite_for(run, None), Metric.THROUGHPUT, workers=1))
    assert [one.number for one in again] == [one.number for one in run.individuals if not one.policy.refused]
    assert len(again) < len(run.individuals)
    alone = evo.evaluate("naive", suite=run.suite_file, metric="throughput", workers=1)
    assert again[0].outcome == alone
    assert again[0].policy == run.individuals[0].policy
    assert (root / "mine" / "journal.jsonl").read_bytes() == before


def test_the_runs_own_suite_is_checked(root: Path) -> None:
    """A suite by name is that one; the run's own is refused if it isn't what the run was born with."""
    run = evo.load_run("mine", root=root)
    assert suite_for(run, "quick").name == "quick"
    text = run.suite_file.read_text()
    for changed, message in ((text.replace("= 20", "= 21"), "changed since"), ("[[", "not valid TOML")):
        run.suite_file.write_text(changed)
        with pytest.raises(RunError, match=message):
            suite_for(run, None)
    run.suite_file.write_text(text)
