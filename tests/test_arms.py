"""Which model is asked: by weight, and with a bandit by what each has brought for what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import msgspec
import numpy as np
import pytest

from evo.answers import Answers, SavedAnswer
from evo.arms import Arms
from evo.breeding import Birth
from evo.llm import Answer, Usage
from evo.llm.models import parse_models
from evo.metric import Metric
from evo.population import Fitness, Individual, Lineage, Policy, Population, Reached, TraceScore
from evo.records import RunState

MODELS = parse_models(["openai:one", "openai:two"])


def born(number: int, generation: int, value: float, model: str = "", parent: str = "0") -> Individual:
    """A child of that value."""
    fitness = Fitness(Metric.LATENCY, value, (TraceScore("t", value, (1, 1), (1, 1), (1, 1)),))
    parents = (parent,) if model else ()
    return Individual(
        number, generation, Policy("", str(number), "k"), Lineage("m", parents, "", model), fitness
    )


def arms(
    folder: Path,
    prices: Mapping[str, str | None],
    children: list[Individual],
    *,
    adaptive: bool = True,
    seconds: Mapping[str, float] | None = None,
) -> Arms:
    """Arms after one answer of each model, at that price, for each of its children."""
    state = RunState(lambda _: "")
    state.individuals = {one.number: one for one in [born(0, 0, 100.0), *children]}
    folder.mkdir(exist_ok=True)
    answers = Answers(folder)
    for number, one in enumerate(children):
        price = prices[one.lineage.model]
        answers.save(
            SavedAnswer(
                number=number,
                generation=one.generation,
                step=0,
                purpose="mutation",
                model=one.lineage.model,
                question=f"{number:064}",
                price=None if price is None else Decimal(price),
                answer=Answer(
                    model="x",
                    usage=Usage(input=1000, output=100 if price else 1000),
                    seconds=seconds.get(one.lineage.model, 0.0) if seconds else 0.0,
                ),
            )
        )
    return Arms(MODELS, state, answers, adaptive=adaptive)


CHILDREN = [
    born(1, 1, 80.0, "openai:one"),
    born(2, 1, 120.0, "openai:two"),
    born(3, 1, 90.0, "openai:one"),
    born(4, 1, 100.0, "openai:two"),
]


def test_whoever_brings_more_is_asked_more(tmp_path: Path) -> None:
    """At one price the model whose children are better gets most calls, the other still some; by weight alone even."""
    known = arms(tmp_path, {"openai:one": "0.1", "openai:two": "0.1"}, CHILDREN)
    first, second = known.weights(1)
    assert first + second == pytest.approx(1)
    assert first > 0.7
    assert second > 0.04
    assert arms(
        tmp_path, dict.fromkeys(["openai:one", "openai:two"], "0.1"), CHILDREN, adaptive=False
    ).weights(1) == (0.5, 0.5)


def test_a_dear_one_must_bring_more(tmp_path: Path) -> None:
    """Improvement is weighed against dollars, against tokens where a price is unknown."""
    even = [born(1, 1, 80.0, "openai:one"), born(2, 1, 80.0, "openai:two")]
    first, second = arms(tmp_path / "dear", {"openai:one": "1.0", "openai:two": "0.1"}, even).weights(1)
    assert first < 0.4 < second
    first, second = arms(tmp_path / "unknown", {"openai:one": "1.0", "openai:two": None}, even).weights(1)
    assert first > second


def test_what_is_free_is_weighed_by_time(tmp_path: Path) -> None:
    """Where nothing costs anything, as on a machine of one's own, the quicker of two equals is asked more."""
    even = [born(1, 1, 80.0, "openai:one"), born(2, 1, 80.0, "openai:two")]
    for name, price in (("free", "0"), ("unknown", None)):
        prices = dict.fromkeys(("openai:one", "openai:two"), price)
        seconds = {"openai:one": 60.0, "openai:two": 5.0}
        first, second = arms(tmp_path / name, prices, even, seconds=seconds).weights(1)
        assert first < 0.4 < second


def test_only_what_the_parents_could_know_counts(tmp_path: Path) -> None:
    """What later generations brought changes nothing, so a run that is resumed chooses as it did."""
    prices = {"openai:one": "0.1", "openai:two": "0.1"}
    later = [*CHILDREN, born(5, 2, 1.0, "openai:two")]
    before = arms(tmp_path / "before", prices, CHILDREN)
    after = arms(tmp_path / "after", prices, later)
    assert before.weights(1) == after.weights(1) != after.weights(2)
    assert after.weights(0) == (0.5, 0.5)


def test_choices_follow_the_weights(tmp_path: Path) -> None:
    """Drawn many times, each model comes as often as its weight says; the draw takes one number of the stream."""
    known = arms(tmp_path, {"openai:one": "0.1", "openai:two": "0.1"}, CHILDREN)
    birth = Birth(9, 2, Population(1, ()))
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    drawn = Counter(known.model(birth, rng).id for _ in range(2000))
    other.random(2000)
    assert rng.random() == other.random()
    assert drawn["one"] / 2000 == pytest.approx(known.weights(1)[0], abs=0.05)


def test_by_several_metrics_a_gain_is_one_in_all(tmp_path: Path) -> None:
    """Whose children are better in one metric and worse in another has brought nothing; better in one is enough."""

    def both(child: Individual, throughput: float) -> Individual:
        assert child.fitness is not None
        beside = (Reached(Metric.THROUGHPUT, throughput),)
        return replace(child, outcome=msgspec.structs.replace(child.fitness, beside=beside))

    traded, plain = born(1, 1, 10.0, "openai:one"), born(2, 1, 100.0, "openai:two")
    known = arms(tmp_path, dict.fromkeys(["openai:one", "openai:two"], "0.1"), [traded, plain])
    known._state.individuals = {
        0: both(born(0, 0, 100.0), 2.0),
        1: both(traded, 1.9),
        2: both(plain, 4.0),
    }
    first, second = known.weights(1)
    assert first < second
