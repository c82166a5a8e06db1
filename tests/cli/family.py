"""A small saved run, made by hand: three generations of a family that every reading command can be asked about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from evo.config import RunConfig
from evo.journal import Journal, Kit
from evo.metric import Metric
from evo.population import (
    Failure,
    FailureKind,
    Fitness,
    Founder,
    Individual,
    Lineage,
    Policy,
    Reached,
    TraceScore,
)
from evo.records import Closed, Ended, Selected
from evo.saved_failure import SavedFailure

NAME = "smiths"


def policy(text: str) -> Policy:
    """A policy whose hash is a stand-in: nothing that reads a run parses policies."""
    source = f"def step(s, results, pipelines):\n    return {text}, []\n"
    return Policy(source, hashlib.sha256(text.encode()).hexdigest(), "smith")


BOTH = RunConfig(
    generations=2,
    population=2,
    children=2,
    tournament=2,
    metric=(Metric.LATENCY, Metric.THROUGHPUT),
)
"""A family by two metrics: whoever is quicker does less, by a tenth of the latency."""


def fitness(value: float, *, both: bool = False) -> Fitness:
    """A fitness of that median over two traces."""
    beside = (value / 10,) if both else ()
    scores = tuple(
        TraceScore(name, value + shift, (1, 2), (3, 4), (5, 6), beside=beside)
        for name, shift in (("a", -1.0), ("b", 1.0))
    )
    return Fitness(Metric.LATENCY, value, scores, tuple(Reached(Metric.THROUGHPUT, each) for each in beside))


def found(
    root: Path,
    *,
    ended: bool = True,
    config: RunConfig | None = None,
    selections: Mapping[int, float | None] | None = None,
    bounds: Sequence[float | None] = (),
) -> None:
    """Save the run: 0 and 1 are given, 2 is a mutant of 1, 3 a crossover of 2 and 0, 4 failed, 5 is 3's mutant.

    `selections` is what some of them come to on selection traces, None where they fail. The run knows these `bounds`.
    """
    firsts = [Founder("old", policy("[0]")), Founder("older", policy("[1]"))]
    chosen = config or RunConfig(metric=Metric.LATENCY, generations=2, population=2, children=2, tournament=2)
    both = len(chosen.metrics) > 1
    with Journal.create(root, NAME, chosen, Kit("0" * 64, firsts, {}, bounds)) as journal:
        _bear(journal, 0, 0, "[0]", Lineage("initial", detail="old"), fitness(100.0, both=both))
        _bear(journal, 1, 0, "[1]", Lineage("initial", detail="older"), fitness(90.0, both=both))
        _close(journal, 0, (1, 0))
        _bear(journal, 2, 1, "[2]", Lineage("mutation", ("1",), "constant 1 -> 2"), fitness(80.0, both=both))
        _bear(journal, 3, 1, "[3]", Lineage("crossover", ("2", "0"), "step"), fitness(70.0, both=both))
        _close(journal, 1, (3, 2))
        fault = Failure(
            FailureKind.EXCEPTION, "ValueError: no\nwork [red]at all[/]", "a", 7, 2, "a line\n[bold]another"
        )
        _bear(journal, 4, 2, "[4]", Lineage("mutation", ("3",), "statement dropped"), fault)
        _bear(journal, 5, 2, "[5]", Lineage("mutation", ("3",), "constant 3 -> 5"), fitness(60.0, both=both))
        if ended:
            _close(journal, 2, (5, 3))
            for one, value in (selections or {}).items():
                failure = SavedFailure("timeout", "60 s", "c") if value is None else None
                reached = None if value is None else fitness(value, both=both)
                journal.append(Selected(number=one, fitness=reached, failure=failure))
            journal.append(Ended(reason="generations"))


def _bear(
    journal: Journal, number: int, generation: int, text: str, lineage: Lineage, outcome: Fitness | Failure
) -> None:
    journal.add(Individual(number, generation, policy(text), lineage, outcome), 1)


def _close(journal: Journal, number: int, survivors: tuple[int, ...]) -> None:
    journal.append(
        Closed(
            number=number,
            survivors=survivors,
            best=survivors[0],
            median=75.0,
            failures={"exception": 1} if number == 2 else {},
            redrawn=0,
            duplicates=0,
            barren=0,
            evaluations=2 * number + 2,
        )
    )
