"""What a run is born with: found where the user has it, checked, and from then on independent of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo import shipped
from evo.birth import gathered, load_policy, suite_of
from evo.config import RunConfig
from evo.errors import InputError, RunError
from evo.journal import Journal
from evo.metric import Metric
from evo.population import FailureKind


def test_all_stock_policies_by_default(tiny: Path) -> None:
    """Without a word about it, a run begins with every stock policy."""
    kit = gathered(RunConfig(suite=str(tiny)))
    assert [founder.name for founder in kit.initial] == list(shipped.stock_policies())


def test_the_first_population_in_the_users_order(tiny: Path, tmp_path: Path) -> None:
    """Names, files and folders mix; a second copy of a program, however formatted, adds nothing."""
    copy = tmp_path / "copy.py"
    copy.write_text("# the same\n" + shipped.stock_policies()["naive"].read_text())
    (tmp_path / "own.py").write_text(shipped.stock_policies()["overbook"].read_text())
    kit = gathered(RunConfig(suite=str(tiny), init=("priority", str(tmp_path), "naive")))
    assert [founder.name for founder in kit.initial] == ["priority", "copy", "own"]


def test_prompts_are_copied(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompts that a run begins with are in its folder, so that editing them later changes no run."""
    (tmp_path / "repair").mkdir()
    (tmp_path / "repair" / "syntax.md").write_text("Mend it.")
    monkeypatch.setattr(shipped, "markdown", lambda: tmp_path)
    files = gathered(RunConfig(suite=str(tiny))).files
    assert files["prompts/repair/syntax.md"] == b"Mend it."


def test_a_bad_policy_is_named(tiny: Path, tmp_path: Path) -> None:
    """A file that is no policy can't be taken for one; what doesn't exist stops the birth with its name."""
    path = tmp_path / "p.py"
    path.write_text("def f(:\n")
    with pytest.raises(InputError, match=r"p\.py: line 1: ") as caught:
        load_policy(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match=r"navie: no such policy.*did you mean 'naive'"):
        gathered(RunConfig(suite=str(tiny), init=("navie",)))
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        gathered(RunConfig(suite="nowhere.toml"))


@pytest.mark.parametrize(
    ("data", "kind", "line"),
    [
        (b"def f(:\n", FailureKind.SYNTAX, 1),
        (b"# \xe9\n", FailureKind.SYNTAX, None),
        (b"def f():\n    pass\n", FailureKind.CONTRACT, None),
        (b"", FailureKind.CONTRACT, None),
        (b"# " + b"x" * 2_000_000, FailureKind.CONTRACT, None),
    ],
)
def test_what_is_no_policy_is_born_refused(
    tiny: Path, tmp_path: Path, data: bytes, kind: FailureKind, line: int | None
) -> None:
    """A file that exists begins the run with the others, as the failure that it is, its text kept in bounds."""
    path = tmp_path / "p.py"
    path.write_bytes(data)
    (tmp_path / "twin.py").write_bytes(data)
    kit = gathered(RunConfig(suite=str(tiny), init=(str(tmp_path), "naive")))
    refused, naive = kit.initial
    assert (refused.name, refused.policy.key, naive.name) == ("p", "", "naive")
    assert refused.policy.refused
    assert refused.refusal is not None
    assert (refused.refusal.kind, refused.refusal.line) == (kind, line)
    assert len(refused.policy.source) <= 1_000_000
    assert naive.refusal is None


def test_a_run_keeps_its_suite(tiny: Path, tmp_path: Path) -> None:
    """The suite in a run's folder is the one it was born with; a later change to it is noticed."""
    config = RunConfig(suite=str(tiny))
    with Journal.create(tmp_path, "mine", config, gathered(config)) as journal:
        suite = suite_of(journal)
        assert [trace.name for trace in suite.traces] == ["own", "seed-6"]
        toml = journal.folder / "suite.toml"
        toml.write_text(toml.read_text().replace("duration = 20", "duration = 30"))
        with pytest.raises(RunError, match=r"suite\.toml: it or its traces changed since"):
            suite_of(journal)
        toml.unlink()
        with pytest.raises(RunError, match=r"suite\.toml"):
            suite_of(journal)


def test_a_metric_of_a_class_needs_that_class(tmp_path: Path) -> None:
    """Where no pipeline of a class arrives in time nobody could be scored by its p99: that is told before there is a run."""
    lines = ["[cluster]", "duration = 20", "ticks_per_second = 10", "[[trace]]", "seed = 1", "name = 'dull'"]
    lines += ["query_prob = 0.0", "interactive_prob = 0.0", "batch_prob = 1.0"]
    suite = tmp_path / "dull.toml"
    suite.write_text("\n".join(lines))
    gathered(RunConfig(suite=str(suite), metric=(Metric.LATENCY, Metric.BATCH_P99)))
    with pytest.raises(InputError, match="trace dull: no query pipeline arrives, so query-p99 can't"):
        gathered(RunConfig(suite=str(suite), metric=(Metric.LATENCY, Metric.QUERY_P99)))
