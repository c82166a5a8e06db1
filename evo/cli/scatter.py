"""A picture of a Pareto front in characters: each policy where it stands by two metrics.

Only for the eye: what lies far from the front isn't drawn, and several policies may share a place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evo.cli.console import number
from evo.metric import Metric
from evo.population import Fitness, Individual

_COLUMNS, _ROWS = 56, 12
_RANKS = "123456789"
_FURTHER = "+"
_OTHER = "·"
_NARROWEST = 0.1
"""The least extent of the front in the picture, in parts of its largest value."""


def scatter(everyone: Iterable[Individual], front: Sequence[Individual]) -> list[str]:
    """The picture, line by line: the front by rank, "+" from the tenth on, and a dot for any other policy."""
    leading = [one.fitness for one in front if one.fitness is not None]
    across, up = leading[0].values
    columns = _Axis.over(across, leading, _COLUMNS)
    rows = _Axis.over(up, leading, _ROWS)
    cells: dict[tuple[int, int], str] = {}
    others = (one.fitness for one in everyone if one.fitness is not None)
    marks = [*_RANKS[: len(leading)], *_FURTHER * (len(leading) - len(_RANKS))]
    for mark, fitness in [*zip(marks, leading, strict=True), *((_OTHER, other) for other in others)]:
        cells.setdefault((rows.cell(fitness), columns.cell(fitness)), mark)
    return _framed(columns, rows, cells)


@dataclass(frozen=True, slots=True)
class _Axis:
    """What a side of the picture shows of a metric, in so many cells."""

    metric: Metric
    low: float
    high: float
    cells: int

    @classmethod
    def over(cls, metric: Metric, front: Sequence[Fitness], cells: int) -> _Axis:
        """From the best of the front to its worst, and half as far again, where others are; no metric is negative."""
        values = [fitness.values[metric] for fitness in front]
        least, most = min(values), max(values)
        extent = max(most - least, _NARROWEST * max(abs(least), abs(most))) or 1.0
        if metric.higher_is_better:
            return cls(metric, max(most - 1.5 * extent, 0.0), most, cells)
        return cls(metric, least, least + 1.5 * extent, cells)

    def cell(self, fitness: Fitness) -> int:
        """The place of a value, counted from the low end; outside of the picture for what lies far off."""
        share = (fitness.values[self.metric] - self.low) / (self.high - self.low or 1.0)
        return round(share * (self.cells - 1)) if -1 <= share <= 2 else -1

    @property
    def title(self) -> str:
        """What it shows, and which way is better."""
        return f"{self.metric.head}, {'higher' if self.metric.higher_is_better else 'lower'} is better"


def _framed(columns: _Axis, rows: _Axis, cells: dict[tuple[int, int], str]) -> list[str]:
    ticks = {rows.cells - 1: number(rows.high), 0: number(rows.low)}
    margin = max(map(len, ticks.values()))
    lines = [rows.title]
    for row in reversed(range(rows.cells)):
        line = "".join(cells.get((row, column), " ") for column in range(columns.cells))
        lines.append(f"{ticks.get(row, ''):>{margin}} │{line}".rstrip())
    left, right = number(columns.low), number(columns.high)
    below = [f"{left}{right:>{columns.cells - len(left)}}", f"{columns.title:>{columns.cells}}"]
    return [*lines, f"{'':>{margin}} └{'─' * columns.cells}", *(f"{'':>{margin}}  {line}" for line in below)]
