"""A question to each kind of provider, with the real SDK, over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Self

from evo.llm import Answer, CallError, Prompt, Provider
from evo.llm.anthropic_messages import AnthropicMessages
from evo.llm.chat_completions import ChatCompletions
from evo.llm.openai_responses import OpenAIResponses
from evo.llm.settings import Settings
from tests.llm.server import Behaviour, Say, Server

KEY = "sk-the-key-of-the-test"
QUESTION = Prompt("What never changes.", ("A question.",))
KINDS: dict[str, Callable[[Settings], Provider]] = {
    "anthropic": AnthropicMessages,
    "openai": OpenAIResponses,
    "compatible": ChatCompletions,
}


class Desk:
    """A server that behaves as it is told, and a provider that asks there, kept for many questions."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._behaviour: Behaviour = Say()
        self._runner = asyncio.Runner()
        self.server = Server(lambda number, body: self._behaviour)
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._closing.enter_context(self._runner)
        self._closing.enter_context(self.server)
        self.provider = provider(self.kind, self.server)
        return self

    def __exit__(self, *raised: object) -> None:
        self._runner.run(self.provider.close())
        self._closing.close()

    def ask(self, behaviour: Behaviour, prompt: Prompt = QUESTION) -> Answer | CallError:
        """What comes of a question to a server that behaves so."""
        self._behaviour = behaviour
        before = len(self.server.requests)
        try:
            return self._runner.run(self.provider.complete(prompt))
        except CallError as error:
            return error
        finally:
            assert len(self.server.requests) == before + 1, "no second try"

    def answer(self, behaviour: Behaviour, prompt: Prompt = QUESTION) -> Answer:
        """The answer that a server's behaviour comes to."""
        came = self.ask(behaviour, prompt)
        assert isinstance(came, Answer), came
        return came

    def error(self, behaviour: Behaviour, prompt: Prompt = QUESTION) -> CallError:
        """The error that a server's behaviour comes to."""
        came = self.ask(behaviour, prompt)
        assert isinstance(came, CallError), came
        return came


def provider(kind: str, server: Server, **settings: Any) -> Provider:
    """A provider of this kind that asks at this server."""
    base = server.url if kind == "anthropic" else server.v1
    given: dict[str, Any] = {"model": "m-1", "key": KEY, "base": base, "seconds": 20.0}
    return KINDS[kind](Settings(**(given | settings)))


def ask_all(kind: str, server: Server, prompts: list[Prompt], **settings: Any) -> list[Answer | CallError]:
    """What came of these questions, asked one after the other."""

    async def work() -> list[Answer | CallError]:
        asked = provider(kind, server, **settings)
        came: list[Answer | CallError] = []
        for prompt in prompts:
            try:
                came.append(await asked.complete(prompt))
            except CallError as error:
                came.append(error)
        await asked.close()
        return came

    return asyncio.run(work())
