"""What only Anthropic's stream can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evo.llm import Answer, Usage
from tests.llm.asking import QUESTION, Desk, ask_all
from tests.llm.dialects import event
from tests.llm.server import Raw, Say, Server, Stall, Trouble

USAGE = {
    "input_tokens": 10,
    "cache_read_input_tokens": 200,
    "cache_creation_input_tokens": None,
    "output_tokens": 1,
}
START = event("message_start", message={"model": "m-2", "usage": USAGE, "content": []})
OPEN = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
CLOSE = event("content_block_stop", index=0)
END = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 30})
STOP = event("message_stop")


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """A provider and its server."""
    with Desk("anthropic") as desk:
        yield desk


def stream(*events: bytes) -> Raw:
    """A stream of these events."""
    return Raw(b"".join(events), "text/event-stream; charset=utf-8")


def delta(text: str, kind: str = "text") -> bytes:
    """A piece of a block."""
    return event("content_block_delta", index=0, delta={"type": f"{kind}_delta", kind: text})


def test_long_answers_are_streamed_and_the_constant_part_is_cached() -> None:
    """The request asks for a stream, marks the constant part for the cache, and leaves thinking to the server."""
    with Server() as server:
        ask_all("anthropic", server, [QUESTION], tokens=64_000, effort="max")
        (request,) = server.requests
    assert request.path == "/v1/messages"
    assert request.body == {
        "model": "m-1",
        "max_tokens": 64_000,
        "stream": True,
        "system": [{"type": "text", "text": QUESTION.constant, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": QUESTION.turns[0]}],
        "output_config": {"effort": "max"},
    }


def test_counts_are_totals(desk: Desk) -> None:
    """Later counts replace earlier ones, those left out stay, and what the cache gave is part of the input."""
    answer = desk.answer(stream(START, OPEN, delta("So "), delta("be it."), CLOSE, END, STOP))
    assert (answer.model, answer.text, answer.fault) == ("m-2", "So be it.", None)
    assert answer.usage == Usage(input=210, output=30, cached=200)


def test_blocks_that_say_nothing_are_left_out(desk: Desk) -> None:
    """Only text is text: thoughts, tools and kinds that nobody knows yet are none."""
    other = event("content_block_start", index=1, content_block={"type": "text_of_tomorrow", "text": "x"})
    news = event("news_of_tomorrow", text="x")
    answer = desk.answer(
        stream(
            START, OPEN, delta("Hm", "thinking"), news, other, delta("So be it."), b": ping\n\n", END, STOP
        )
    )
    assert (answer.text, answer.fault) == ("So be it.", None)


def test_an_end_without_its_last_event_is_one(desk: Desk) -> None:
    """Once the reason to stop is told, text and usage are whole."""
    assert desk.answer(stream(START, OPEN, delta("So be it."), END)).fault is None


@pytest.mark.parametrize("broken", [b"event: content_block_delta\ndata: {\n\n", b"event: x\ndata: 7\n\n"])
def test_a_broken_event_breaks_the_answer(desk: Desk, broken: bytes) -> None:
    """A text that may lack a piece isn't taken for whole."""
    answer = desk.answer(stream(START, OPEN, delta("So "), broken, delta("it."), END, STOP))
    assert (answer.fault, answer.text, answer.usage) == ("malformed", "So it.", Usage(210, 30, 200))


def test_bytes_that_are_no_text_cut_the_answer(desk: Desk) -> None:
    """The SDK stumbles over them; what came before is kept."""
    answer = desk.answer(stream(START, OPEN, delta("So "), b"event: x\ndata: \xff\n\n", END, STOP))
    assert (answer.fault, answer.text) == ("cut", "So ")


@pytest.mark.parametrize("events", [(), (START,), (START, event("ping"))])
def test_a_stream_that_ends_before_it_begins(desk: Desk, events: tuple[bytes, ...]) -> None:
    """Nothing was answered, so it can be asked again."""
    error = desk.error(stream(*events))
    assert not error.final
    assert "before an answer had begun" in str(error)


def test_trouble_within_an_answer(desk: Desk) -> None:
    """An error that comes after the answer had begun leaves what has been paid for, and its reason."""
    answer = desk.answer(Trouble("overloaded_error", text="So far"))
    assert (answer.fault, answer.text) == ("cut", "So far")
    assert "anthropic is overloaded (529)" in answer.message
    assert answer.usage is not None


def test_a_deadline_within_an_answer() -> None:
    """An answer that stalls after it had begun is cut at the deadline, and what it has cost is known."""
    with Server(lambda number, body: Stall("So far")) as server:
        (answer,) = ask_all("anthropic", server, [QUESTION], seconds=0.5)
        (bill,) = server.billed
    assert isinstance(answer, Answer)
    assert (answer.fault, answer.text) == ("cut", "So far")
    assert "within 0.5 s" in answer.message
    assert answer.usage is not None
    assert (answer.usage.input, answer.usage.output) == (bill.input, bill.output)


def test_a_refusal_names_its_kind(desk: Desk) -> None:
    """Why a model refused is told as far as the service tells it, also when it said nothing."""
    assert desk.answer(Say("", stop="refusal")).message == "the model refused (frontier_llm)"


def test_a_window_that_is_too_small(desk: Desk) -> None:
    """Where prompt and answer together are too long, more tokens wouldn't help."""
    full = event("message_delta", delta={"stop_reason": "model_context_window_exceeded"})
    answer = desk.answer(stream(START, OPEN, delta("So "), full, STOP))
    assert (answer.fault, answer.usage) == ("truncated", Usage(210, 1, 200))
    assert "too long for the model" in answer.message
