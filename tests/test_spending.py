"""What answers cost: sums are exact, parts make up the whole, and a price that nobody knows is never taken for nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.answers import SavedAnswer
from evo.config import RunConfig
from evo.llm import Answer, Usage
from evo.llm.exchange import Fault
from evo.metric import Metric
from evo.saved import Run, read_run
from evo.spending import By, Gain, Spent, forecast, gained, spent, split
from tests.cli.family import NAME, found


def answer(
    number: int = 2,
    price: str | None = "0.5",
    purpose: str = "mutation",
    model: str = "openai:m",
    usage: Usage | None = None,
    fault: Fault | None = None,
) -> SavedAnswer:
    """An answer for the child of that number, two of which make a generation."""
    return SavedAnswer(
        number=number,
        generation=number // 2,
        step=0,
        purpose=purpose,
        model=model,
        question="q",
        price=None if price is None else Decimal(price),
        answer=Answer("m", "text", usage, fault),
    )


def saved(root: Path, *, ended: bool = True, **given: object) -> Run:
    """The family's run: children 2 to 5, two in each of two generations, after founders 0 and 1."""
    settings = {"generations": 2, "population": 2, "children": 2, "tournament": 2, "models": ("openai:m",)}
    found(root, ended=ended, config=RunConfig(**(settings | given)))  # type: ignore[arg-type]
    return read_run(root, NAME)


def test_a_bill() -> None:
    """Calls, children, tokens, dollars and faults are counted to the last digit."""
    bill = spent(
        [
            answer(2, "0.1", usage=Usage(1000, 200, cached=250, reasoning=50)),
            answer(2, "0.2", "repair", usage=Usage(1000, 300, cached=500), fault="truncated"),
            answer(3, "0.3", fault="refusal"),
            answer(5, "0", fault="truncated"),
        ]
    )
    assert (bill.calls, bill.children, bill.last) == (4, 3, 5)
    assert (bill.input, bill.output, bill.cached, bill.reasoning) == (2000, 500, 750, 50)
    assert (bill.dollars, bill.at_least, bill.cached_share) == (Decimal("0.6"), False, 0.375)
    assert bill.faults == {"refusal": 1, "truncated": 2}


def test_an_unknown_price_is_not_nothing() -> None:
    """With some prices unknown a sum is the least that was spent; with all unknown there is no sum."""
    assert spent([]).dollars == 0
    some = spent([answer(price="0.5"), answer(price=None)])
    assert (some.dollars, some.unpriced, some.at_least) == (Decimal("0.5"), 1, True)
    assert spent([answer(price=None)]).dollars is None
    assert spent([answer(price="0")]).dollars == 0


def test_parts_have_their_order() -> None:
    """Generations come by number, not by letter; models and purposes by name."""
    bought = [answer(number) for number in (20, 4, 21)] + [answer(4, purpose="crossover", model="a")]
    assert [(part, bill.calls) for part, bill in split(bought, By.GENERATION).items()] == [
        ("2", 2),
        ("10", 2),
    ]
    assert list(split(bought, By.PURPOSE)) == ["crossover", "mutation"]
    assert list(split(bought, By.MODEL)) == ["a", "openai:m"]


@given(
    st.lists(
        st.builds(
            answer,
            number=st.integers(0, 9),
            price=st.sampled_from(["0.000001", "0.1", "3", None]),
            purpose=st.sampled_from(["mutation", "repair"]),
            model=st.sampled_from(["a", "b"]),
            usage=st.none() | st.builds(Usage, st.integers(0, 99), st.integers(0, 99)),
        ),
        max_size=12,
    ),
    st.sampled_from(By),
)
def test_the_parts_make_up_the_whole(bought: list[SavedAnswer], by: By) -> None:
    """However a bill is split, no call, token or cent is lost or counted twice."""
    whole, parts = spent(bought), list(split(bought, by).values())
    for name in ("calls", "input", "output", "known", "unpriced"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


def test_what_was_gained_for_it(tmp_path: Path) -> None:
    """A run that came from 90 s to 60 s for 6 dollars paid 20 cents a second, and 18 for a percent."""
    gain = gained(saved(tmp_path))
    assert gain is not None
    assert (gain.first, gain.best, gain.amount) == (90.0, 60.0, 30.0)
    unit, part = gain.price(spent([answer(price="6")]))
    assert unit == Decimal("0.2")
    assert part == pytest.approx(Decimal("0.18"))
    assert gain.price(spent([answer(price=None)])) == (None, None)


def test_nothing_gained_has_no_price() -> None:
    """Where the best is no better, nothing can be divided by that; more is better where the metric says so."""
    assert Gain(Metric.LATENCY, 50.0, 50.0).price(Spent(calls=1, known=Decimal(1))) == (None, None)
    assert Gain(Metric.THROUGHPUT, 2.0, 3.0).percent == 50.0
    assert Gain(Metric.THROUGHPUT, 0.0, 3.0).percent is None


def test_what_a_run_will_have_cost(tmp_path: Path) -> None:
    """At half a dollar for each child that was asked for, half of what is left will cost as much; an end costs no more."""
    half = saved(tmp_path / "a", ended=False, model_share=0.5, generations=12)
    bill = spent([answer(2), answer(5)])
    assert forecast(half, bill) == Decimal("1.0") + Decimal("0.5") * 20 / 2
    alone = saved(tmp_path / "b", ended=False, model_share=0.5, generations=12, strategy="independent")
    assert forecast(alone, bill) == Decimal("1.0") + Decimal("0.5") * 20
    ahead = spent([answer(2), answer(5), answer(6), answer(7)])
    assert forecast(alone, ahead) == Decimal("2.0") + Decimal("0.5") * 18
    assert forecast(saved(tmp_path / "c"), bill) == Decimal("1.0")
    few = saved(tmp_path / "d", ended=False, strategy="independent", generations=90, evaluations=9)
    assert forecast(few, bill) == Decimal("1.0") + Decimal("0.5") * 3


def test_what_nobody_can_know(tmp_path: Path) -> None:
    """Before the first answer, or without a price, there is no forecast; without models there is nothing to pay."""
    run = saved(tmp_path / "a", ended=False)
    assert forecast(run, spent([])) is None
    assert forecast(run, spent([answer(price=None)])) is None
    assert forecast(saved(tmp_path / "b", ended=False, models=()), spent([])) == 0
