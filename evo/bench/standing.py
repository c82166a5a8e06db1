"""How the rows of a bench stand: each at its own end and on the way, beside the first row, seed by seed.

Knows no folder and no screen.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evo.bench.competing import Entry, Finished
from evo.bench.measures import Quartiles, area, at, quartiles, reached, sign_flip


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a row, over all seeds; values are of the metric."""

    entry: Entry
    runs: tuple[Finished, ...]
    """One for each seed, in order."""
    marks: Mapping[int, Quartiles]
    """The best after so many evaluations, or at the end if that was earlier."""
    end: Quartiles
    """The best after all evaluations of the row's own."""
    area: Quartiles
    """The mean of the best so far over as many evaluations as all rows have."""
    difference: float | None
    """The mean difference at the end to the first row with the same seed, whatever the evaluations of either."""
    chance: float | None
    """The p-value of those differences; with `difference` None for the first row."""
    reaching: tuple[int | None, ...]
    """By seed, the evaluations in which it came to the first row's median at its end; None if it never did."""
    bound: float | None
    """What no fitness of its runs can better; None if that isn't known."""

    @property
    def optimality(self) -> float | None:
        """By how many times the median at the end misses the bound."""
        return self.entry.config.metrics[0].gap(self.end.median, self.bound)

    @property
    def usually_reaching(self) -> float | None:
        """The median of those; None if half of the seeds never came there."""
        middle = statistics.median(math.inf if count is None else count for count in self.reaching)
        return None if math.isinf(middle) else middle


def standings(finished: Sequence[Finished], evaluations: int) -> tuple[Standing, ...]:
    """How the rows stand that have these runs; each row with the same seeds, the first to be compared with."""
    by_row: dict[str, list[Finished]] = {}
    for run in sorted(finished, key=lambda one: one.seed):
        by_row.setdefault(run.entry.row.name, []).append(run)
    first = next(iter(by_row.values()))
    return tuple(_standing(runs, first, evaluations) for runs in by_row.values())


def marks(evaluations: int) -> list[int]:
    """After how many evaluations it is worth a look: an eighth, a quarter, a half, all of them."""
    return sorted({max(evaluations // part, 1) for part in (8, 4, 2, 1)})


def _standing(runs: Sequence[Finished], first: Sequence[Finished], evaluations: int) -> Standing:
    ends, others = ([run.trail[-1] for run in group] for group in (runs, first))
    metric, level = runs[0].entry.config.metrics[0], quartiles(others).median
    compared = runs is not first
    return Standing(
        entry=runs[0].entry,
        runs=tuple(runs),
        marks={mark: quartiles([at(run.trail, mark) for run in runs]) for mark in marks(evaluations)},
        end=quartiles(ends),
        area=quartiles([area(run.trail, evaluations) for run in runs]),
        difference=statistics.fmean(ends) - statistics.fmean(others) if compared else None,
        chance=sign_flip(ends, others) if compared else None,
        reaching=tuple(reached(metric, run.trail, level) for run in runs),
        bound=runs[0].bound,
    )
