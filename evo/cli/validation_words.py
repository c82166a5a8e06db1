"""What `evo validate` says: tables of how good policies are and how they got there, and what is wrong in sentences.

Knows what came of a validation, and nothing of how.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from evo.cli.bench_table import fitting
from evo.cli.console import NOTHING, number, results, table
from evo.cli.words import bounded, completions, failure, percent, starvation, times
from evo.metric import CLASSES, Metric
from evo.population import Failure, Fitness
from evo.shipped import BEST_KNOWN
from evo.validation.judging import Standing, Waste, breaks
from evo.validation.statistics import FEWEST, Interval, Paired, times_better
from evo.validation.validating import Validation

BREAKS = "breaks"


def tell(found: Validation) -> None:
    """Say all of it."""
    console = results()
    for metric in found.judgement.metrics:
        wide, narrow = (_values(found, metric, full=full) for full in (True, False))
        console.print(fitting(console, wide, narrow, narrow))
    console.print(_manners(found))
    if found.disturbed:
        console.print(_disturbances(found))
    for line in sentences(found):
        console.print(line, soft_wrap=True)


def sentences(found: Validation) -> Iterator[str]:
    """What is wrong with whom, how the tables are to be read, and what the look has cost."""
    for one in found.judgement.standings:
        if isinstance(one.outcome, Failure):
            yield f"{one.entrant.name} {failure(one.outcome)}"
        yield from _faults(one, found.judgement.reference)
    yield from _breaking(found)
    traces = len(found.task.suite.traces)
    over = f"{traces} {'trace' if traces == 1 else 'traces'} ({found.task.suite.name})"
    how = ": too few for intervals" if traces < FEWEST else " with bootstrap intervals of 95 %"
    yield (
        f"Medians over {over}{how}. vs: by how many percent better, paired by trace; p: two-sided sign-flip test."
    )
    if found.judgement.bound is not None:
        yield bounded(found.judgement.bound, found.judgement.metrics[0])
    if found.look is not None:
        yield f"look {found.look.look} at the sealed traces: each look spends some of their worth"


def _faults(one: Standing, reference: str | None) -> Iterator[str]:
    name = one.entrant.name
    if one.entrant.role == "candidate":
        yield from starvation(name, one.starved)
    gap = one.overfit
    if gap is not None and gap.overfits and one.entrant.role == "candidate":
        yield (
            f"{name} overfits: from the train traces to these it loses {gap.percent:,.1f} % more than {reference} does, "
            f"where the choice of traces alone may make {gap.spread:,.1f}"
        )


def _breaking(found: Validation) -> Iterator[str]:
    if not found.disturbed:
        return
    name = found.task.entrants[0].name
    marks = [(one.perturbation.name, broken(found, place)) for place, one in enumerate(found.disturbed)]
    bad = [f"{what} ({mark})" for what, mark in marks if mark]
    if bad:
        yield f"{name} breaks under {'; '.join(bad)}"
    elif isinstance(found.plain[0], Failure):
        yield f"{name} fails as it is, so there is nothing for a disturbance to break"
    else:
        yield f"{name} breaks under none of {len(marks)} disturbances"
    if not found.estimates:
        who = (
            f"{BEST_KNOWN} reads none" if name == BEST_KNOWN else f"neither {name} nor {BEST_KNOWN} reads any"
        )
        yield f"noise in estimates: {who}, so there is nothing to try"


def broken(found: Validation, place: int) -> str | None:
    """Why the first policy breaks under the disturbance at that place, or None."""
    mine, others = found.plain
    one = found.disturbed[place]
    if isinstance(mine, Fitness) and isinstance(others, Fitness):
        return breaks((mine, others), one)
    return "fails" if isinstance(one.outcome, Failure) and isinstance(mine, Fitness) else None


def _values(found: Validation, metric: Metric, *, full: bool) -> Table:
    """What each comes to by a metric; only in `full` with how sure differences are."""
    judgement = found.judgement
    first = metric is judgement.metrics[0]
    against = list(dict.fromkeys(name for one in judgement.standings for name in one.against))
    heads = [metric.head, "95 %"]
    for name in against:
        heads += [f"vs {name}", *["p"] * full]
    heads += ["vs bound", "overfit"] * first
    rows = table("policy", *heads, right=tuple(heads))
    for one in judgement.standings:
        if isinstance(one.outcome, Failure):
            rows.add_row(one.entrant.name, "failed", *[NOTHING] * (len(heads) - 1))
            continue
        cells = [number(one.outcome.values[metric]), _between(one.medians[metric])]
        for name in against:
            cells += _paired(one.against[name][metric] if name in one.against else None, full=full)
        rows.add_row(
            one.entrant.name, *cells, *[times(one.optimality), _overfit(one, judgement.reference)] * first
        )
    return rows


def _manners(found: Validation) -> Table:
    """How they got there."""
    heads = ("q/i/b done %", "q/i/b p99 s", "OOM", "CPU needless", "CPU lost", "RAM needless", "RAM lost")
    rows = table("policy", *heads, right=heads)
    for one in found.judgement.standings:
        if isinstance(one.outcome, Fitness):
            waste = [*_waste(one.cpu), *_waste(one.ram)]
            done = completions(one.outcome)
            rows.add_row(one.entrant.name, done, _tails(one.outcome), _count(one.ooms), *waste)
    return rows


def _disturbances(found: Validation) -> Table:
    metric, name = found.judgement.metrics[0], found.task.entrants[0].name
    heads = (f"{name}: {metric.head}", BEST_KNOWN, "times better")
    rows = table("disturbance", *heads, "", right=heads)
    for words, outcomes, mark in _ratios(found):
        rows.add_row(words, *outcomes, f"{BREAKS}: {mark}" if mark else "")
    return rows


def _ratios(found: Validation) -> Iterator[tuple[str, list[str], str | None]]:
    mine, others = found.plain
    if others is not None:
        yield "none", _side_by_side(mine, others), None
    for place, one in enumerate(found.disturbed):
        yield one.perturbation.name, _side_by_side(one.outcome, one.other), broken(found, place)


def _side_by_side(mine: Fitness | Failure, others: Fitness | Failure) -> list[str]:
    ratio = ratio_of(mine, others)
    values = [number(one.value) if isinstance(one, Fitness) else "failed" for one in (mine, others)]
    return [*values, NOTHING if ratio is None else f"{ratio:.3f}"]


def ratio_of(mine: Fitness | Failure, others: Fitness | Failure) -> float | None:
    """How many times better a policy is than another by the first metric; None where that has no meaning."""
    if isinstance(mine, Failure) or isinstance(others, Failure):
        return None
    return times_better(mine.metric, mine.value, others.value)


def _between(found: Interval) -> str:
    return NOTHING if found.low is None or found.high is None else f"{number(found.low)}…{number(found.high)}"


def _paired(found: Paired | None, *, full: bool) -> list[str]:
    """The cells of a difference: with its interval and p-value, if there is room."""
    if found is None:
        return [NOTHING] * (1 + full)
    middle = low = high = None
    if found.percent is not None:
        middle, low, high = found.percent
    ends = "" if low is None or high is None else f" [{low:+,.1f}, {high:+,.1f}]"
    return [f"{percent(middle)}{ends * full}", *[f"{found.p:.3f}"] * full]


def _overfit(one: Standing, reference: str | None) -> str:
    if one.entrant.name == reference and one.entrant.role != "candidate":
        return "reference"
    if one.overfit is None:
        return NOTHING
    return f"{one.overfit.percent:+,.1f} %{' overfits?' * one.overfit.overfits}"


def _tails(outcome: Fitness) -> str:
    values = [outcome.values.get(Metric(f"{name}-p99")) for name in CLASSES]
    return "/".join(NOTHING if value is None else number(value) for value in values)


def _count(value: int | None) -> str:
    return NOTHING if value is None else str(value)


def _waste(found: Waste | None) -> list[str]:
    return [NOTHING] * 2 if found is None else [f"{share:.0%}" for share in (found.needless, found.lost)]
