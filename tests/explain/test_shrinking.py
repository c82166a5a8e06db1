"""Shrinking: what has no effect goes, what the score needs stays, and nothing is scored twice."""

from __future__ import annotations

from itertools import pairwise

import pytest

from evo.evaluation.evaluator import Evaluator
from evo.explain.shrinking import Shrunk, shrink
from evo.explain.units import code_lines
from evo.metric import Metric
from evo.policy import parse
from evo.population import Fitness, Policy
from tests.evaluation.small import suite
from tests.explain.samples import DEAD, QUERIES_FIRST, SOURCE, policy


def shortest(given: Policy, tolerance: float = 0.0, workers: int = 1) -> tuple[Fitness, list[Shrunk]]:
    """The fitness of a policy, and how it was shrunk."""
    with Evaluator(suite((1,)), Metric.LATENCY, workers=workers) as evaluator:
        (fitness,) = evaluator.evaluate([given])
        assert isinstance(fitness, Fitness)
        return fitness, list(shrink(evaluator, given, fitness, tolerance))


def least() -> str:
    """The policy without what earns nothing: docstrings, an unused setting, and a count that nobody reads."""
    needless = ('"""', "UNUSED", "s.calls", "BODY")
    lines = [line for line in SOURCE.splitlines() if not any(each in line for each in needless)]
    return "\n".join(lines).strip()


@pytest.fixture(scope="module")
def dead() -> tuple[Fitness, list[Shrunk]]:
    """How the policy with dead code in it is shrunk."""
    return shortest(policy(DEAD))


def test_dead_code_goes(dead: tuple[Fitness, list[Shrunk]]) -> None:
    """What has no effect is left out to the last line, docstrings and unused settings too; the fitness is the same."""
    fitness, steps = dead
    last = steps[-1]
    assert last.policy.source.strip() == least()
    assert last.fitness.reached == fitness.reached
    assert (steps[0].lines, last.lines) == (code_lines(policy(DEAD).source), code_lines(least()))
    assert parse(last.policy.source).hash == last.policy.hash


def test_nothing_is_scored_twice(dead: tuple[Fitness, list[Shrunk]]) -> None:
    """The count of programs scored goes up by one at most, and two workers take the same steps as one."""
    _, steps = dead
    assert {after.scored - before.scored for before, after in pairwise(steps)} == {0, 1}
    assert shortest(policy(DEAD), workers=2)[1] == steps


def test_the_result_can_not_be_shrunk(dead: tuple[Fitness, list[Shrunk]]) -> None:
    """Shrinking what was shrunk leaves it as it is."""
    short = dead[1][-1].policy
    assert shortest(short)[1][-1].policy == short


def test_what_earns_the_score_stays() -> None:
    """An order of the queue that betters the score is kept; a tolerance larger than what it earns lets it go."""
    better, steps = shortest(policy(QUERIES_FIRST))
    assert "s.queue.sort" in steps[-1].policy.source
    assert steps[-1].fitness.value <= better.value
    last = shortest(policy(QUERIES_FIRST), tolerance=10.0)[1][-1]
    assert "s.queue.sort" not in last.policy.source
    assert better.value < last.fitness.value <= 11 * better.value
