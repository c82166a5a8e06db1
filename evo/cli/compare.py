"""`evo compare`: saved runs side by side at equal amounts, strategy by strategy, and whether a difference is more than noise.

Reads the runs and changes nothing.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from evo.bench.axis import Axis
from evo.cli.console import NOTHING, messages, number, results, table, write_json
from evo.cli.cost import money
from evo.cli.options import Json, Plot, Populations
from evo.cli.words import bounded, times
from evo.saved import read_run

if TYPE_CHECKING:
    from evo.bench.comparing import Comparison, Contest, Strategy
    from evo.cli.plots import Line

Runs = Annotated[list[str], typer.Argument(metavar="RUN…", help="The runs' names, see `evo list`.")]
By = Annotated[Axis, typer.Option("--by", help="Compare at equal amounts of these.")]

_POINTS = 16
"""Characters of a course."""


def compare(
    names: Runs,
    by: By = Axis.EVALUATIONS,
    plot: Plot = None,
    as_json: Json = False,
    populations: Populations = None,
) -> None:
    """Compare saved runs: the best so far at equal evaluations, dollars, generations or seconds.

    Runs that differ by their seeds alone are one strategy, and a line of the table: its medians on the way, and at the
    end of what all runs have, with quartiles. Each is held against the strategy of the first run that you name, by pairs
    of runs with the same seed; the p-value is that of an exact two-sided sign-flip test. A difference that chance alone
    would often make is said to be noise, and fewer than 6 pairs are too few to tell. Of several metrics the first counts.

    Of dollars a run without models has spent none, so it stands everywhere with the best of its end. Seconds are told by
    the times of a run's files, which a copy may lose; a run that was stopped counts its pause. Runs on different traces, or by different metrics, can't be compared.

        $ evo compare quick-penalized-1 quick-penalized-2
        $ evo compare small-1 small-2 large-1 large-2 --by generations
        $ evo compare asked-1 offline-1 --by dollars --plot best.svg
    """
    from evo.bench.comparing import compared

    if plot is not None:
        from evo.cli.plots import check_drawable

        check_drawable(plot)
    found = compared([read_run(populations, name) for name in names], by)
    if as_json:
        write_json(_as_json(found))
    else:
        _tell(found)
    if plot is not None:
        _draw(found, plot)
        count = len(found.contests)
        messages().print(f"{plot}: the best so far of {count} {'strategy' if count == 1 else 'strategies'}.")


def verdict(found: Comparison, one: Contest) -> str:
    """What may be concluded of a strategy beside the first one, in words."""
    from evo.bench.comparing import NOISE, TELLING

    first = found.contests[0].strategy
    count = f"{one.pairs} {'pair' if one.pairs == 1 else 'pairs'}"
    if one.strategy is first:
        return "what the others are compared with"
    if one.difference is None or one.chance is None:
        return f"no seed in common with {first.name}: nothing to pair"
    if one.chance == 1 and not one.difference:
        return f"as good as {first.name} ({count})"
    if one.pairs < TELLING:
        return f"{count}: too few to tell"
    if one.chance > NOISE:
        return f"within noise: p = {one.chance:.2g} ({count})"
    word = "better" if found.metric.better(one.difference, 0.0) else "worse"
    by = "" if one.percent is None else f" by {abs(one.percent):,.1f} %"
    return f"{word} than {first.name}{by}: p = {one.chance:.2g} ({count})"


def _tell(found: Comparison) -> None:
    console = results()
    console.print(_table(found, console))
    for one in found.contests:
        console.print(f"{one.strategy.name}: {verdict(found, one)}", soft_wrap=True)
    for line in _explanation(found):
        messages().print(line, soft_wrap=True)


def _table(found: Comparison, console: Console) -> Table:
    """A line for each strategy: with its course and the marks on the way as far as there is room."""
    from evo.cli.bench_table import fitting, shades

    points = [found.budget * step / _POINTS for step in range(1, _POINTS + 1)]
    lines = [_medians(one.strategy, points) for one in found.contests]
    marks = list(found.contests[0].marks)
    narrow = _rows(found, marks[-1:], [])
    return fitting(console, _rows(found, marks, shades(lines)), _rows(found, marks, []), narrow)


def _rows(found: Comparison, marks: Sequence[float], courses: Sequence[str]) -> Table:
    from evo.cli.bench_table import between

    first = f"vs {found.contests[0].strategy.name}"
    bound = ["vs bound"] * (found.bound is not None)
    looks = [f"at {_amount(mark, found.axis)}" for mark in marks]
    heads = ("runs", *looks, "quartiles", *bound, first, "won", "p")
    rows = table("strategy", *heads, *["course"] * bool(courses), right=heads)
    for one, course in itertools.zip_longest(found.contests, courses):
        told = one.difference is not None and one.chance is not None
        rows.add_row(
            one.strategy.name,
            str(len(one.strategy.courses)),
            *(number(one.marks[mark].median) for mark in marks),
            between(one.marks[marks[-1]]),
            *[times(one.optimality)] * len(bound),
            _signed(one.difference),
            f"{one.won}/{one.pairs}" if told else NOTHING,
            NOTHING if one.chance is None else f"{one.chance:.3f}",
            *[course] * bool(courses),
        )
    return rows


def _explanation(found: Comparison) -> Iterator[str]:
    """How the table is to be read, and what each strategy is."""
    metric, first = found.metric, found.contests[0].strategy
    better = "higher" if metric.higher_is_better else "lower"
    yield (
        f"Medians of the best so far in {metric.unit}, {better} is better, up to {_amount(found.budget, found.axis)} "
        f"{found.axis.value}, which all runs have{' that cost anything' * (found.axis is Axis.DOLLARS)}. vs {first.name}: "
        "mean difference there, seed by seed; won: pairs in which it is better; p: two-sided sign-flip test."
    )
    if found.bound is not None:
        yield bounded(found.bound, metric)
    for one in found.contests:
        changes = " ".join(f"{key}={value}" for key, value in one.strategy.changes.items())
        names = ", ".join(course.name for course in one.strategy.courses)
        yield f"{one.strategy.name}: {names}{'; ' * bool(changes)}{changes}"


def _draw(found: Comparison, path: Path) -> None:
    from evo.cli.plots import draw_lines, drawing, save

    figure = drawing()
    axes = figure.subplots()
    draw_lines(axes, [_line(one.strategy, found.budget) for one in found.contests])
    axes.set_xlabel(found.axis.value)
    axes.set_ylabel(f"best so far: {found.metric.head}")
    save(figure, path)


def _line(strategy: Strategy, budget: float) -> Line:
    """The course of a strategy wherever one of its runs came by something, up to the budget."""
    from evo.bench.measures import quartiles
    from evo.cli.plots import Line

    inside = {spent for course in strategy.courses for spent in course.spent if spent < budget}
    places = sorted({*inside, budget})
    found = [quartiles([course.at(place) for course in strategy.courses]) for place in places]
    low, middle, high = zip(*found, strict=True)
    return Line(strategy.name, places, middle, low, high)


def _as_json(found: Comparison) -> dict[str, Any]:
    return {
        "metric": found.metric.value,
        "by": found.axis.value,
        "budget": found.budget,
        "bound": found.bound,
        "strategies": [
            {
                "strategy": one.strategy.name,
                "changes": dict(one.strategy.changes),
                "at": {_amount(mark, found.axis): values._asdict() for mark, values in one.marks.items()},
                "optimality": one.optimality,
                "pairs": one.pairs,
                "difference": one.difference,
                "percent": one.percent,
                "won": one.won,
                "p": one.chance,
                "verdict": verdict(found, one),
                "runs": [
                    {
                        "run": each.name,
                        "seed": each.seed,
                        "best": each.at(found.budget),
                        "total": each.total,
                    }
                    for each in one.strategy.courses
                ],
            }
            for one in found.contests
        ],
    }


def _medians(strategy: Strategy, points: Sequence[float]) -> list[float]:
    from evo.bench.measures import quartiles

    return [quartiles([course.at(point) for course in strategy.courses]).median for point in points]


def _amount(amount: float, axis: Axis) -> str:
    if axis is Axis.DOLLARS:
        return money(Decimal(str(amount)))
    if axis is Axis.SECONDS:
        return number(amount)
    return f"{amount:g}"


def _signed(difference: float | None) -> str:
    return NOTHING if difference is None else f"{'+' * (difference > 0)}{number(difference)}"
