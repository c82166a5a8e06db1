"""Running policies on traces, in the cage, and on the same traces disturbed; results come in a fixed order.

Knows nothing of what is concluded from them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from evo.cage import Limits
from evo.evaluation.cache import Cache, Outcome
from evo.evaluation.classes import NAMES
from evo.evaluation.evaluator import Evaluator, default_workers
from evo.evaluation.suites import Suite
from evo.evaluation.trial import Trial
from evo.evaluation.worker import measure_on
from evo.evaluation.workers import pooled
from evo.metric import CLASSES, Metric, Metrics
from evo.population import Failure, Fitness, Policy
from evo.validation.perturbations import Perturbation


@dataclass(frozen=True, slots=True)
class Means:
    """With what policies are run: the limits of the cage, so many workers, and what is known already."""

    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    cache: Cache = field(default_factory=Cache)


@dataclass(frozen=True, slots=True)
class Disturbed:
    """What a policy, and another beside it, come to under other circumstances."""

    perturbation: Perturbation
    outcome: Fitness | Failure
    other: Fitness | Failure


def outcomes(
    policies: Sequence[Policy], suite: Suite, metrics: Metrics, means: Means
) -> Iterator[Fitness | Failure]:
    """What each policy comes to on the suite's train traces, in order; each score says why it is what it is."""
    with Evaluator(suite, metrics, means.limits, means.workers, means.cache, insight=True) as evaluator:
        yield from evaluator.evaluate(policies)


def disturbed(
    pair: tuple[Policy, Policy], disturbances: Sequence[Perturbation], metric: Metric, means: Means
) -> Iterator[Disturbed]:
    """What a policy and another come to under each of these disturbances, all in the same engine processes."""
    if not disturbances:
        return
    with pooled(means.workers or default_workers(), disturbances[0].suite, means.limits) as pool:
        runs = [
            [[pool.submit(measure_on, policy, alone) for alone in _alone(one.suite)] for policy in pair]
            for one in disturbances
        ]
        for one, (mine, others) in zip(disturbances, runs, strict=True):
            first, other = (
                _outcome(policy, metric, one.suite, [future.result() for future in futures])
                for policy, futures in zip(pair, (mine, others), strict=True)
            )
            yield Disturbed(one, first, other)


def _alone(suite: Suite) -> list[Suite]:
    """Each trace on its own."""
    return [Suite(trace.name, suite.parameters, (trace,)) for trace in suite.traces]


def _outcome(policy: Policy, metric: Metric, suite: Suite, outcomes: Sequence[Outcome]) -> Fitness | Failure:
    found = Trial(policy, metric, [trace.name for trace in suite.traces], outcomes).outcome
    assert isinstance(found, Fitness | Failure), "nothing is asked of it"
    return found


def reads_estimates(policy: Policy) -> bool:
    """Whether a policy asks what an operator is estimated to need."""
    return any(
        (isinstance(node, ast.Attribute) and node.attr == "estimate")
        or (isinstance(node, ast.Constant) and node.value == "estimate")
        for node in ast.walk(ast.parse(policy.source))
    )


def with_tails(metrics: Sequence[Metric], suite: Suite) -> tuple[Metric, ...]:
    """These metrics, and the 99th percentile of every class that arrives on each of the suite's train traces."""
    parameters, always = suite.parameters, set(CLASSES)
    for trace in suite.traces:
        schedule = trace.schedule(parameters.ticks_per_second, parameters.max_ticks)
        always &= {NAMES[spec.priority] for _, specs in schedule for spec in specs}
    tails = (Metric(f"{name}-p99") for name in CLASSES if name in always)
    return tuple(dict.fromkeys((*metrics, *tails)))
