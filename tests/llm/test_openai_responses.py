"""What only OpenAI's Responses can do."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from evo.llm import Usage
from tests.llm.asking import QUESTION, Desk, ask_all
from tests.llm.server import Raw, Server, Trouble


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A provider and its server."""
    with Desk("openai") as desk:
        yield desk


def response(**fields: object) -> Raw:
    """A response with these fields."""
    part = {"type": "output_text", "text": "So be it."}
    whole = {"model": "m-2", "status": "completed", "output": [{"type": "message", "content": [part]}]}
    return Raw(json.dumps(whole | fields).encode())


def test_nothing_is_kept_at_the_service() -> None:
    """The request forbids storing, names the cache and the effort, and holds no more."""
    with Server() as server:
        ask_all("openai", server, [QUESTION], effort="low", cache_key="run-1")
        (request,) = server.requests
    assert request.path == "/v1/responses"
    assert request.body == {
        "model": "m-1",
        "max_output_tokens": 16000,
        "store": False,
        "service_tier": "default",
        "instructions": QUESTION.constant,
        "input": [{"role": "user", "content": QUESTION.turns[0]}],
        "prompt_cache_key": "run-1",
        "reasoning": {"effort": "low"},
    }


@pytest.mark.parametrize("code", ["invalid_prompt", "bio_policy", "misalignment_policy_violation"])
def test_a_failure_by_policy_is_a_refusal(desk: Desk, code: str) -> None:
    """A response that failed because of what was asked is a refusal, with the service's reason."""
    answer = desk.answer(Trouble(code, message="not this"))
    assert (answer.fault, answer.message) == ("refusal", f"the answer failed ({code}): not this")


def test_a_failure_that_was_paid_for_is_an_answer(desk: Desk) -> None:
    """Trouble of the server would be waited for; but what it says it counted is kept."""
    usage = {"input_tokens": 5, "output_tokens": 7}
    answer = desk.answer(
        response(status="failed", error={"code": "server_error", "message": "sorry"}, output=[], usage=usage)
    )
    assert (answer.fault, answer.usage) == ("malformed", Usage(5, 7))
    assert "sorry" in answer.message


@pytest.mark.parametrize(
    ("reason", "fault"),
    [("content_filter", "refusal"), ("max_output_tokens", "truncated"), (None, "truncated")],
)
def test_an_incomplete_answer_says_why(desk: Desk, reason: str | None, fault: str) -> None:
    """What stopped the answer decides what it is; its text is kept."""
    answer = desk.answer(response(status="incomplete", incomplete_details={"reason": reason}))
    assert (answer.fault, answer.text, answer.model) == (fault, "So be it.", "m-2")


@pytest.mark.parametrize("status", ["queued", "in_progress", "cancelled", 7])
def test_an_answer_that_is_not_ready(desk: Desk, status: object) -> None:
    """A response that isn't finished is no answer."""
    assert desk.answer(response(status=status)).fault == "malformed"


def test_odd_parts_are_left_out(desk: Desk) -> None:
    """What is no text of the model isn't taken for it."""
    parts = [None, 7, {"type": "output_text", "text": None}, {"type": "output_text", "text": "So be it."}]
    output = [
        {"type": "reasoning", "summary": []},
        "?",
        {"type": "message", "content": parts},
        {"content": 3},
    ]
    answer = desk.answer(response(output=output, status=None, model=3))
    assert (answer.text, answer.fault, answer.model) == ("So be it.", None, "m-1")
