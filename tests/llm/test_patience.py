"""The one owner of retries, in a time of its own."""

from __future__ import annotations

import asyncio
import heapq
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.llm import Answer, CallError, Prompt
from evo.llm.patience import Patience, ask
from tests.llm.asking import QUESTION, provider
from tests.llm.server import Behaviour, Fail, Reset, Say, Server

ANSWER = Answer(model="m-1", text="So be it.")


class Time:
    """A time that passes only while everybody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, len(self._sleepers), woken))
        await woken

    def run(self, *works: Awaitable[Any]) -> list[Any]:
        """What these come to, side by side; what they raise is among it."""
        return asyncio.run(self._run(works))

    async def _run(self, works: tuple[Awaitable[Any], ...]) -> list[Any]:
        done = asyncio.gather(*works, return_exceptions=True)
        while True:
            for _ in range(50):
                await asyncio.sleep(0)
            if done.done():
                return await done
            when, _, woken = heapq.heappop(self._sleepers)
            self.now = max(self.now, when)
            if not woken.done():
                woken.set_result(None)


class Scripted:
    """A provider whose fate is a function of the time and the question; it remembers when it was asked what."""

    def __init__(
        self, time: Time, fate: Callable[[float, str], Answer | CallError], takes: float = 0.1
    ) -> None:
        self.time = time
        self.fate = fate
        self.takes = takes
        self.asked: list[tuple[float, str]] = []

    async def complete(self, prompt: Prompt) -> Answer:
        self.asked.append((self.time.now, prompt.constant))
        await self.time.sleep(self.takes)
        came = self.fate(self.asked[-1][0], prompt.constant)
        if isinstance(came, CallError):
            raise came
        return came

    async def close(self) -> None:
        pass


class Told(list[tuple[str, float]]):
    """What a user was told."""

    def __call__(self, message: str, seconds: float) -> None:
        self.append((message, seconds))


def patience(time: Time, **bounds: float) -> Patience:
    """A patience in this time, with chance of its own."""
    return Patience(random.Random(5).random, sleep=time.sleep, clock=lambda: time.now, **bounds)


def down(until: float, error: CallError) -> Callable[[float, str], Answer | CallError]:
    """The fate of questions to a server that is down until then."""
    return lambda now, _: error if now < until else ANSWER


def overloaded(wait: float | None = None) -> CallError:
    """An error that heals."""
    return CallError("anthropic is overloaded (529)", final=False, wait=wait)


def test_an_answer_is_not_delayed() -> None:
    """Where nothing goes wrong, one question is asked and nobody is told of anything."""
    time, told = Time(), Told()
    asked = Scripted(time, lambda now, _: ANSWER)
    assert time.run(ask(asked, QUESTION, patience(time), told)) == [ANSWER]
    assert (len(asked.asked), list(told)) == (1, [])
    assert time.now == pytest.approx(0.1)


def test_a_final_error_comes_at_once() -> None:
    """A wrong key isn't tried again."""
    time, told = Time(), Told()
    wrong = CallError("anthropic refuses the key (401)", final=True)
    asked = Scripted(time, lambda now, _: wrong)
    assert time.run(ask(asked, QUESTION, patience(time), told)) == [wrong]
    assert (len(asked.asked), told) == (1, [])


def test_the_user_sees_each_wait() -> None:
    """While a server is overloaded the waits grow, and each is told with its reason."""
    time, told = Time(), Told()
    asked = Scripted(time, down(100, overloaded()))
    assert time.run(ask(asked, QUESTION, patience(time), told)) == [ANSWER]
    assert len(asked.asked) == len(told) + 1
    for number, (message, seconds) in enumerate(told):
        assert message == "anthropic is overloaded (529)"
        assert 2**number / 2 <= seconds <= 2**number


@pytest.mark.parametrize(("wait", "least", "most"), [(20.0, 20, 21.2), (200.0, 60, 61.2), (0.0, 0.5, 2.2)])
def test_the_server_says_how_long(wait: float, least: float, most: float) -> None:
    """A server that names a time is left alone for it, but never longer than a minute nor shorter than is decent."""
    time, told = Time(), Told()
    asked = Scripted(time, down(0.1, overloaded(wait)))
    assert time.run(ask(asked, QUESTION, patience(time), told)) == [ANSWER]
    assert least <= asked.asked[1][0] - 0.1 <= most
    assert told[0][1] == pytest.approx(max(0.5, min(wait, 60)), abs=0.5)


def test_patience_ends() -> None:
    """A server that stays down is given up after a quarter of an hour, and the last word says so."""
    time, told = Time(), Told()
    asked = Scripted(time, down(10**6, overloaded()))
    (error,) = time.run(ask(asked, QUESTION, patience(time), told))
    assert isinstance(error, CallError)
    assert error.final
    assert str(error) == f"anthropic is overloaded (529); it has been so for {time.now / 60:.0f} minutes"
    assert 900 <= time.now <= 962
    assert len(asked.asked) < 40


def test_patience_can_be_short() -> None:
    """With no patience at all the first trouble is the last."""
    time, told = Time(), Told()
    asked = Scripted(time, down(10**6, overloaded()))
    (error,) = time.run(ask(asked, QUESTION, patience(time, total=0), told))
    assert error.final
    assert len(asked.asked) == 1


