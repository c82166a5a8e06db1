"""The end of a search in words: what was found, what it was spared, and why it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.cli.ending import conclude
from evo.config import RunConfig
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import suite_files
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.population import Founder, Individual, Lineage, Partial
from evo.records import Closed, Ended
from evo.saved import read_run
from tests.cli.family import fitness, policy


def ended(root: Path, suite: Path, *, spared: int) -> None:
    """Save a run of two, of which the second was stopped if that spared anything, and was as slow if not."""
    given = load_suite(suite)
    founders = [Founder("old", policy("[0]"))]
    outcome = Partial(Metric.LATENCY, 95.0, 90.0, spared, fitness(120.0).per_trace)
    config = RunConfig(metric=Metric.LATENCY, generations=0)
    with Journal.create(root, "two", config, Kit(given.digest, founders, suite_files(given))) as journal:
        first = Individual(0, 0, founders[0].policy, Lineage("initial", detail="old"), fitness(90.0))
        child = Lineage("mutation", ("0",))
        journal.add(first, 1)
        journal.add(Individual(1, 0, policy("[1]"), child, outcome if spared else fitness(95.0)), 1)
        journal.append(
            Closed(
                number=0,
                survivors=(0,),
                best=0,
                median=90.0,
                failures={},
                redrawn=0,
                duplicates=0,
                barren=0,
                evaluations=2,
                spared=spared,
            )
        )
        journal.append(Ended(reason="generations"))


@pytest.mark.parametrize("spared", [0, 6])
def test_what_was_spared_is_told(
    tmp_path: Path, tiny: Path, capsys: pytest.CaptureFixture[str], spared: int
) -> None:
    """The share is of all simulations that nobody failed in; where none was spared, nothing is said."""
    ended(tmp_path, tiny, spared=spared)
    conclude(read_run(tmp_path, "two"), workers=1)
    told = " ".join(capsys.readouterr().err.split())
    words = (
        "Spared 6 of 10 simulations (60.0%): 1 stopped early, as they couldn't live on any more, 0 not born"
    )
    assert (words in told) is bool(spared)
    assert ("Spared" in told) is bool(spared)
    assert "generation 0 was the last asked for" in told
