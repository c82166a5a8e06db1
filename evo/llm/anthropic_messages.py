"""Anthropic's Messages, streamed: the service wants long answers so, and a cut one is seen for what it is.

Reads the stream's events as the plain data that they are, so nothing that a server sends can break more than its own
answer. An answer has begun with its first block: what goes wrong before is an error of the call, and after it a fault
of an answer that must be paid for. The only file that knows the SDK of Anthropic.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any

from evo.llm.connecting import connection, key_of
from evo.llm.exchange import Answer, CallError, Fault, Prompt, Usage
from evo.llm.faults import (
    Service,
    dig,
    from_error,
    from_words,
    known_status,
    network_errors,
    read_object,
)
from evo.llm.replies import counted, judged, messages, writable
from evo.llm.settings import Settings

if TYPE_CHECKING:
    import anthropic

SERVICE = Service("anthropic", "ANTHROPIC_API_KEY")


def connected(settings: Settings) -> anthropic.AsyncAnthropic:
    """A client of the service; raises InputError without a key."""
    import anthropic

    return anthropic.AsyncAnthropic(
        api_key=key_of(settings, SERVICE), open_telemetry=False, **connection(settings)
    )


def errors() -> tuple[type[Exception], ...]:
    """What the client may raise."""
    import anthropic

    return (anthropic.AnthropicError, *network_errors())


def request(settings: Settings, prompt: Prompt) -> dict[str, Any]:
    """What is asked for with a prompt, but for the manner of its delivery."""
    asked: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.tokens,
        "messages": messages(prompt),
    }
    if prompt.constant.strip():
        mark = {"type": "ephemeral"}
        asked["system"] = [{"type": "text", "text": writable(prompt.constant), "cache_control": mark}]
    if settings.effort is not None:
        asked["output_config"] = {"effort": settings.effort}
    return asked


def read(message: dict[str, Any], settings: Settings) -> Answer:
    """The answer in a whole message, as it comes without a stream."""
    told = _Told()
    told.hear({"type": "message_start", "message": message})
    blocks = message.get("content")
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        told.hear({"type": "content_block_start", "index": index, "content_block": block})
    told.hear({"type": "message_delta", "delta": message})
    if told.stop is None:
        strange: tuple[Fault, str] = ("malformed", f"{SERVICE.name} sent an object that is no answer")
        return told.answer(settings, strange)
    return told.answer(settings, told.verdict())


class AnthropicMessages:
    """A model of Anthropic, or of a server that speaks its protocol; raises InputError without a key."""

    def __init__(self, settings: Settings) -> None:
        import anthropic

        self._settings = settings
        self._client = connected(settings)
        self._events = anthropic.AsyncStream.raw_events
        self._errors = errors()

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once; an answer that breaks off after it had begun is a fault with the usage known till then."""
        told = _Told()
        try:
            async with asyncio.timeout(self._settings.seconds):
                return await self._ask(prompt, told)
        except self._errors as error:
            trouble = from_error(error, SERVICE, self._settings)
            if not told.begun:
                raise trouble from None
            return told.answer(self._settings, ("cut", f"the answer broke off: {trouble}"))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def _ask(self, prompt: Prompt, told: _Told) -> Answer:
        api = self._client.messages.with_streaming_response
        async with api.create(**request(self._settings, prompt), stream=True) as reply:
            response = reply.http_response
            kind = response.headers.get("content-type", "")
            if "event-stream" not in kind:
                return self._strange(await response.aread(), kind)
            events = self._events(response)
            async with contextlib.aclosing(_objects(events)) as objects:
                async for event in objects:
                    if event.get("type") == "error" and not told.begun:
                        raise from_words(event, SERVICE, self._settings)
                    told.hear(event)
        return self._whole(told)

    def _whole(self, told: _Told) -> Answer:
        """The answer at the end of its stream."""
        if told.trouble is not None:
            trouble = from_words(told.trouble, SERVICE, self._settings)
            return told.answer(self._settings, ("cut", f"the answer broke off: {trouble}"))
        if told.stop is None and told.begun:
            return told.answer(self._settings, ("cut", "the stream ended before the answer did"))
        if told.stop is None:
            raise CallError(f"{SERVICE.name} ended the stream before an answer had begun", final=False)
        return told.answer(self._settings, told.verdict())

    def _strange(self, data: bytes, kind: str) -> Answer:
        """What came instead of a stream: an error in words that we know, or nothing of use."""
        body = read_object(data)
        if body is not None and known_status(body):
            raise from_words(body, SERVICE, self._settings)
        message = f"{SERVICE.name} sent {kind or 'something'} instead of an answer; check the address"
        return judged(self._settings, None, "", None, ("malformed", message))


