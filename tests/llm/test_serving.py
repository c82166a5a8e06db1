"""Each service is spoken to in its own way, at its own place, and with no key but its own."""

from __future__ import annotations

import asyncio

import pytest

from evo.llm.exchange import Answer, Prompt
from evo.llm.keys import Key
from evo.llm.models import parse_model
from evo.llm.serving import provider_of
from evo.llm.settings import Settings
from tests.llm.server import Server

PROMPT = Prompt("You are a poet.", ("One line, please.",))


def asked(spec: str, key: str) -> Answer:
    """The answer of a model, as evo would ask it."""

    async def ask() -> Answer:
        provider = provider_of(
            parse_model(spec), Key(key, "test"), Settings(model="", effort="low", tokens=77)
        )
        try:
            return await provider.complete(PROMPT)
        finally:
            await provider.close()

    return asyncio.run(ask())


def test_each_service_is_asked_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anthropic by Messages, OpenAI by Responses, others by Chat Completions, each with its model, settings and key."""
    with Server() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_BASE_URL", server.v1)
        for spec in ("claude-a", "gpt-b", f"{server.v1}#c:7b"):
            assert asked(spec, f"key-{spec[:3]}").text == "So be it."
    told = [(each.path, each.body["model"], each.headers["authorization"]) for each in server.requests]
    assert told == [
        ("/v1/messages", "claude-a", "Bearer key-cla"),
        ("/v1/responses", "gpt-b", "Bearer key-gpt"),
        ("/v1/chat/completions", "c:7b", "Bearer key-htt"),
    ]
    bodies = [each.body for each in server.requests]
    assert bodies[0]["max_tokens"] == bodies[1]["max_output_tokens"] == bodies[2]["max_tokens"] == 77
    assert bodies[2]["reasoning_effort"] == "low"


def test_a_server_of_ones_own_never_sees_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key and the names of an account at OpenAI stay at home, although the SDK of OpenAI does the asking."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hush-hush")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-hush")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-hush")
    with Server() as server:
        asked(f"{server.v1}#m", "")
    assert "hush" not in str(server.requests)
