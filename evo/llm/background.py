"""Work in the background: an event loop in a thread of its own, for whoever waits for servers.

Everybody else goes on: work is handed over as a coroutine, and a future tells when it is done. Knows no model.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Closing(Protocol):
    """What holds connections in the loop."""

    async def close(self) -> None:
        """Give them back."""


class Background:
    """The loop and its thread, until it is closed; what it holds in `held` is closed with it."""

    def __init__(self) -> None:
        self.held: list[Closing] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="calls to models", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work in the loop, such as asking questions one after the other."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Cancel what is under way, and end the thread."""
        if self._loop.is_closed():
            return
        self.start(self._end()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in self.held:
            await one.close()
