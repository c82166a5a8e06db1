"""What compatible servers do, each in its own way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from evo.llm import Usage
from tests.llm.asking import QUESTION, Desk, ask_all
from tests.llm.server import Fail, Raw, Server


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A provider and its server."""
    with Desk("compatible") as desk:
        yield desk


def completion(reason: object = "stop", usage: object = None, **message: object) -> Raw:
    """A completion with this message."""
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant"} | message}
    return Raw(json.dumps({"model": "m-2", "choices": [choice], "usage": usage}).encode())


def test_only_what_every_server_knows_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No newer name for a limit, no cache's key; and nothing of an account at another service."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-1")
    with Server() as server:
        ask_all("compatible", server, [QUESTION], key="", cache_key="run-1")
        (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": "m-1",
        "max_tokens": 16000,
        "messages": [
            {"role": "system", "content": QUESTION.constant},
            {"role": "user", "content": QUESTION.turns[0]},
        ],
    }
    assert request.headers["authorization"] == "Bearer none"
    assert not [name for name in request.headers if name.startswith("openai-")]


def test_thoughts_in_a_field_of_their_own_are_left_out(desk: Desk) -> None:
    """Thoughts within the text stay there; those beside it are no answer."""
    assert desk.answer(completion(content="So be it.", reasoning_content="Hm.")).text == "So be it."
    assert (
        desk.answer(completion(content="<think>Hm.</think>So be it.")).text == "<think>Hm.</think>So be it."
    )
    assert desk.answer(completion(content=None, reasoning_content="Hm.")).fault == "empty"


def test_text_may_come_in_parts(desk: Desk) -> None:
    """Some servers send a list; parts that are no text are left out."""
    parts = [{"type": "text", "text": "So "}, {"type": "image_url"}, 7, "be it."]
    assert desk.answer(completion(content=parts)).text == "So be it."


def test_usage_with_and_without_details(desk: Desk) -> None:
    """Details are taken where a server gives them, but never more than their whole."""
    usage: dict[str, object] = {"prompt_tokens": 50, "completion_tokens": 20}
    assert desk.answer(completion(content="x", usage=usage)).usage == Usage(50, 20)
    usage["prompt_tokens_details"] = {"cached_tokens": 90}
    usage["completion_tokens_details"] = {"reasoning_tokens": 15}
    assert desk.answer(completion(content="x", usage=usage)).usage == Usage(50, 20, cached=50, reasoning=15)


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ("length", "truncated"),
        ("content_filter", "refusal"),
        ("error", "cut"),
        ("tool_calls", None),
        (None, None),
    ],
)
def test_why_an_answer_ended(desk: Desk, reason: str | None, fault: str | None) -> None:
    """The reason decides whether the text is an answer; one that is unknown or missing is no fault."""
    answer = desk.answer(completion(reason, content="So be it."))
    assert (answer.fault, answer.text, answer.model) == (fault, "So be it.", "m-2")


@pytest.mark.parametrize(
    ("error", "final"),
    [
        ({"code": 429, "message": "slow down"}, False),
        ({"code": 502, "message": "upstream"}, False),
        ({"code": 401, "message": "no such user"}, True),
        ({"type": "insufficient_quota"}, True),
    ],
)
def test_an_error_on_a_200(desk: Desk, error: dict[str, object], final: bool) -> None:
    """Proxies send errors as if all were well; those with a known kind are treated as what they are."""
    assert desk.error(Raw(json.dumps({"error": error}).encode())).final == final


def test_errors_in_other_shapes(desk: Desk) -> None:
    """A model still loading is waited for; a model unknown is named."""
    assert not desk.error(Fail(503, "unavailable_error", "Loading model")).final
    assert "knows no model m-1" in str(desk.error(Fail(404, page="404 page not found")))


@pytest.mark.parametrize("choices", [None, [], [None], [{}], [{"message": "x"}], "x", {"0": {}}])
def test_choices_that_are_none(desk: Desk, choices: object) -> None:
    """A completion without a message is no answer."""
    answer = desk.answer(Raw(json.dumps({"model": "m-2", "choices": choices}).encode()))
    assert (answer.fault, answer.model) == ("malformed", "m-2")
