"""Saved runs made by hand, of which only the values matter: two are born in a generation, two founders first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evo.config import RunConfig
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.population import Failure, FailureKind, Founder, Individual, Lineage
from evo.records import Closed
from evo.saved import Run, read_run
from tests.cli.family import fitness, policy


def run_of(
    root: Path,
    name: str,
    values: Sequence[float | None],
    *,
    suite: str = "0" * 64,
    bound: float | None = None,
    **settings: object,
) -> Run:
    """A run with these values in order of birth, None for a failure; whole generations are closed.

    Without a `bound` it is one from before runs knew theirs.
    """
    given = {"metric": Metric.LATENCY, "population": 2, "children": 2, "tournament": 2, **settings}
    config = RunConfig(**given)  # type: ignore[arg-type]
    firsts = [Founder("old", policy("[0]")), Founder("older", policy("[1]"))]
    both, bounds = len(config.metrics) > 1, () if bound is None else (bound,)
    with Journal.create(root, name, config, Kit(suite, firsts, {}, bounds)) as journal:
        for number, value in enumerate(values):
            lineage = Lineage("initial" if number < 2 else "mutation")
            lost = Failure(FailureKind.TIMEOUT, "too slow")
            outcome = lost if value is None else fitness(value, both=both)
            journal.add(Individual(number, number // 2, policy(f"[{number}]"), lineage, outcome), 1)
            if number % 2:
                journal.append(_closed(number))
    return read_run(root, name)


def _closed(number: int) -> Closed:
    """The end of the generation of which this number is the last."""
    return Closed(
        number=number // 2,
        survivors=(number,),
        best=None,
        median=None,
        failures={},
        redrawn=0,
        duplicates=0,
        barren=0,
        evaluations=number + 1,
    )
