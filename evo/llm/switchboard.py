"""Calls to models in the background, at most so many at once.

Knows no model's service and nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import msgspec

from evo.llm.background import Background
from evo.llm.exchange import Answer, Prompt, Provider

T = TypeVar("T")

Ask = Callable[[str, Provider, Prompt], Awaitable[Answer]]
"""How the provider of a model of that name is asked: with how much patience, say."""


class Board(Protocol):
    """Whoever connects to the models, one question at a time or many together."""

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work in the background, such as asking questions one after the other."""

    async def ask(
        self, model: str, prompt: Prompt, label: str, begin: Callable[[], None] = lambda: None
    ) -> Answer:
        """A model's answer; raises CallError. Only in work that was started here.

        The `label` is the question's own, also when it is asked again later on: up to 40 of a-z, 0-9 and "-". What is
        to be done before anything can be billed is done by `begin`.
        """


class Switchboard(Background):
    """A board of lines, one for each call in flight: `providers` make each provider when it is first asked.

    If `timed`, answers say how long they took.
    """

    def __init__(
        self,
        providers: Mapping[str, Callable[[], Provider]],
        in_flight: int,
        ask: Ask,
        *,
        timed: bool = False,
    ) -> None:
        super().__init__()
        self._makers = providers
        self._ask = ask
        self._providers: dict[str, Provider] = {}
        self._timed = timed
        self._lines = asyncio.Semaphore(in_flight)

    async def ask(
        self,
        model: str,
        prompt: Prompt,
        label: str,  # noqa: ARG002 - the seam's
        begin: Callable[[], None] = lambda: None,
    ) -> Answer:
        """A model's answer, as soon as a line is free; raises CallError."""
        async with self._lines:
            begin()
            if model not in self._providers:
                self._providers[model] = self._makers[model]()
                self.held.append(self._providers[model])
            begun = time.monotonic()
            answer = await self._ask(model, self._providers[model], prompt)
            if self._timed:
                answer = msgspec.structs.replace(answer, seconds=round(time.monotonic() - begun, 3))
            return answer
