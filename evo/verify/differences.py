"""What a run says of a policy, held against what comes out now: to the last bit, trace by trace.

Pure functions of values. A failure that may be the machine's mood is not judged, and how an error is worded is counted
apart from what happened, since another Python may have other words for it. Knows no file and no process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from evo.evaluation.cache import Outcome, repeatable
from evo.evaluation.metrics import fitness, trace_score
from evo.metric import CLASSES, Metric, Metrics, each
from evo.population import Failure, Fitness, Partial, TraceScore

Saved = Fitness | Partial | Failure
"""What became of a policy, as a run has it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was saved of a subject, an "individual" or a "generation" say, of that number, and what comes out now.

    `trace` is None for what is of no single trace. Values are what JSON can say.
    """

    subject: str
    number: int
    trace: str | None
    what: str
    saved: object
    now: object


@dataclass(slots=True)
class Findings:
    """What was found of one subject; `mood` if it could not be judged, `reworded` if an error has other words now.

    The kind of a failure from a `legacy` record isn't compared: then these were not the list that they are.
    """

    subject: str
    number: int
    legacy: bool = False
    differences: list[Difference] = field(default_factory=list)
    simulations: int = 0
    mood: bool = False
    reworded: bool = False

    def compare(self, what: str, saved: object, now: object, trace: str | None = None) -> None:
        """Note a difference, if it is one."""
        if saved != now:
            self.differences.append(Difference(self.subject, self.number, trace, what, saved, now))


def traces_of(saved: Saved) -> tuple[str, ...]:
    """The names of the traces on which an outcome rests; of a failure it is the one on which it came about."""
    if isinstance(saved, Failure):
        return () if saved.trace is None else (saved.trace,)
    return tuple(score.trace for score in saved.per_trace)


def hold(findings: Findings, metrics: Metrics, saved: Saved, outcomes: Sequence[Outcome]) -> None:
    """Hold what was saved against the outcomes on the traces that it rests on, in their order."""
    names = traces_of(saved)
    findings.simulations = len(outcomes)
    now = [
        outcome if isinstance(outcome, Failure) else trace_score(metrics, name, outcome)
        for name, outcome in zip(names, outcomes, strict=True)
    ]
    if not all(map(repeatable, now)):
        findings.mood = True
    elif isinstance(saved, Failure):
        _hold_failure(findings, saved, now[0])
    else:
        _hold_scores(findings, metrics, saved, now)


def _hold_failure(findings: Findings, saved: Failure, now: TraceScore | Failure) -> None:
    if isinstance(now, TraceScore):
        findings.compare("outcome", _words(saved), now.value, saved.trace)
        return
    for what in ("tick", "line"):
        findings.compare(what, getattr(saved, what), getattr(now, what), saved.trace)
    if not findings.legacy:
        findings.compare("failure", saved.kind.value, now.kind.value, saved.trace)
    findings.reworded = (saved.message, saved.printed) != (now.message, now.printed)


def _hold_scores(
    findings: Findings, metrics: Metrics, saved: Fitness | Partial, now: Sequence[TraceScore | Failure]
) -> None:
    scores = []
    for was, score in zip(saved.per_trace, now, strict=True):
        if isinstance(score, Failure):
            findings.compare("outcome", was.value, _words(score), was.trace)
        else:
            _hold_score(findings, each(metrics), was, score)
            scores.append(score)
    if isinstance(saved, Partial):
        findings.compare("metric", saved.metric.value, each(metrics)[0].value)
    elif len(scores) == len(now):
        again = fitness(metrics, scores)
        findings.compare("metrics", _names(saved), _names(again))
        for metric, value in again.values.items():
            findings.compare(metric.value, saved.values.get(metric), value)


def _hold_score(findings: Findings, metrics: Sequence[Metric], saved: TraceScore, now: TraceScore) -> None:
    values = [(saved.value, *saved.beside), (now.value, *now.beside)]
    if len(values[0]) != len(values[1]):
        findings.compare("metrics", len(values[0]), len(values[1]), saved.trace)
    else:
        for metric, was, value in zip(metrics, *values, strict=True):
            findings.compare(metric.value, was, value, saved.trace)
    for name in CLASSES:
        pair, again = getattr(saved, name), getattr(now, name)
        findings.compare(f"{name} (completed, arrived)", list(pair), list(again), saved.trace)
    for what in ("behaviour", "insight"):
        known, again = getattr(saved, what), getattr(now, what)
        if known is None:
            continue
        for name in known.__struct_fields__:
            was = msgspec.to_builtins(getattr(known, name))
            # A bound is no part of what happened: a later evo may know a better one.
            if was is not None and not name.endswith("_bound"):
                findings.compare(
                    f"{what}: {name}", was, msgspec.to_builtins(getattr(again, name)), saved.trace
                )


def _names(fitness: Fitness) -> list[str]:
    return [metric.value for metric in fitness.values]


def _words(failure: Failure) -> str:
    return f"failed: {failure.kind.value}: {failure.message}"
