"""OpenAI's Responses: nothing is kept at the service, and the answer is read from the bytes that it sent.

The SDK sends, and tells errors apart; but it believes what it reads, so the reading is done here. The only file that
knows what a response looks like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from evo.errors import InputError
from evo.llm.exchange import Answer, Fault, Prompt, Usage
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
from evo.llm.replies import counted, judged, messages, writable
from evo.llm.settings import Settings

SERVICE = Service("openai", "OPENAI_API_KEY")

INCOMPLETE: dict[str, tuple[Fault, str]] = {
    "content_filter": ("refusal", "the service's filter stopped the answer"),
    "max_output_tokens": (
        "truncated",
        "the answer came to its limit of tokens; allow more, or ask for less effort",
    ),
}
"""What the service's reasons for an unfinished answer mean."""


class OpenAIResponses:
    """A model of OpenAI, or of a server that speaks its newer protocol; raises InputError without a key."""

    def __init__(self, settings: Settings) -> None:
        import httpx2
        import openai

        if not settings.key:
            raise InputError(f"{settings.model} wants a key; set {SERVICE.key}")
        self._settings = settings
        self._errors: tuple[type[Exception], ...] = (openai.OpenAIError, *network_errors())
        self._client = openai.AsyncOpenAI(
            api_key=settings.key,
            base_url=settings.base,
            max_retries=0,
            timeout=httpx2.Timeout(settings.seconds, connect=min(settings.seconds, 15.0)),
        )

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once, and wait for the whole answer."""
        try:
            async with asyncio.timeout(self._settings.seconds):
                api = self._client.responses.with_raw_response
                reply = await api.create(**self._request(prompt))
        except self._errors as error:
            raise from_error(error, SERVICE, self._settings) from None
        return self._read(reply.content, reply.headers.get("content-type", ""))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        settings = self._settings
        request: dict[str, Any] = {
            "model": settings.model,
            "max_output_tokens": settings.tokens,
            "input": messages(prompt),
            "store": False,
            # What a project prefers may cost twice as much as the prices that are known.
            "service_tier": "default",
        }
        if prompt.constant.strip():
            request["instructions"] = writable(prompt.constant)
        if settings.cache_key:
            request["prompt_cache_key"] = settings.cache_key
        if settings.effort is not None:
            request["reasoning"] = {"effort": settings.effort}
        return request

    def _read(self, data: bytes, kind: str) -> Answer:
        body = read_object(data)
        if body is None:
            message = f"{SERVICE.name} sent broken {kind or 'data'} instead of an answer; check the address"
            return judged(self._settings, None, "", None, ("malformed", message))
        parts = list(_parts(body))
        usage = _usage(body.get("usage"))
        if body.get("error") is not None and not parts and usage is None and known_status(body):
            raise from_words(body, SERVICE, self._settings)
        text = "".join(text for kind, text in parts if kind == "output_text")
        return judged(self._settings, body.get("model"), text, usage, _verdict(body, parts))


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


def _usage(told: object) -> Usage | None:
    """Tokens as the service counts them, which is evo's convention too."""
    details = dig(told, "input_tokens_details")
    return counted(
        (dig(told, "input_tokens"), dig(told, "output_tokens")),
        dig(details, "cached_tokens"),
        dig(details, "cache_write_tokens"),
        dig(told, "output_tokens_details", "reasoning_tokens"),
    )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
