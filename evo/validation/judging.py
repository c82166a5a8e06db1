"""What may be concluded of policies that were run on the same traces: pure arithmetic on their scores.

Knows nothing of how they were run, or are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evo.metric import Metric
from evo.overfitting import Both, Gap, gap
from evo.population import Failure, Fitness
from evo.shipped import REFERENCES
from evo.starving import Starved, starved
from evo.validation.entrants import Entrant
from evo.validation.statistics import Interval, Paired, interval, paired
from evo.validation.trying import Disturbed


@dataclass(frozen=True, slots=True)
class Waste:
    """Shares of what containers held: what they needn't have had, and what went to work that a kill undid."""

    needless: float
    lost: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What is concluded of one policy; all but the first two is empty or None where it failed.

    `against` has by name of a stock policy the differences in each metric. `optimality` is by how many times
    it misses what no policy can better (`Metric.gap`). `overfit` is what is lost from the train traces.
    """

    entrant: Entrant
    outcome: Fitness | Failure
    medians: Mapping[Metric, Interval] = field(default_factory=dict)
    against: Mapping[str, Mapping[Metric, Paired]] = field(default_factory=dict)
    starved: tuple[Starved, ...] = ()
    optimality: float | None = None
    overfit: Gap | None = None
    ooms: int | None = None
    cpu: Waste | None = None
    ram: Waste | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """All standings, the first metric's best stock policy, whom gaps are measured by, and the bound; None where there is none."""

    metrics: tuple[Metric, ...]
    standings: tuple[Standing, ...]
    best_stock: str | None
    reference: str | None
    bound: float | None


def judge(
    ran: Sequence[tuple[Entrant, Fitness | Failure]],
    metrics: Sequence[Metric],
    bound: float | None,
) -> Judgement:
    """What the outcomes of these policies come to; no fitness is better than the `bound`, by the first metric."""
    fits = {one.name: outcome for one, outcome in ran if one.role == "stock" and isinstance(outcome, Fitness)}
    best = min(fits, key=lambda name: fits[name].costs[0], default=None)
    others = {name: fits[name] for name in dict.fromkeys((*REFERENCES, best)) if name in fits}
    measured_by = _reference(ran)
    standings = []
    for entrant, outcome in ran:
        if isinstance(outcome, Failure):
            standings.append(Standing(entrant, outcome))
            continue
        cpu, ram = (_waste(outcome, name) for name in ("cpu", "ram"))
        standings.append(
            Standing(
                entrant,
                outcome,
                medians={metric: interval(values) for metric, values in outcome.on_each_trace().items()},
                against=_against(outcome, {k: v for k, v in others.items() if v is not outcome}, metrics),
                starved=starved(outcome, fits),
                optimality=outcome.metric.gap(outcome.value, bound),
                overfit=_overfit(entrant, outcome, measured_by),
                ooms=_ooms(outcome),
                cpu=cpu,
                ram=ram,
            )
        )
    reference = measured_by[0].name if measured_by else None
    return Judgement(tuple(metrics), tuple(standings), best, reference, bound)


def breaks(plain: tuple[Fitness, Fitness], one: Disturbed) -> str | None:
    """Why a policy breaks under a disturbance, or None; `plain` is what it and the other come to without."""
    if isinstance(one.outcome, Failure):
        return "fails"
    if isinstance(one.other, Failure):
        return None
    metric = one.outcome.metric
    was_ahead = metric.better(plain[0].value, plain[1].value)
    return "falls behind" if was_ahead and metric.better(one.other.value, one.outcome.value) else None


def _reference(ran: Sequence[tuple[Entrant, Fitness | Failure]]) -> tuple[Entrant, Fitness] | None:
    """Whom gaps are measured by: of stock policies with a fitness of both kinds the best on the train traces, or a founder."""
    fits = [
        (one, outcome)
        for one, outcome in ran
        if one.train is not None and isinstance(outcome, Fitness) and one.train.metric is outcome.metric
    ]
    stock = [pair for pair in fits if pair[0].role == "stock"] or [
        pair for pair in fits if pair[0].role == "reference"
    ]
    return min(stock, key=lambda pair: pair[0].train.costs if pair[0].train else (), default=None)


def _overfit(entrant: Entrant, outcome: Fitness, by: tuple[Entrant, Fitness] | None) -> Gap | None:
    if by is None or by[0] is entrant or entrant.train is None or by[0].train is None:
        return None
    if entrant.train.metric is not outcome.metric:
        return None
    return gap(Both(entrant.train, outcome), Both(by[0].train, by[1]), seed=0)


def _against(
    outcome: Fitness, others: Mapping[str, Fitness], metrics: Sequence[Metric]
) -> dict[str, dict[Metric, Paired]]:
    mine = outcome.on_each_trace()
    return {
        name: {metric: paired(metric, mine[metric], other.on_each_trace()[metric]) for metric in metrics}
        for name, other in others.items()
    }


def _ooms(outcome: Fitness) -> int | None:
    insights = [score.insight for score in outcome.per_trace]
    return sum(one.ooms for one in insights if one is not None) if all(insights) else None


def _waste(outcome: Fitness, resource: str) -> Waste | None:
    """What became of "cpu" or "ram" over all traces."""
    usages = [getattr(score.insight, resource) for score in outcome.per_trace if score.insight is not None]
    held = sum(one.held for one in usages)
    if not held:
        return None
    return Waste(sum(one.unneeded for one in usages) / held, sum(one.lost for one in usages) / held)


def completed(outcome: Fitness) -> dict[str, float | None]:
    """The share of each class that was completed; None of one that doesn't arrive."""
    return {
        name: done / arrived if arrived else None for name, (done, arrived) in outcome.completions.items()
    }
