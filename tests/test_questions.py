"""What is asked of models: hints that brought more are drawn more often, by what a child's parents could know."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evo.answers import Answers
from evo.breeding import Birth
from evo.config import RunConfig
from evo.credit import HINT
from evo.evaluation.suites import quick
from evo.metric import Metric
from evo.population import Fitness, Individual, Lineage, Policy, Population
from evo.questions import Interview
from evo.records import RunState
from evo.shipped import markdown
from evo.variation.prompts import Prompts


def child(number: int, generation: int, value: float, hint: str = "") -> Individual:
    """An individual, a child of the first if it was asked for with a hint."""
    lineage = Lineage("mutation", ("0",) if hint else (), kinds=(HINT + hint,) if hint else ())
    policy = Policy("", str(number), "k")
    return Individual(number, generation, policy, lineage, Fitness(Metric.LATENCY, value, ()))


@pytest.fixture
def state() -> RunState:
    """A run in whose first generation one hint halved the latency, and the others did nothing."""
    run = RunState(lambda _: "")
    born = [child(0, 0, 100.0), child(1, 1, 50.0, "explore"), child(2, 1, 100.0, "refine")]
    run.individuals = {one.number: one for one in born}
    return run


def drawn(state: RunState, folder: Path, config: RunConfig, generation: int) -> Counter[str]:
    """How often each hint is drawn for children of a generation."""
    interview = Interview(Prompts.load(markdown()), quick(), config, state, Answers(folder))
    living = tuple(one for one in state.individuals.values() if one.generation < generation)
    birth = Birth(9, generation, Population(generation - 1, living))
    rng = np.random.default_rng(1)
    return Counter(interview.hint(birth, rng, "mutation") for _ in range(600))


def test_a_hint_that_brought_something_is_drawn_more_often(state: RunState, tmp_path: Path) -> None:
    """The others keep some of their chances; in the first generation nobody knows yet what will come of it."""
    told = drawn(state, tmp_path, RunConfig(), 2)
    assert told["explore"] > 1.2 * told["refine"] > 0
    assert told["simplify"] > 0
    first = drawn(state, tmp_path, RunConfig(), 1)
    assert max(first.values()) < 1.2 * min(first.values())


def test_without_adaptation_all_are_alike(state: RunState, tmp_path: Path) -> None:
    """Whatever a hint brought, it is drawn as often as the others; each draw takes one number of the stream."""
    told = drawn(state, tmp_path, RunConfig(adaptation=False), 2)
    assert max(told.values()) < 1.2 * min(told.values())
    interview = Interview(
        Prompts.load(markdown()), quick(), RunConfig(adaptation=False), state, Answers(tmp_path)
    )
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    birth = Birth(9, 2, Population(1, ()))
    assert interview.hint(birth, one, "crossover") == "combine"
    interview.hint(birth, other, "chat")
    assert one.random() == other.random()
