"""The bill of whole runs, by each service in its own words and at its own prices: what was saved is what was charged."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import evo
from evo.consulting import Calling
from tests.benchmarks.faults import LONGEST, NAMES, SERVICES, charged, counted, measured
from tests.consulted import Neighbour, answers, asking, cost
from tests.llm.server import Say, Server


def neighbour(number: int, body: dict[str, Any]) -> Say:
    """A model that thinks before it answers, and a fifth of whose answers are no policy, in any protocol."""
    said = Neighbour(nonsense=0.2)(number, {"messages": body.get("messages") or body["input"]})
    return replace(said, thoughts=f"What shall I change? {number}")


@pytest.mark.parametrize("service", SERVICES)
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
        counted(bill) for bill in server.billed
    )
    assert all(use.reasoning > 0 for use in usages) is (service != "compatible")
    assert cost(saved) == sum(map(charged, server.billed), Decimal(0)) > 0
    _, _, read, written = zip(*map(counted, server.billed), strict=True)
    assert [count > 0 for count in read] == [service in NAMES and place > 0 for place in range(len(read))]
    assert [count > 0 for count in written] == [
        service in NAMES and place == 0 for place in range(len(written))
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_is_lost_among_faults(tiny: Path, tmp_path: Path, service: str) -> None:
    """Broken code, and calls that fail in all manners: each number is an individual or skipped for a reason, each token booked."""
    row = measured(service, 30, tmp_path, str(tiny))
    assert row.sound, row
    assert row.individuals + sum(row.skipped.values()) == row.children
    assert row.calls > row.answers >= row.individuals > 20
    assert {"429", "reset", "error after text"} <= set(row.met)
    assert row.longest == pytest.approx(LONGEST)
