"""What parts earn: the number that matters comes first, dead code is free, and workers change nothing."""

from __future__ import annotations

import pytest

from evo.evaluation.evaluator import Evaluator
from evo.explain.effects import Effect, dearest, effects, failed, needless
from evo.explain.perturbations import chosen, perturbations
from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness
from tests.evaluation.small import suite
from tests.explain.samples import DEAD, policy


def found(workers: int, most: int = 1000) -> tuple[Fitness, list[Effect]]:
    """What is found out about the policy with dead code in it."""
    with Evaluator(suite((1,)), Metric.LATENCY, workers=workers) as evaluator:
        (fitness,) = evaluator.evaluate([policy(DEAD)])
        assert isinstance(fitness, Fitness)
        return fitness, list(effects(evaluator, fitness, chosen(perturbations(policy(DEAD)), most)))


@pytest.fixture(scope="module")
def known() -> tuple[Fitness, list[Effect]]:
    """What one worker finds out."""
    return found(1)


def test_the_number_that_matters_comes_first(known: tuple[Fitness, list[Effect]]) -> None:
    """Twice the memory for each container costs most of all that still gets a score."""
    fitness, tried = known
    first = dearest(tried)[0]
    assert (first.perturbation.code, first.perturbation.change) == ("SIZE = 100", "100 → 200")
    assert isinstance(first.outcome, Fitness)
    assert first.loss == first.outcome.value - fitness.value > 0


def test_dead_code_is_free(known: tuple[Fitness, list[Effect]]) -> None:
    """Every statement of the dead code can go, and no other."""
    _, tried = known
    free, statements = needless(tried)
    dead = [number for number, line in enumerate(policy(DEAD).source.splitlines(), 1) if line.strip() in DEAD]
    assert {effect.perturbation.line for effect in free} <= set(dead)
    assert {"s.calls = 1", "s.calls += 1", "s.queue.clear()"} <= {one.perturbation.code for one in free}
    assert statements > len(free) >= 6
    assert all(effect.loss == 0 for effect in free)


def test_what_it_can_not_do_without(known: tuple[Fitness, list[Effect]]) -> None:
    """A change that ends in a failure has no loss, and keeps the reason."""
    _, tried = known
    by_code = {effect.perturbation.code: effect for effect in failed(tried)}
    missing = by_code["s.queue = []"]
    assert missing.loss is None
    assert isinstance(missing.outcome, Failure)
    assert missing.outcome.kind is FailureKind.EXCEPTION
    assert not set(map(id, failed(tried))) & set(map(id, dearest(tried)))


def test_workers_change_nothing() -> None:
    """One worker finds the same, in the same order, as two."""
    assert found(1, most=10) == found(2, most=10)
