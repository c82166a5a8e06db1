"""What came of `evo validate` as a picture: policies with their traces on the left, disturbances on the right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evo.cli.plots import drawing, save
from evo.cli.validation_words import broken, ratio_of
from evo.population import Fitness
from evo.shipped import BEST_KNOWN
from evo.validation.judging import Standing
from evo.validation.validating import Validation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW = 0.32
"""Inches of a row."""

_WIDE = 10
"""Values further apart are drawn on a scale of logarithms."""


def draw(found: Validation, path: Path) -> None:
    """Write the picture; raises StorageError."""
    there = [one for one in found.judgement.standings if isinstance(one.outcome, Fitness)]
    height = 1.5 + _ROW * max(len(there), len(found.disturbed) + 1)
    if not found.disturbed:
        figure = drawing(8.0, height)
        _policies(figure.subplots(), there, found.judgement.metrics[0].head)
    else:
        figure = drawing(14.0, height)
        left, right = figure.subplots(1, 2)
        _policies(left, there, found.judgement.metrics[0].head)
        _disturbances(right, found)
    save(figure, path)


def _policies(axes: Axes, standings: Sequence[Standing], head: str) -> None:
    """Each policy's value on every trace, and its median with what lies between the ends of its interval."""
    for place, one in enumerate(standings):
        outcome = one.outcome
        assert isinstance(outcome, Fitness)
        values = outcome.on_each_trace()[outcome.metric]
        axes.plot(values, [place] * len(values), "o", color="0.75", markersize=4)
        middle, low, high = one.medians[outcome.metric]
        if low is not None and high is not None:
            axes.plot([low, high], [place, place], color="C0")
        axes.plot([middle], [place], "D", color="C0")
    _named(axes, [one.entrant.name for one in standings])
    shown = [
        value
        for one in standings
        if isinstance(one.outcome, Fitness)
        for value in one.outcome.on_each_trace()[one.outcome.metric]
    ]
    if min(shown, default=0.0) > 0 and max(shown) > _WIDE * min(shown):
        axes.set_xscale("log")
    axes.set_xlabel(f"{head}: traces, median, 95 %")


def _disturbances(axes: Axes, found: Validation) -> None:
    """How many times better the first policy is than its rival, as it is and under each disturbance."""
    mine, others = found.plain
    ratios = [("undisturbed", None if others is None else ratio_of(mine, others), False)]
    for place, one in enumerate(found.disturbed):
        bad = broken(found, place) is not None
        ratios.append((one.perturbation.name, ratio_of(one.outcome, one.other), bad))
    for place, (_, ratio, bad) in enumerate(ratios):
        color = "C3" if bad else "C0"
        if ratio is None:
            axes.text(1.0, place, "failed" if bad else "-", color=color, va="center", ha="center")
        else:
            axes.plot([1.0, ratio], [place, place], color=color)
            axes.plot([ratio], [place], "D", color=color)
    axes.axvline(1.0, color="0.5", linewidth=1)
    _named(axes, [name for name, _, _ in ratios])
    axes.set_xlabel(f"times better than {BEST_KNOWN} (red: breaks)")


def _named(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows, the first at the top; no name is taken for a formula."""
    axes.set_yticks(range(len(names)))
    axes.set_yticklabels(names, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(alpha=0.3)
