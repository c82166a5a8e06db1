"""The bill of whole runs, by each service in its own words and at its own prices: what was saved is what was charged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices import extract_usage

import evo
from evo.consulting import Calling
from tests.consulted import PRICE, Neighbour, answers, asking, cost
from tests.llm.server import Bill, Say, Server

NAMES = {"anthropic": "anthropic:claude-sonnet-5-5", "openai": "openai:gpt-6.1-terra"}


def neighbour(number: int, body: dict[str, Any]) -> Say:
    """A model that thinks before it answers, and a fifth of whose answers are no policy, in any protocol."""
    said = Neighbour(nonsense=0.2)(number, {"messages": body.get("messages") or body["input"]})
    return replace(said, thoughts=f"What shall I change? {number}")


def charged(bill: Bill) -> Decimal:
    """What a service charges for an answer by its own count; the price list reads that count itself."""
    if bill.service == "compatible":
        return (Decimal(str(PRICE[0])) * bill.input + Decimal(str(PRICE[1])) * bill.output) / 1_000_000
    sent = {"model": bill.model, "usage": bill.usage}
    flavor = "responses" if bill.service == "openai" else "default"
    read = extract_usage(sent, provider_id=bill.service, api_flavor=flavor)
    return read.calc_price().total_price


def cached(bill: Bill) -> tuple[int, int]:
    """Tokens read from a cache and written to it, by a service's own count."""
    told = bill.usage
    details = told.get("input_tokens_details", {})
    read = told.get("cache_read_input_tokens", details.get("cached_tokens", 0))
    written = told.get("cache_creation_input_tokens", details.get("cache_write_tokens", 0))
    return read, written


@pytest.mark.parametrize("service", ["anthropic", "openai", "compatible"])
def test_what_is_booked_is_what_was_charged(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str
) -> None:
    """Tokens of every kind and dollars are the server's own; all but the first call find the constant part in its cache."""
    with Server(neighbour) as server:
        for variable, value in (
            ("ANTHROPIC_API_KEY", "sk-ant-of-the-test"),
            ("ANTHROPIC_BASE_URL", server.url),
            ("OPENAI_API_KEY", "sk-of-the-test"),
            ("OPENAI_BASE_URL", server.v1),
        ):
            monkeypatch.setenv(variable, value)
        config = asking(server.v1, tiny, **({"models": (NAMES[service],)} if service in NAMES else {}))
        calling = Calling(in_flight=3)
        for _ in evo.evolve(config, name="mine", root=tmp_path, workers=1, calling=calling):
            pass
    saved = answers(tmp_path)
    assert len(saved) == len(server.requests) == len(server.billed) > 12
    usages = [one.answer.usage for one in saved if one.answer.usage is not None]
    assert sorted((use.input, use.output, use.cached, use.written) for use in usages) == sorted(
        (bill.input, bill.output, *cached(bill)) for bill in server.billed
    )
    assert all(use.reasoning > 0 for use in usages) is (service != "compatible")
    assert cost(saved) == sum(map(charged, server.billed), Decimal(0)) > 0
    read, written = zip(*map(cached, server.billed), strict=True)
    assert [count > 0 for count in read] == [service in NAMES and place > 0 for place in range(len(read))]
    assert [count > 0 for count in written] == [
        service in NAMES and place == 0 for place in range(len(written))
    ]
