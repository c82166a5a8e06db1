"""What `evo explain` found, in tables and sentences and as JSON.

Knows results, and nothing of how they came about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from evo.cli.console import cut, number, one_line, results, table
from evo.cli.subject import Case
from evo.cli.words import failure, fitness_json, improvement, measure, named, percent
from evo.explain.decisions import Container, Decision, Divergence
from evo.explain.effects import Effect, dearest, failed, needless
from evo.explain.perturbations import Part
from evo.explain.shrinking import Shrunk
from evo.metric import CLASSES, Metric, each
from evo.population import Failure, Fitness, TraceScore
from evo.shipped import BEST_KNOWN

SHOWN = 3
"""Containers of one decision that are told one by one."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: the effects of changes, how many more there would be, and by rival where decisions part."""

    fitness: Fitness
    effects: list[Effect]
    left_out: int
    divergences: dict[str, list[Divergence]]


def tell(case: Case, found: Findings, top: int) -> None:
    """The table of what costs most, then what costs nothing, and where decisions part."""
    console = results()
    reached = ", ".join(measure(value, metric) for metric, value in found.fitness.values.items())
    console.print(
        f"{case.title}: {named(case.metrics)} {reached} on {case.suite.name}. "
        f"Tried alone, each: {_changes(len(found.effects))}.",
        soft_wrap=True,
    )
    scored = dearest(found.effects)
    worse = [effect for effect in scored if (effect.loss or 0.0) >= 0]
    if worse:
        console.print(_table(found.fitness, worse[:top]))
    for line in (*_sentences(found, scored, top), *_partings(case, found)):
        console.print(line, soft_wrap=True)


def _table(before: Fitness, rows: Sequence[Effect]) -> Any:
    heads = [metric.head for metric in before.values]
    numbers = ("line", *heads, "vs now")
    made = table("line", "code", "change", *heads, "vs now", right=numbers)
    for effect in rows:
        assert isinstance(effect.outcome, Fitness)
        one = effect.perturbation
        values = map(number, effect.outcome.values.values())
        gain = improvement(effect.outcome.value, before.value, before.metric)
        made.add_row(
            str(one.line), cut(one_line(one.code)), cut(one_line(one.change)), *values, percent(gain)
        )
    return made


def _sentences(found: Findings, scored: Sequence[Effect], top: int) -> Iterator[str]:
    """What the table doesn't show: what is free, what must stay, what would be better, and what was left out."""
    better = [effect for effect in scored if (effect.loss or 0.0) < 0]
    hidden = len(scored) - len(better) - top
    if hidden > 0:
        yield f"{_changes(hidden, 'more ')} of less cost; --top {top + hidden} shows them."
    if better:
        yield f"Better on these traces after {_changes(len(better))}, most of all after {_told(better[-1])}."
    free, statements = needless(found.effects)
    if statements:
        lines = f": {_lines(free)}" if free else ""
        yield f"{len(free)} of {statements} statements can go without any effect{lines}."
    others = [effect for effect in found.effects if effect.perturbation.part is not Part.STATEMENT]
    if others:
        same = sum(effect.free for effect in others)
        yield f"{same} of {len(others)} changes of numbers, conditions and branches have no effect either."
    by_kind: dict[str, list[Effect]] = defaultdict(list)
    for effect in failed(found.effects):
        assert isinstance(effect.outcome, Failure)
        by_kind[effect.outcome.kind.value].append(effect)
    for kind, those in sorted(by_kind.items(), key=lambda item: (-len(item[1]), item[0])):
        yield f"No score ({kind}) after {_changes(len(those))}: {_lines(those)}."
    if found.left_out:
        yield (
            f"Not tried: {_changes(found.left_out)}; "
            f"--most {len(found.effects) + found.left_out} tries all of them."
        )


def _changes(count: int, which: str = "") -> str:
    return f"{count} {which}change{'' if count == 1 else 's'}"


def _told(effect: Effect) -> str:
    one = effect.perturbation
    assert isinstance(effect.outcome, Fitness)
    value = measure(effect.outcome.value, effect.outcome.metric)
    return one_line(f"`{one.code}` {one.change} (line {one.line}): {value}")


def _lines(those: Iterable[Effect]) -> str:
    """The lines in words, runs of them as ranges."""
    numbers = sorted({effect.perturbation.line for effect in those})
    spans = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        first, *others = [line for _, line in run]
        spans.append(f"{first}-{others[-1]}" if others else str(first))
    return f"{'line' if len(numbers) == 1 else 'lines'} {', '.join(spans)}"


def _partings(case: Case, found: Findings) -> Iterator[str]:
    for name, divergences in found.divergences.items():
        yield ""
        yield f"First decisions unlike those of {name if name == BEST_KNOWN else f'its parent {name}'}:"
        for one in divergences:
            yield from _parting(case, name, one)


