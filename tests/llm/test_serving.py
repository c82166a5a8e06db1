"""Each service is spoken to in its own way, at its own place, and with no key but its own."""

from __future__ import annotations

import asyncio

import pytest

from evo.errors import InputError
from evo.llm.batching import Batch
from evo.llm.exchange import Answer, Prompt
from evo.llm.keys import Key
from evo.llm.models import parse_model
from evo.llm.serving import batches_of, provider_of
from evo.llm.settings import Settings
from tests.llm.batching import BatchServer
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


@pytest.mark.parametrize("spec", ["claude-a", "gpt-b"])
def test_batches_are_asked_for_likewise(spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its own place, in its own words and with its own key each service is sent a batch, looked at, and heard."""

    async def work() -> None:
        settings = Settings(model="", effort="low", tokens=77)
        service = batches_of(parse_model(spec), Key("key-own", "test"), settings)
        batch = Batch("name1", spec, ("00001-0-abc",), since=await service.newest())
        sent = Batch("name1", spec, batch.labels, id=await service.send(batch, {batch.labels[0]: PROMPT}))
        assert await service.find(batch, ()) == sent.id
        assert await service.find(batch, {sent.id}) is None
        assert [(await service.look(sent)).ended for _ in range(2)] == [False, True]
        outcomes = await service.outcomes(sent) or {}
        assert isinstance(answer := outcomes["00001-0-abc"], Answer)
        assert answer.text == "So be it."
        await service.close()

    with BatchServer() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_BASE_URL", server.v1)
        asyncio.run(work())
    assert {each.headers["authorization"] for each in server.requests} == {"Bearer key-own"}
    (one,) = server.batches[0].asked
    assert one["custom_id"] == "name1-00001-0-abc"
    if spec == "claude-a":
        assert all("anthropic-version" in each.headers for each in server.requests)
        assert one["params"] | {"messages": 0, "system": 0} == {
            "model": "claude-a",
            "max_tokens": 77,
            "output_config": {"effort": "low"},
            "messages": 0,
            "system": 0,
        }
    else:
        assert (one["method"], one["url"]) == ("POST", "/v1/responses")
        assert one["body"] | {"input": 0, "instructions": 0} == {
            "model": "gpt-b",
            "max_output_tokens": 77,
            "reasoning": {"effort": "low"},
            "store": False,
            "input": 0,
            "instructions": 0,
        }


def test_a_server_of_ones_own_takes_no_batches() -> None:
    """Chat Completions have no batches."""
    with pytest.raises(InputError, match="takes no batches"):
        batches_of(parse_model("http://127.0.0.1:1/v1#m"), Key("", "test"), Settings(model=""))