class _Told:
    """What a stream has told so far."""

    def __init__(self) -> None:
        self.begun = False
        self.model: object = None
        self.stop: str | None = None
        self.trouble: dict[str, Any] | None = None
        self._broken = False
        self._usage: dict[str, Any] = {}
        self._refused = ""
        self._blocks: dict[str, list[str]] = {}

    def hear(self, event: dict[str, Any]) -> None:
        """Take one event in; those of kinds that we don't know say nothing to us."""
        match event.get("type"):
            case "message_start":
                self.model = dig(event, "message", "model")
                self._count(dig(event, "message", "usage"))
            case "content_block_start":
                self.begun = True
                self._text(event, dig(event, "content_block"))
            case "content_block_delta":
                self.begun = True
                self._text(event, dig(event, "delta"))
            case "message_delta":
                stop = dig(event, "delta", "stop_reason")
                self.stop = stop if isinstance(stop, str) else self.stop
                self._refused = str(dig(event, "delta", "stop_details", "category") or "")
                self._count(event.get("usage"))
            case "error":
                self.trouble = event
            case "broken":
                self._broken = self._broken or self.stop is None

    def verdict(self) -> tuple[Fault, str] | None:
        """Why an answer that came to its end is of no use; None if only its text can tell."""
        if self._broken:
            return "malformed", "an event in the middle of the stream was broken"
        if self.stop == "refusal":
            return "refusal", f"the model refused{f' ({self._refused})' if self._refused else ''}"
        if self.stop == "max_tokens":
            return "truncated", "the answer came to its limit of tokens; allow more, or ask for less effort"
        if self.stop == "model_context_window_exceeded":
            return "truncated", "prompt and answer together are too long for the model"
        return None

    def answer(self, settings: Settings, verdict: tuple[Fault, str] | None) -> Answer:
        """What there is of the answer."""
        text = "".join("".join(pieces) for pieces in self._blocks.values())
        return judged(settings, self.model, text, self.usage(), verdict)

    def usage(self) -> Usage | None:
        """Tokens in evo's convention; the service counts what it reads from its cache or writes to it apart."""
        told = self._usage
        parts = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        known = [told[part] for part in parts if type(told.get(part)) is int]
        return counted(
            (sum(known) if known else None, told.get("output_tokens")),
            told.get("cache_read_input_tokens"),
            told.get("cache_creation_input_tokens"),
            dig(told, "output_tokens_details", "thinking_tokens"),
        )

    def _count(self, usage: object) -> None:
        """Counts are totals, so later ones replace earlier ones; those left out stay."""
        if isinstance(usage, dict):
            self._usage |= {name: value for name, value in usage.items() if value is not None}

    def _text(self, event: dict[str, Any], part: object) -> None:
        text = dig(part, "text")
        if dig(part, "type") in {"text", "text_delta"} and isinstance(text, str):
            self._blocks.setdefault(str(event.get("index")), []).append(text)


async def _objects(events: AsyncIterator[Any]) -> AsyncGenerator[dict[str, Any]]:
    """The events of a stream as objects; one that holds something else is of a kind "broken"."""
    async for event in events:
        if event.data:
            yield read_object(event.data.encode("utf-8", "replace")) or {"type": "broken"}
