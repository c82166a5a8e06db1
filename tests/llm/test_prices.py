"""Prices: equal to what one computes by hand from the services' lists, unknown where nobody knows, never too low a bound."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import NoReturn

import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import InputError
from evo.llm.exchange import Usage
from evo.llm.models import Model, parse_model
from evo.llm.prices import FRAME, demand, per_million, priced, worst

MILLION = 1_000_000
OWN = parse_model("http://localhost:8000/v1#m")


@pytest.mark.parametrize(
    ("spec", "usage", "price"),
    [
        # 4 in, 20 out
        ("claude-opus-5-5", Usage(input=12_000, output=3_000), "0.108"),
        # of 10,000 in: 7,000 read at 0.2, 2,000 written at 5, 1,000 at 4; reasoning is output, at 20
        ("claude-opus-5-5", Usage(10_000, 500, cached=7_000, written=2_000, reasoning=400), "0.0254"),
        # up to 100,000 in: 0.1 and 0.5; one more, and all cost five times as much
        ("claude-haiku-5-5", Usage(input=100_000, output=1_000), "0.0105"),
        ("claude-haiku-5-5", Usage(input=100_001, output=1_000), "0.0525005"),
        # 2 in, 0.1 read, 10 out
        ("gpt-6.1-sol", Usage(input=8_000, output=2_000, cached=6_000, reasoning=1_500), "0.0246"),
        # 2 in, 2.5 written, 10 out; beyond 272,000 in: 4, 5, 15
        ("gpt-6-sol", Usage(input=5_000, output=100, written=4_000), "0.013"),
        ("gpt-6-sol", Usage(input=300_000, output=1_000), "1.215"),
        ("gpt-6-luna", Usage(), "0"),
    ],
)
def test_a_price_is_what_one_computes_by_hand(spec: str, usage: Usage, price: str) -> None:
    """Caches, reasoning and long prompts are billed as the service's list says."""
    assert priced(parse_model(spec), usage, {}) == Decimal(price)


def test_rates_are_told_per_million() -> None:
    """The rates of a short prompt are those of the list, also where longer ones cost more."""
    assert per_million(parse_model("claude-haiku-5-5"), {}) == (Decimal("0.1"), Decimal("0.5"))
    assert per_million(parse_model("gpt-6-astra"), {}) == (Decimal(10), Decimal(50))


@pytest.mark.parametrize("model", [Model("openai", "gpt-6.2-sol"), Model("anthropic", "claude-nobody-9"), Model("openai", "whisper-1"), OWN])  # fmt: skip
def test_an_unknown_price_is_no_price(model: Model) -> None:
    """A model without a price by the token isn't free: everything about its price is unknown, until it is given."""
    usage = Usage(input=1_000, output=2_000)
    assert per_million(model, {}) is None
    assert priced(model, usage, {}) is None
    assert worst(model, 1_000, 2_000, {}) is None
    given = {model.name: (3.0, 0.1)}
    assert per_million(model, given) == (Decimal(3), Decimal("0.1"))
    assert priced(model, usage, given) == Decimal("0.0032")
    assert worst(model, 1_000, 2_000, given) == Decimal("0.0032") + 3 * Decimal(FRAME) / MILLION


def test_a_server_of_ones_own_may_be_free() -> None:
    """Zero is a price if it is given."""
    assert priced(OWN, Usage(input=10, output=10), {OWN.name: (0.0, 0.0)}) == 0
    assert priced(OWN, Usage(input=10, output=10), {"m": (0.0, 0.0)}) == 0


def test_a_given_price_stands_above_the_known() -> None:
    """The user's contract counts, by the id, and by the whole name before it; a cache changes nothing in it."""
    model = parse_model("claude-opus-5-5")
    usage = Usage(input=MILLION, output=MILLION, cached=500_000)
    assert priced(model, usage, {"claude-opus-5-5": (1.0, 2.5)}) == Decimal("3.5")
    assert priced(model, usage, {"claude-opus-5-5": (1.0, 2.5), model.name: (0.1, 0.2)}) == Decimal("0.3")


