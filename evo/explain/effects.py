"""What each change of a policy does to its score: the table that says which parts earn it.

Knows how to compare outcomes, and leaves the simulations to an `Evaluator`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evo.evaluation.evaluator import Evaluator
from evo.explain.perturbations import Part, Perturbation
from evo.population import Failure, Fitness


@dataclass(frozen=True, slots=True)
class Effect:
    """What came of one change.

    By `loss` the value of the first metric is worse than before, negative if it is better, None after a failure. It is
    `free` if nothing that is measured changed on any trace.
    """

    perturbation: Perturbation
    outcome: Fitness | Failure
    loss: float | None
    free: bool


def effects(evaluator: Evaluator, before: Fitness, chosen: Sequence[Perturbation]) -> Iterator[Effect]:
    """The effect of each change in order, as soon as it is certain; raises CageError."""
    outcomes = evaluator.evaluate(one.policy for one in chosen)
    for perturbation, outcome in zip(chosen, outcomes, strict=True):
        if isinstance(outcome, Failure):
            yield Effect(perturbation, outcome, None, free=False)
        else:
            loss = before.metric.cost(outcome.value) - before.metric.cost(before.value)
            yield Effect(perturbation, outcome, loss, free=outcome.reached == before.reached)


def dearest(found: Iterable[Effect]) -> list[Effect]:
    """Those that changed something and have a score: what costs most first, what betters it last; by line among equals."""
    scored = [effect for effect in found if effect.loss is not None and not effect.free]
    return sorted(scored, key=lambda effect: (-(effect.loss or 0.0), effect.perturbation.line))


def failed(found: Iterable[Effect]) -> list[Effect]:
    """Those after which there is no score, by line."""
    return [effect for effect in found if isinstance(effect.outcome, Failure)]


def needless(found: Iterable[Effect]) -> tuple[list[Effect], int]:
    """The statements that can go without any effect, by line, and how many were tried."""
    tried = [effect for effect in found if effect.perturbation.part is Part.STATEMENT]
    return [effect for effect in tried if effect.free], len(tried)
