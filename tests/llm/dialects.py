"""How three services put the same answer: as events of a stream, as a response, as a chat completion; and the bill.

What a service counts is counted here from what was really sent, in its own convention, whatever it then tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Service = Literal["anthropic", "openai", "compatible"]

PATHS: dict[str, Service] = {
    "/v1/messages": "anthropic",
    "/v1/responses": "openai",
    "/v1/chat/completions": "compatible",
}
"""Where each service is asked."""


@dataclass(frozen=True)
class Say:
    """An answer; `usage` is what is told of it: the truth, nothing, or whatever is given."""

    text: str = "So be it."
    delay: float = 0.0
    thoughts: str = ""
    stop: Literal["end", "tokens", "refusal"] = "end"
    usage: Literal["true", "missing"] | Mapping[str, object] = "true"
    model: str | None = None


@dataclass(frozen=True)
class Bill:
    """What one answer costs, in its service's own words."""

    service: Service
    model: str
    usage: Mapping[str, Any]

    @property
    def input(self) -> int:
        """All tokens that were read, those of a cache included."""
        return sum(
            self.usage.get(name, 0)
            for name in (
                "input_tokens",
                "prompt_tokens",
                "cache_read_input_tokens",
                "cache_creation_input_tokens",
            )
        )

    @property
    def output(self) -> int:
        """All tokens that were written, thoughts included."""
        return int(self.usage.get("output_tokens", self.usage.get("completion_tokens", 0)))


@dataclass
class Cache:
    """The beginnings of prompts that a service has seen, where it was asked to keep them."""

    seen: set[tuple[str, str]] = field(default_factory=set)

    def split(self, service: Service, body: Mapping[str, Any]) -> tuple[int, int, int]:
        """Tokens of a prompt that are read from the cache, written to it, and neither."""
        constant, marked = _constant(service, body)
        turns = body.get("input" if service == "openai" else "messages", [])
        rest = sum(tokens(turn["content"]) for turn in turns if turn["role"] != "system")
        size = tokens(constant)
        if not marked or not size:
            return 0, 0, size + rest
        known = (marked, constant) in self.seen
        self.seen.add((marked, constant))
        return (size, 0, rest) if known else (0, size, rest)