def _parting(case: Case, name: str, one: Divergence) -> Iterator[str]:
    if one.seconds is None:
        yield f"  {one.trace}: none, both do the same throughout"
        return
    before = _standing({word: pair for word, pair in one.before.items() if pair[1]})
    yield f"  {one.trace}: at {one.seconds:g} s, with {before or 'nothing'} completed of what had arrived"
    metric, width = each(case.metrics)[0], max(len(case.short), len(name))
    sides = ((case.short, one.ours, one.our_end), (name, one.theirs, one.their_end))
    for who, decision, _ in sides:
        yield f"    {who:>{width}}: {one_line(_decided(decision))}"
    for who, _, end in sides:
        yield f"    {who:>{width}} in the end: {one_line(_ending(end, metric))}"


def _standing(classes: dict[str, tuple[int, int]]) -> str:
    return ", ".join(f"{name} {done}/{arrived}" for name, (done, arrived) in classes.items())


def _decided(decision: Decision) -> str:
    said = [
        f"{verb} {_containers(containers)}"
        for verb, containers in (("starts", decision.started), ("suspends", decision.suspended))
        if containers
    ]
    return " and ".join(said) or "does nothing of the kind"


def _containers(containers: Sequence[Container]) -> str:
    more = len(containers) - SHOWN
    said = ", ".join(_container(one) for one in containers[:SHOWN])
    return f"{said} and {more} more" if more > 0 else said


def _container(one: Container) -> str:
    places = "+".join(str(place + 1) for place in one.operators)
    return (
        f"{one.pipeline} ({one.whose}, operator {places} of {one.among}) on {one.cpu:g} CPUs and {one.ram:g} GB "
        f"in pool {one.pool}"
    )


def _ending(end: TraceScore | Failure, metric: Metric) -> str:
    if isinstance(end, Failure):
        return failure(end)
    classes = {name: getattr(end, name) for name in CLASSES if getattr(end, name)[1]}
    return f"{measure(end.value, metric)}, {_standing(classes)}"


def findings_json(case: Case, found: Findings) -> dict[str, Any]:
    """All that was found."""
    return {
        **_case_json(case),
        "fitness": fitness_json(found.fitness),
        "changes": [_effect_json(effect, found.fitness) for effect in found.effects],
        "left_out": found.left_out,
        "decisions": {
            name: [_divergence_json(one) for one in divergences]
            for name, divergences in found.divergences.items()
        },
    }


def shrunk_json(case: Case, first: Shrunk, last: Shrunk, text: str) -> dict[str, Any]:
    """The shortest program and what is known of it."""
    return {
        **_case_json(case),
        "before": {"lines": first.lines, "fitness": fitness_json(first.fitness)},
        "after": {"hash": last.policy.hash, "lines": last.lines, "fitness": fitness_json(last.fitness)},
        "scored": last.scored,
        "source": text,
    }


def _case_json(case: Case) -> dict[str, Any]:
    return {"policy": case.title, "hash": case.policy.hash, "suite": case.suite.name}


def _effect_json(effect: Effect, before: Fitness) -> dict[str, Any]:
    one, outcome = effect.perturbation, effect.outcome
    fitness = outcome if isinstance(outcome, Fitness) else None
    return {
        "part": one.part.value,
        "line": one.line,
        "code": one.code,
        "change": one.change,
        "hash": one.policy.hash,
        "fitness": fitness and fitness_json(fitness),
        "failure": _failure_json(outcome),
        "loss": effect.loss,
        "gain_percent": fitness and improvement(fitness.value, before.value, before.metric),
        "free": effect.free,
    }


def _divergence_json(one: Divergence) -> dict[str, Any]:
    return {
        "trace": one.trace,
        "tick": one.tick,
        "seconds": one.seconds,
        "before": {name: list(pair) for name, pair in one.before.items()},
        "ours": _side_json(one.ours, one.our_end),
        "theirs": _side_json(one.theirs, one.their_end),
    }


def _side_json(decision: Decision, end: TraceScore | Failure) -> dict[str, Any]:
    score = end if isinstance(end, TraceScore) else None
    return {
        "started": [_container_json(container) for container in decision.started],
        "suspended": [_container_json(container) for container in decision.suspended],
        "value": score and score.value,
        "completions": score and {name: list(getattr(score, name)) for name in CLASSES},
        "failure": _failure_json(end),
    }


def _failure_json(outcome: object) -> dict[str, Any] | None:
    return {"kind": outcome.kind.value, "message": outcome.message} if isinstance(outcome, Failure) else None


def _container_json(one: Container) -> dict[str, Any]:
    return {
        "pipeline": one.pipeline,
        "class": one.whose,
        "operators": list(one.operators),
        "of": one.among,
        "cpu": one.cpu,
        "ram": one.ram,
        "pool": one.pool,
    }