def test_calls_share_what_they_learn() -> None:
    """Eight calls of a server that is down for five minutes don't hammer it, and the user is told as for one."""
    time, told = Time(), Told()
    alone = Scripted(time, down(300, overloaded()))
    time.run(ask(alone, QUESTION, patience(time), told))
    one = len(told)

    time, told = Time(), Told()
    shared = patience(time)
    asked = Scripted(time, down(300, overloaded()))
    calls = [ask(asked, Prompt(str(number), ("?",)), shared, told) for number in range(8)]
    assert time.run(*calls) == [ANSWER] * 8
    assert len(told) <= one + 2
    assert len([when for when, _ in asked.asked if when < 300]) <= 8 + 3 * one


def test_calls_that_fail_together_fail_once() -> None:
    """Eight calls that were under way when the server had a few seconds' trouble wait as long as one would."""
    time, told = Time(), Told()
    shared = patience(time)
    asked = Scripted(time, down(1.2, overloaded()))
    calls = [ask(asked, Prompt(str(number), ("?",)), shared, told) for number in range(8)]
    assert time.run(*calls) == [ANSWER] * 8
    assert 2 <= len(told) <= 3
    assert time.now < 8


def test_a_call_that_comes_later_waits_with_the_others() -> None:
    """A question put while the server is down isn't asked before the others may try again."""
    time, told = Time(), Told()
    shared = patience(time)
    asked = Scripted(time, down(0.1, overloaded(wait=30.0)))

    async def later() -> Answer:
        await time.sleep(5)
        return await ask(asked, Prompt("later", ("?",)), shared, told)

    assert time.run(ask(asked, QUESTION, shared, told), later()) == [ANSWER] * 2
    assert min(when for when, name in asked.asked if name == "later") >= 30


def test_one_call_with_trouble_of_its_own() -> None:
    """A question that the server always chokes on waits longer and longer, while the others go on."""
    time, told = Time(), Told()
    shared = patience(time)
    choke = CallError("openai has trouble of its own (500)", final=False)
    asked = Scripted(time, lambda now, name: choke if name == "bad" else ANSWER, takes=1.0)

    async def others() -> int:
        for _ in range(400):
            await ask(asked, QUESTION, shared, told)
        return round(time.now)

    error, over = time.run(ask(asked, Prompt("bad", ("?",)), shared, told), others())
    assert isinstance(error, CallError)
    assert len([name for _, name in asked.asked if name == "bad"]) < 40
    assert over < 450


def test_waiting_can_be_cancelled() -> None:
    """Whoever stops the run while a call waits isn't kept."""

    class Away:
        async def complete(self, prompt: Prompt) -> Answer:
            raise overloaded(wait=60.0)

        async def close(self) -> None:
            pass

    async def work() -> None:
        waiting = asyncio.Event()
        trusting = Patience(random.Random(5).random)
        call = asyncio.create_task(ask(Away(), QUESTION, trusting, lambda message, seconds: waiting.set()))
        await waiting.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(work())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 300)), max_size=8), st.integers(0, 2**32))
def test_no_try_comes_too_soon(waits: list[float | None], seed: int) -> None:
    """Whatever a server asks for between tries is kept up to the bound, and each trouble costs one try."""
    time, told = Time(), Told()
    fates: list[Answer | CallError] = [*(overloaded(wait) for wait in waits), ANSWER]
    asked = Scripted(time, lambda now, _: fates[len(asked.asked) - 1], takes=0.0)
    waiting = Patience(random.Random(seed).random, sleep=time.sleep, clock=lambda: time.now)
    assert time.run(ask(asked, QUESTION, waiting, told)) == [ANSWER]
    assert len(asked.asked) == len(waits) + 1
    moments = [when for when, _ in asked.asked]
    for wait, before, after in zip(waits, moments, moments[1:], strict=False):
        assert min(wait or 0.0, 60.0) <= after - before + 1e-9 <= 61.0 + 1e-6


@pytest.mark.parametrize("kind", ["anthropic", "openai", "compatible"])
def test_a_server_with_a_bad_day(kind: str) -> None:
    """Over a real socket, with the real SDKs: five troubles of five kinds, then the answer, and one bill."""
    day: list[Behaviour] = [
        Fail(429, "rate_limit_error", headers={"retry-after": "200"}),
        Reset(),
        Fail(500),
        Fail(529, "overloaded_error"),
        Fail(503, page="<html>Back soon</html>"),
        Say("At last."),
    ]
    told, slept = Told(), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def work() -> Answer:
        asked = provider(kind, server)
        waiting = Patience(random.Random(5).random, sleep=sleep, clock=lambda: sum(slept))
        answer = await ask(asked, QUESTION, waiting, told)
        await asked.close()
        return answer

    with Server(lambda number, body: day[number]) as server:
        assert asyncio.run(work()).text == "At last."
        assert len(server.requests) == len(day)
        assert len(server.billed) == 1
    assert len(told) == 5
    assert told[0][1] == 60
    assert slept[0] >= 60