def tokens(text: str) -> int:
    """How many tokens a text has: one for every four bytes, or what is left of them."""
    return -(-len(text.encode(errors="replace")) // 4)


def bill(service: Service, body: Mapping[str, Any], say: Say, split: tuple[int, int, int]) -> Bill:
    """What an answer costs."""
    read, written, rest = split
    thought = tokens(say.thoughts)
    output = tokens(say.text) + thought
    usage: dict[str, Any]
    match service:
        case "anthropic":
            usage = {
                "input_tokens": rest,
                "cache_read_input_tokens": read,
                "cache_creation_input_tokens": written,
                "output_tokens": output,
                "output_tokens_details": {"thinking_tokens": thought},
            }
        case "openai":
            usage = {
                "input_tokens": read + written + rest,
                "input_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
                "output_tokens": output,
                "output_tokens_details": {"reasoning_tokens": thought},
                "total_tokens": read + written + rest + output,
            }
        case "compatible":
            total = read + written + rest
            usage = {
                "prompt_tokens": total,
                "completion_tokens": output,
                "total_tokens": total + output,
            }
    return Bill(service, say.model or str(body.get("model")), usage)


def events(say: Say, cost: Bill) -> Iterator[bytes]:
    """An answer as Anthropic streams it."""
    told = _told(say, cost)
    start = {key: value for key, value in told.items() if key != "output_tokens_details"}
    message: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "model": cost.model}
    message |= {"content": [], "stop_reason": None, "stop_sequence": None}
    if told:
        message["usage"] = start | ({"output_tokens": 1} if say.usage == "true" else {})
    yield event("message_start", message=message)
    yield event("ping")
    blocks = [("thinking", say.thoughts)] * bool(say.thoughts) + [("text", say.text)] * bool(say.text)
    for index, (kind, text) in enumerate(blocks):
        yield event("content_block_start", index=index, content_block={"type": kind, kind: ""})
        size = max(1, -(-len(text) // 8))
        for at in range(0, len(text), size):
            delta = {"type": f"{kind}_delta", kind: text[at : at + size]}
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    reason = {"end": "end_turn", "tokens": "max_tokens", "refusal": "refusal"}[say.stop]
    details = {"type": "refusal", "category": "frontier_llm"} if say.stop == "refusal" else None
    end = {"stop_reason": reason, "stop_sequence": None, "stop_details": details}
    yield event("message_delta", delta=end, **({"usage": told} if told else {}))
    yield event("message_stop")


def message(say: Say, cost: Bill) -> dict[str, Any]:
    """An answer as Anthropic puts it without a stream."""
    blocks = [("thinking", say.thoughts)] * bool(say.thoughts) + [("text", say.text)] * bool(say.text)
    reason = {"end": "end_turn", "tokens": "max_tokens", "refusal": "refusal"}[say.stop]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": cost.model,
        "content": [{"type": kind, kind: text} for kind, text in blocks],
        "stop_reason": reason,
        "stop_details": {"type": "refusal", "category": "frontier_llm"} if say.stop == "refusal" else None,
        "usage": _told(say, cost) or None,
    }


def event(kind: str, **fields: Any) -> bytes:
    """One event of a stream."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n".encode()


def response(say: Say, cost: Bill) -> dict[str, Any]:
    """An answer as OpenAI's Responses put it."""
    output: list[dict[str, Any]] = [{"type": "reasoning", "id": "rs_1", "summary": []}] * bool(say.thoughts)
    part = {"type": "output_text", "text": say.text, "annotations": []}
    if say.stop == "refusal":
        part = {"type": "refusal", "refusal": say.text}
    if say.text:
        output.append({"type": "message", "id": "msg_1", "role": "assistant", "content": [part]})
    short = say.stop == "tokens"
    return {
        "id": "resp_1",
        "object": "response",
        "model": cost.model,
        "status": "incomplete" if short else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if short else None,
        "output": output,
        "usage": _told(say, cost) or None,
    }


def completion(say: Say, cost: Bill) -> dict[str, Any]:
    """An answer as a compatible server puts it, thoughts in the text."""
    thoughts = f"<think>{say.thoughts}</think>\n" if say.thoughts else ""
    refused = say.stop == "refusal"
    message = {
        "role": "assistant",
        "content": None if refused else thoughts + say.text,
        "refusal": say.text if refused else None,
    }
    reason = "length" if say.stop == "tokens" else "stop"
    told = _told(say, cost)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": cost.model,
        "choices": [{"index": 0, "finish_reason": reason, "message": message}],
    } | ({"usage": told} if told else {})


def error(service: Service, kind: str, message: str) -> dict[str, Any]:
    """An error as a service puts it; a kind that is about spending goes where that service puts those."""
    if service == "anthropic":
        detail = {"details": {"error_code": kind}} if kind.endswith("_reached") else {}
        return {"type": "error", "error": {"type": kind, "message": message} | detail, "request_id": "req_1"}
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}


def _told(say: Say, cost: Bill) -> dict[str, Any]:
    match say.usage:
        case "true":
            return dict(cost.usage)
        case "missing":
            return {}
        case told:
            return dict(told)


def _constant(service: Service, body: Mapping[str, Any]) -> tuple[str, str]:
    """The constant part of a prompt, and under which key it is to be kept; no key: not at all."""
    match service:
        case "anthropic":
            blocks = body.get("system", [])
            marked = any("cache_control" in block for block in blocks)
            return "".join(block["text"] for block in blocks), "anthropic" * marked
        case "openai":
            return body.get("instructions", ""), body.get("prompt_cache_key", "")
        case "compatible":
            turns = body.get("messages", [])
            return "".join(turn["content"] for turn in turns if turn["role"] == "system"), ""
