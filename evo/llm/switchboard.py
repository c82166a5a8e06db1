"""Calls to models in the background: an event loop in a thread of its own, and at most so many calls at once.

Everybody else goes on without waiting: work is handed over as a coroutine, and a future tells when it is done. Knows
no model's service and nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from evo.llm.exchange import Answer, Prompt, Provider

T = TypeVar("T")

Ask = Callable[[str, Provider, Prompt], Awaitable[Answer]]
"""How the provider of a model of that name is asked: with how much patience, say."""


class Switchboard:
    """Who connects to the models: `providers` make each when it is first asked; a context manager."""

    def __init__(self, providers: Mapping[str, Callable[[], Provider]], in_flight: int, ask: Ask) -> None:
        self._makers = providers
        self._ask = ask
        self._providers: dict[str, Provider] = {}
        self._loop = asyncio.new_event_loop()
        self._lines = asyncio.Semaphore(in_flight)
        self._thread = threading.Thread(target=self._loop.run_forever, name="calls to models", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work in the loop, such as asking questions one after the other."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def ask(self, model: str, prompt: Prompt) -> Answer:
        """A model's answer, as soon as a line is free; raises CallError. Only in work that was started here."""
        async with self._lines:
            if model not in self._providers:
                self._providers[model] = self._makers[model]()
            return await self._ask(model, self._providers[model], prompt)

    def close(self) -> None:
        """Hang up: calls in flight are cancelled."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _hang_up(self) -> None:
        calls = asyncio.all_tasks() - {asyncio.current_task()}
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        for provider in self._providers.values():
            await provider.close()
