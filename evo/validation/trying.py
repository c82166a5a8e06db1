"""Running policies on traces, in the cage, and on the same traces disturbed; results come in a fixed order.

Knows nothing of what is concluded from them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from evo.cage import Limits
from evo.evaluation.cache import Cache
from evo.evaluation.evaluator import Evaluator
from evo.evaluation.suites import Suite
from evo.metric import Metric, Metrics
from evo.population import Failure, Fitness, Policy
from evo.validation.perturbations import Perturbation

CLASSES = ("query", "interactive", "batch")


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
    pair: tuple[Policy, Policy], disturbances: Iterable[Perturbation], metric: Metric, means: Means
) -> Iterator[Disturbed]:
    """What a policy and another come to under each of these disturbances."""
    for one in disturbances:
        with Evaluator(one.suite, metric, means.limits, means.workers, means.cache) as evaluator:
            first, other = evaluator.evaluate(pair)
        yield Disturbed(one, first, other)


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
        always &= {spec.priority.name.partition("_")[0].lower() for _, specs in schedule for spec in specs}
    tails = (Metric(f"{name}-p99") for name in CLASSES if name in always)
    return tuple(dict.fromkeys((*metrics, *tails)))
