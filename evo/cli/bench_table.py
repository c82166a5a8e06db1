"""How the rows of a bench stand, as a table and as JSON, with a word on how to read it."""

from __future__ import annotations

import itertools
import statistics
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from evo.bench.measures import Quartiles, at
from evo.bench.standing import Standing
from evo.cli.console import NOTHING, number, table
from evo.cli.words import bounded, times

_SHADES = "▁▂▃▄▅▆▇█"
_POINTS = 16
"""Characters of a course."""


def standings_table(rows: Sequence[Standing], evaluations: int, console: Console) -> Table:
    """A line for each row, with its course and where it was on the way as far as there is room on the console.

    On the way are the marks before the end that all rows came by, and that end itself if some went further.
    """
    further = any(row.entry.evaluations != evaluations for row in rows)
    marks = [mark for mark in rows[0].marks if further or mark < evaluations]
    whole = _table(rows, marks, _courses(rows, evaluations))
    narrow = _table(rows, [mark for mark in marks if mark >= evaluations], [])
    return fitting(console, whole, _table(rows, marks, []), narrow)


def fitting(console: Console, *tables: Table) -> Table:
    """The first of the tables that fits the console without a cut or a broken line; if none does, the last."""
    unbounded = console.options.update(max_width=10_000)
    fit = (one for one in tables if console.measure(one, options=unbounded).maximum <= console.width)
    return next(fit, tables[-1])


def _table(rows: Sequence[Standing], marks: Sequence[int], courses: Sequence[str]) -> Table:
    first = f"vs {rows[0].entry.row.name}"
    known = any(row.bound is not None for row in rows)
    looks = [f"at {mark}" for mark in marks]
    heads = ("evals", *looks, "end", "quartiles", *["vs bound"] * known, "area", first, "p", "reaches")
    made = table("row", *heads, *["course"] * bool(courses), right=heads)
    for row, course in itertools.zip_longest(rows, courses):
        made.add_row(*_cells(row, marks, bounds=known), *[course] * bool(courses))
    return made


def explanation(first: Standing, evaluations: int) -> Iterator[str]:
    """How the table is to be read."""
    metric, name = first.entry.config.metrics[0], first.entry.row.name
    count = len(first.runs)
    better = "higher" if metric.higher_is_better else "lower"
    yield (
        f"Medians of {count} {'seed' if count == 1 else 'seeds'}, in {metric.unit}, {better} is better. end: after the row's own "
        f"evaluations; area: mean of the best so far over the first {evaluations}; vs {name}: mean difference at the "
        f"end, seed by seed; p: exact two-sided sign-flip test of that; reaches: evaluations until it is as good as "
        f"{name} at its end, {NOTHING} if half of the seeds never are."
    )
    if first.bound is not None:
        yield bounded(first.bound, metric)


def unfinished(rows: Sequence[Standing]) -> Iterator[str]:
    """Which runs ended before their evaluations were used up, and why."""
    for run in (run for row in rows for run in row.runs):
        if run.evaluations < run.entry.evaluations:
            yield f"{run.name} ended after {run.evaluations} of {run.entry.evaluations} evaluations ({run.stop})."


def standing_json(row: Standing) -> dict[str, Any]:
    """A row as JSON, with everything that the table is made of."""
    return {
        "row": row.entry.row.name,
        "changes": dict(row.entry.row.changes),
        "evaluations": row.entry.evaluations,
        "end": row.end._asdict(),
        "optimality": row.optimality,
        "at": {str(mark): found._asdict() for mark, found in row.marks.items()},
        "area": row.area._asdict(),
        "difference": row.difference,
        "p": row.chance,
        "reaches": row.usually_reaching,
        "runs": [
            {
                "seed": run.seed,
                "run": run.name,
                "best": run.trail[-1],
                "evaluations": run.evaluations,
                "failures": run.failures,
                "stop": run.stop,
                "reaches": count,
            }
            for run, count in zip(row.runs, row.reaching, strict=True)
        ],
    }


def _cells(row: Standing, marks: Sequence[int], *, bounds: bool) -> list[str]:
    reaching = row.usually_reaching
    return [
        row.entry.row.name,
        str(row.entry.evaluations),
        *(number(row.marks[mark].median) for mark in marks),
        number(row.end.median),
        between(row.end),
        *[times(row.optimality)] * bounds,
        number(row.area.median),
        NOTHING if row.difference is None else f"{'+' * (row.difference > 0)}{number(row.difference)}",
        NOTHING if row.chance is None else f"{row.chance:.3f}",
        NOTHING if reaching is None else f"{reaching:g}",
    ]


def between(found: Quartiles) -> str:
    """The middle half of the values."""
    return f"{number(found.low)} to {number(found.high)}"


def _courses(rows: Sequence[Standing], evaluations: int) -> list[str]:
    """Each row's median best so far over the evaluations that all have, drawn on one scale for all."""
    points = sorted({max(evaluations * step // _POINTS, 1) for step in range(1, _POINTS + 1)})
    lines = [
        [statistics.median([at(run.trail, point) for run in row.runs]) for point in points] for row in rows
    ]
    return shades(lines)


def shades(lines: Sequence[Sequence[float]]) -> list[str]:
    """Lines of values drawn in characters, on one scale for all; none where they can't be shown."""
    if not _drawable():
        return []
    low, high = min(map(min, lines)), max(map(max, lines))
    scale = (len(_SHADES) - 1) / (high - low) if high > low else 0.0
    return ["".join(_SHADES[round((value - low) * scale)] for value in line) for line in lines]


def _drawable() -> bool:
    try:
        _SHADES.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
