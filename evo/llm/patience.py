"""The one owner of retries: asks again what may heal, waits as the server wishes, and in the end gives up.

Calls that share a Patience share what they learn: while its server is down none of them bothers it, and the first to
try again tells the others. Chance and time come from outside, and decide only when a question is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from evo.llm.exchange import Answer, CallError, Prompt, Provider

T = TypeVar("T")

Notice = Callable[[str, float], None]
"""Is told what the trouble is, in a line, and how many seconds are waited."""


class Patience:
    """What the calls of one server in one event loop know of its trouble.

    `chance` gives numbers from 0 to 1. `total` is how many seconds of trouble in a row one call bears, `longest` how
    many are waited at once, whatever the server asks for.
    """

    def __init__(
        self,
        chance: Callable[[], float],
        *,
        total: float = 900.0,
        longest: float = 60.0,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.clock = clock
        self._chance = chance
        self._longest = longest
        self._sleep = sleep
        self._until = clock()
        self._failed = clock()
        self._failures = 0

    async def turn(self, own: float) -> None:
        """Wait until the server may be asked, but not before this moment of the caller's own.

        Those who waited come one after the other rather than all at once.
        """
        while (rest := max(self._until, own) - self.clock()) > 0:
            await self._sleep(rest + self._chance() * min(rest, 1.0))

    def worked(self) -> None:
        """The server has answered: its next trouble will be its first."""
        self._failures = 0

    def failed(self, error: CallError, begun: float, tries: int, notice: Notice) -> float:
        """A call that began at this moment has failed, the caller's so manieth; the moment when it may ask again.

        Calls that were under way together fail together: that is one failure of the server, and told once. What is
        only one caller's trouble, while others are answered, makes only that one wait longer and longer.
        """
        now = self.clock()
        told = max(self._until, now)
        fresh = begun >= self._failed or not self._failures
        self._failed = now
        self._failures += fresh
        wait = self._wait(error, self._failures) if fresh else min(self._longest, error.wait or 0.0)
        self._until = own = max(self._until, now + wait)
        if tries > self._failures:
            own = max(own, now + self._wait(error, tries))
        if fresh or own > told + 1.0:
            notice(str(error), own - now)
        return own

    def _wait(self, error: CallError, failures: int) -> float:
        """How long to wait after so many failures: never sooner than the server asks, never longer than is borne."""
        backoff = 2.0 ** min(failures - 1, 16) * (0.5 + 0.5 * self._chance())
        return min(self._longest, max(error.wait or 0.0, backoff))


async def ask(provider: Provider, prompt: Prompt, patience: Patience, notice: Notice) -> Answer:
    """The provider's answer, after as many tries as patience allows; raises CallError, which is always final."""
    return await bear(lambda: provider.complete(prompt), patience, notice)


async def bear(attempt: Callable[[], Awaitable[T]], patience: Patience, notice: Notice) -> T:
    """What an attempt comes to, after as many of them as patience allows.

    Raises CallError, which is always final: at once if trying again is of no use, else when patience has ended.
    """
    since = own = patience.clock()
    tries = 0
    while True:
        await patience.turn(own)
        begun = patience.clock()
        try:
            outcome = await attempt()
        except CallError as error:
            if error.final:
                raise
            lasted = patience.clock() - since
            if lasted >= patience.total:
                raise CallError(f"{error}; it has been so for {_span(lasted)}", final=True) from error
            tries += 1
            own = patience.failed(error, begun, tries, notice)
        else:
            patience.worked()
            return outcome


def _span(seconds: float) -> str:
    """A span of time as people say it."""
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} s"
