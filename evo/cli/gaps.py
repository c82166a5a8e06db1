"""What individuals come to on the selection traces, in words, cells and JSON; and who owes too much to the train traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from evo.cli.console import NOTHING, number
from evo.cli.words import failure, fitness_json
from evo.population import Failure, Fitness, Individual
from evo.saved import Run

MARK = "overfits?"


def selection_cells(run: Run, one: Individual) -> list[str]:
    """The values on the selection traces, one for each metric."""
    selection = run.selections.get(one.number)
    if isinstance(selection, Fitness):
        return [number(value) for value in selection.values.values()]
    word = NOTHING if selection is None else "failed"
    return [word] + [NOTHING] * (len(run.config.metrics) - 1)


def gap_cell(run: Run, one: Individual) -> str:
    """The gap, marked if it is larger than chance among the traces explains."""
    if one == run.reference():
        return "reference"
    gap = run.overfit(one)
    if gap is None:
        return NOTHING
    return f"{gap.percent:+,.1f} %{f' {MARK}' * gap.overfits}"


def tell_gaps(run: Run, best: Sequence[Individual]) -> Iterator[str]:
    """What the gaps among the best mean, in sentences."""
    reference = run.reference()
    gaps = [(one, gap) for one in best if one != reference and (gap := run.overfit(one)) is not None]
    if reference is None or not gaps:
        return
    name = f"{reference.id} ({reference.lineage.detail})"
    yield f"overfit: by how much more a policy loses from the train to the selection traces than {name} does, on the same traces."
    first, its = gaps[0]
    if its.spread is not None:
        yield f"That of {first.id} is {its.percent:+,.1f} %, where the choice of traces alone may make {its.spread:,.1f}."
    marked = [
        f"{one.id} ({gap.percent:+,.1f} %, of which {gap.spread:,.1f} may be)"
        for one, gap in gaps
        if gap.overfits
    ]
    if marked:
        yield (
            f"{MARK} Larger than what the choice of traces may have made of it, with a confidence of 95 %: "
            f"{', '.join(marked)}. Fitness won on the train traces is lost on others."
        )


def selection_json(run: Run, one: Individual) -> dict[str, Any]:
    """What an individual came to on the selection traces, and how much it overfits; nothing for a run that selects nobody."""
    if not run.selections:
        return {}
    selection, gap, reference = run.selections.get(one.number), run.overfit(one), run.reference()
    told = fitness_json(selection) if isinstance(selection, Fitness) else None
    return {
        "selection": {"failure": failure(selection)} if isinstance(selection, Failure) else told,
        "overfit": gap
        and {
            "percent": gap.percent,
            "spread": gap.spread,
            "overfits": gap.overfits,
            "reference": reference and reference.id,
        },
    }
