"""OpenAI's Responses: nothing is kept at the service, and the answer is read from the bytes that it sent.

The SDK sends, and tells errors apart; but it believes what it reads, so the reading is done here. The only file that
knows what a response looks like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from evo.llm.connecting import connection, key_of
from evo.llm.exchange import Answer, Fault, Prompt
from evo.llm.faults import (
    Service,
    dig,
    from_error,
    from_words,
    known_status,
    network_errors,
    read_object,
    said_by,
)
from evo.llm.replies import counted_by_openai, judged, messages, writable
from evo.llm.settings import Settings

if TYPE_CHECKING:
    import openai

SERVICE = Service("openai", "OPENAI_API_KEY")

INCOMPLETE: dict[str, tuple[Fault, str]] = {
    "content_filter": ("refusal", "the service's filter stopped the answer"),
    "max_output_tokens": (
        "truncated",
        "the answer came to its limit of tokens; allow more, or ask for less effort",
    ),
}
"""What the service's reasons for an unfinished answer mean."""


def connected(settings: Settings) -> openai.AsyncOpenAI:
    """A client of the service; raises InputError without a key."""
    import openai

    return openai.AsyncOpenAI(api_key=key_of(settings, SERVICE), **connection(settings))


def errors() -> tuple[type[Exception], ...]:
    """What the client may raise."""
    import openai

    return (openai.OpenAIError, *network_errors())


def request(settings: Settings, prompt: Prompt) -> dict[str, Any]:
    """What is asked for with a prompt, but for the manner of its delivery."""
    asked: dict[str, Any] = {
        "model": settings.model,
        "max_output_tokens": settings.tokens,
        "input": messages(prompt),
        "store": False,
    }
    if prompt.constant.strip():
        asked["instructions"] = writable(prompt.constant)
    if settings.cache_key:
        asked["prompt_cache_key"] = settings.cache_key
    if settings.effort is not None:
        asked["reasoning"] = {"effort": settings.effort}
    return asked


def read(body: dict[str, Any], settings: Settings) -> Answer:
    """The answer in a response; raises CallError if it is an error that came to nothing."""
    parts = list(_parts(body))
    usage = counted_by_openai(body.get("usage"), "input", "output")
    if body.get("error") is not None and not parts and usage is None and known_status(body):
        raise from_words(body, SERVICE, settings)
    text = "".join(text for kind, text in parts if kind == "output_text")
    return judged(settings, body.get("model"), text, usage, _verdict(body, parts))


class OpenAIResponses:
    """A model of OpenAI, or of a server that speaks its newer protocol; raises InputError without a key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = connected(settings)
        self._errors = errors()

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once, and wait for the whole answer."""
        try:
            async with asyncio.timeout(self._settings.seconds):
                api = self._client.responses.with_raw_response
                # What a project prefers may cost twice as much as the prices that are known.
                reply = await api.create(**request(self._settings, prompt), service_tier="default")
        except self._errors as error:
            raise from_error(error, SERVICE, self._settings) from None
        return self._read(reply.content, reply.headers.get("content-type", ""))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _read(self, data: bytes, kind: str) -> Answer:
        body = read_object(data)
        if body is None:
            message = f"{SERVICE.name} sent broken {kind or 'data'} instead of an answer; check the address"
            return judged(self._settings, None, "", None, ("malformed", message))
        return read(body, self._settings)


def _parts(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the model said, by kind: "output_text" or "refusal"."""
    for item in _list(body.get("output")):
        for part in _list(dig(item, "content")):
            kind = dig(part, "type")
            text = dig(part, "text") if kind == "output_text" else dig(part, "refusal")
            if kind in {"output_text", "refusal"} and isinstance(text, str):
                yield kind, text


def _verdict(body: dict[str, Any], parts: list[tuple[str, str]]) -> tuple[Fault, str] | None:
    """Why an answer is of no use; None if only its text can tell."""
    status = body.get("status")
    if status == "incomplete":
        reason = str(dig(body, "incomplete_details", "reason"))
        return INCOMPLETE.get(reason, ("truncated", f"the answer is incomplete ({reason})"))
    if status == "failed":
        code = str(dig(body, "error", "code"))
        refused = code == "invalid_prompt" or code.endswith(("_policy", "_policy_violation"))
        return "refusal" if refused else "malformed", f"the answer failed ({code}): {said_by(body)}"
    refusals = [text for kind, text in parts if kind == "refusal"]
    if refusals:
        return "refusal", f"the model refused: {' '.join(refusals)}"
    if status not in {"completed", None} or not isinstance(body.get("output"), list):
        return "malformed", f"{SERVICE.name} sent an object that is no answer (status {status})"
    return None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
