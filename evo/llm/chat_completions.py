"""Chat Completions, as the servers speak it that people run themselves: vLLM, llama.cpp, Ollama, and many proxies.

Asks for what all of them know and no more: `max_tokens` rather than its successor, no key for a cache, a role "system".
Reads the bytes that came, as each server has its own idea of what may be missing from them.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

from evo.errors import InputError
from evo.llm.connecting import connection
from evo.llm.exchange import Answer, Fault, Prompt
from evo.llm.faults import (
    Service,
    dig,
    from_error,
    from_words,
    known_status,
    network_errors,
    read_object,
)
from evo.llm.replies import counted_by_openai, judged, messages, writable
from evo.llm.settings import Settings


class ChatCompletions:
    """A model of a compatible server; raises InputError without an address."""

    def __init__(self, settings: Settings) -> None:
        import openai

        if settings.base is None:
            raise InputError(
                f"{settings.model} wants the address of its server, such as http://127.0.0.1:8000/v1"
            )
        self._settings = settings
        self._service = Service(urlsplit(settings.base).netloc.rpartition("@")[2], "the server's key")
        self._errors: tuple[type[Exception], ...] = (openai.OpenAIError, *network_errors())
        # The SDK wants some key, and would take one from the environment that is meant for another service,
        # with the names of the account there.
        self._client = openai.AsyncOpenAI(api_key=settings.key or "none", **connection(settings))
        self._client.organization = self._client.project = None

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once, and wait for the whole answer."""
        try:
            async with asyncio.timeout(self._settings.seconds):
                api = self._client.chat.completions.with_raw_response
                reply = await api.create(**self._request(prompt))
        except self._errors as error:
            raise from_error(error, self._service, self._settings) from None
        return self._read(reply.content, reply.headers.get("content-type", ""))

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        settings = self._settings
        constant = (
            [{"role": "system", "content": writable(prompt.constant)}] if prompt.constant.strip() else []
        )
        request: dict[str, Any] = {
            "model": settings.model,
            "max_tokens": settings.tokens,
            "messages": [*constant, *messages(prompt)],
        }
        if settings.effort is not None:
            request["reasoning_effort"] = settings.effort
        return request

    def _read(self, data: bytes, kind: str) -> Answer:
        body = read_object(data)
        usage = counted_by_openai(dig(body, "usage"), "prompt", "completion")
        choices = dig(body, "choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if body is not None and choice is None and known_status(body):
            raise from_words(body, self._service, self._settings)
        if not isinstance(dig(choice, "message"), dict):
            what = "an object that is no answer" if body is not None else f"broken {kind or 'data'}"
            fault: tuple[Fault, str] = ("malformed", f"{self._service.name} sent {what}; check the address")
            return judged(self._settings, dig(body, "model"), "", usage, fault)
        text = _text(dig(choice, "message", "content"))
        return judged(self._settings, dig(body, "model"), text, usage, _verdict(choice))


def _text(content: object) -> str:
    """The text of a message, which some servers send in parts."""
    parts = content if isinstance(content, list) else [content]
    texts = [dig(part, "text") if isinstance(part, dict) else part for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def _verdict(choice: object) -> tuple[Fault, str] | None:
    """Why an answer is of no use; None if only its text can tell."""
    reason = dig(choice, "finish_reason")
    refusal = dig(choice, "message", "refusal")
    if reason == "length":
        return "truncated", "the answer came to its limit of tokens; allow more, or ask for less effort"
    if reason == "content_filter":
        return "refusal", "the server's filter stopped the answer"
    if reason == "error":
        return "cut", "the server broke the answer off"
    if isinstance(refusal, str) and refusal:
        return "refusal", f"the model refused: {refusal}"
    return None