@pytest.mark.parametrize("pair", [(-1.0, 1.0), (1.0, float("nan")), (float("inf"), 1.0)])
def test_a_given_price_must_be_one(pair: tuple[float, float]) -> None:
    """A negative price would fill a budget rather than use it."""
    with pytest.raises(InputError, match=r"price of 'http://localhost:8000/v1#m': must be two numbers"):
        priced(OWN, Usage(), {"m": pair})


def test_a_server_that_cant_count_is_billed_for_the_more() -> None:
    """More tokens in the cache than there were, or fewer than none: the price is still one, and on the safe side."""
    model = parse_model("claude-opus-5-5")
    assert priced(model, Usage(input=10, cached=1_000), {}) == priced(model, Usage(1_000, cached=1_000), {})
    assert priced(model, Usage(input=-5, output=-5, cached=-1, written=-1), {}) == 0


def test_the_worst_case_is_what_one_computes_by_hand() -> None:
    """All is written to the cache for an hour, at the rates of a long prompt where the frame makes it one."""
    assert worst(parse_model("claude-opus-5-5"), 9_500, 2_000, {}) == Decimal("0.12")
    assert worst(parse_model("claude-haiku-5-5"), 99_501, 1_000, {}) == Decimal("0.102501")
    assert worst(parse_model("gpt-6-sol"), 9_500, 1_000, {}) == Decimal("0.035")


KNOWN = [
    Model("anthropic" if provider.id == "anthropic" else "openai", model.id)
    for provider in get_snapshot().providers
    if provider.id in ("anthropic", "openai")
    for model in provider.models
]


@settings(max_examples=60)
@given(st.data())
def test_nothing_costs_more_than_the_worst_case(data: st.DataObject) -> None:
    """For every model with a price, no usage within the bounds is dearer, whatever was cached or written."""
    model = data.draw(st.sampled_from(KNOWN))
    size, tokens = data.draw(st.integers(0, 400_000)), data.draw(st.integers(0, 100_000))
    total = data.draw(st.integers(0, size + FRAME))
    cached = data.draw(st.integers(0, total))
    written = data.draw(st.integers(0, total - cached))
    usage = Usage(total, data.draw(st.integers(0, tokens)), cached, written)
    price, bound = priced(model, usage, {}), worst(model, size, tokens, {})
    assert (price is None) is (bound is None) is (per_million(model, {}) is None)
    assert price is None or bound is None or 0 <= price <= bound


def test_a_budget_demands_all_prices_at_once() -> None:
    """Whoever sets a budget learns before the run which prices to give, and how."""
    demand([parse_model("claude-opus-5-5"), OWN], {"m": (0.0, 0.0)})
    with pytest.raises(InputError) as caught:
        demand([parse_model("claude-opus-5-5"), OWN, parse_model("gpt-6.2-sol")], {})
    assert 'prices = { "http://localhost:8000/v1#m" = [IN, OUT], "openai:gpt-6.2-sol" = [IN, OUT] }' in str(
        caught.value
    )
    assert "opus" not in str(caught.value)


def test_prices_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables came with the library; no name is resolved and no connection opened for them."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert priced(parse_model("gpt-5.6-sol"), Usage(input=1), {}) is not None
    assert priced(parse_model("gpt-0-nobody"), Usage(input=1), {}) is None


@pytest.mark.parametrize("name", ["claude-opus-5-5", "gpt-6-sol"])
def test_a_batch_costs_half(name: str) -> None:
    """What is asked in a batch costs half of what it would alone, and so does the worst; a given price holds as it is."""
    model, usage = parse_model(name), Usage(input=9_000, output=3_000, cached=2_000, written=1_000)
    alone, together = (priced(model, usage, {}, batch=batch) for batch in (False, True))
    assert alone is not None
    assert together == alone / 2
    most, bound = (worst(model, 9_000, 3_000, {}, batch=batch) for batch in (False, True))
    assert most is not None
    assert bound == most / 2
    given = {model.name: (1.0, 2.0)}
    assert priced(model, usage, given, batch=True) == priced(model, usage, given)
