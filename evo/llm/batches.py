"""Questions to models that are gathered for a moment and sent together, as a batch that is cheaper and takes its time.

A batch is on record before it is sent, so that nothing is asked twice, wherever this process may end: who comes after
it finds the batch, and waits for it. Time decides only what is asked together. Knows no service and no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import msgspec

from evo.llm.background import Background
from evo.llm.batching import Batch, Outcome, Pending, Service
from evo.llm.exchange import Answer, CallError, Prompt

T = TypeVar("T")

_MOST = 1000
"""Questions in a batch: far below what services bear, also in bytes."""

_TRIES = 3
"""So often a question is asked that the service leaves unanswered."""


class Bear(Protocol):
    """How much is borne of the service of a model's batches."""

    async def __call__(self, model: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """What the attempt comes to, after as many as it takes; raises CallError, always final."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: for how long nothing may be added before a batch is sent; between looks, at first and at most."""

    gather: float = 1.5
    first: float = 2.0
    longest: float = 60.0


@dataclass(frozen=True, slots=True)
class Manner:
    """With how much patience, at what pace; and who is told how it goes, in a line, and of the seconds to the next look."""

    bear: Bear
    pace: Pace
    news: Callable[[str, float], None]


@dataclass(slots=True)
class _Group:
    """Questions that will be sent together; the task gives what comes of them."""

    prompts: dict[str, Prompt] = field(default_factory=dict)
    task: asyncio.Task[dict[str, Outcome]] | None = None


class BatchBoard(Background):
    """A board that asks in batches; `services` make each model's when it is first asked."""

    def __init__(
        self, services: Mapping[str, Callable[[], Service]], pending: Pending, manner: Manner
    ) -> None:
        self._earlier = {label: batch for batch in pending.all() for label in batch.labels}
        self._ids = {batch.id for batch in self._earlier.values() if batch.id}
        super().__init__()
        self._makers = services
        self._pending = pending
        self._manner = manner
        self._services: dict[str, Service] = {}
        self._groups: dict[str, _Group] = {}
        self._tasks: dict[str, asyncio.Task[dict[str, Outcome]]] = {}

    async def ask(
        self, model: str, prompt: Prompt, label: str, begin: Callable[[], None] = lambda: None
    ) -> Answer:
        """A model's answer, when its batch has ended; raises CallError."""
        begin()
        earlier = self._earlier.pop(label, None)
        if earlier is not None:
            outcome = (await self._resumed(earlier)).get(label)
            if isinstance(outcome, Answer):
                return outcome
        for _ in range(_TRIES):
            outcome = (await self._joined(model, prompt, label))[label]
            if isinstance(outcome, Answer):
                return outcome
            if outcome.final:
                raise outcome
        raise CallError(f"{outcome}; it was asked {_TRIES} times", final=True)

    async def _resumed(self, batch: Batch) -> dict[str, Outcome]:
        """What comes of a batch that was sent, or was about to be, before this process began."""
        if batch.name not in self._tasks:
            self._tasks[batch.name] = asyncio.create_task(self._answered(batch, None))
        return await asyncio.shield(self._tasks[batch.name])

    async def _joined(self, model: str, prompt: Prompt, label: str) -> dict[str, Outcome]:
        """What comes of the next batch, with this question in it."""
        group = self._groups.get(model)
        if group is None or group.task is None or len(group.prompts) == _MOST:
            group = self._groups[model] = _Group()
            group.task = asyncio.create_task(self._gathered(model, group))
        group.prompts[label] = prompt
        return await asyncio.shield(group.task)

    async def _gathered(self, model: str, group: _Group) -> dict[str, Outcome]:
        """Wait until nothing is added any more, then send."""
        size = -1
        while size < len(group.prompts):
            size = len(group.prompts)
            await asyncio.sleep(self._manner.pace.gather)
        if self._groups.get(model) is group:
            del self._groups[model]
        batch = Batch(self._pending.name(), model, tuple(group.prompts))
        return await self._answered(batch, group.prompts)

    async def _answered(self, batch: Batch, prompts: Mapping[str, Prompt] | None) -> dict[str, Outcome]:
        """What comes of a batch; without prompts it can't be sent, only found."""
        model = batch.model
        if model not in self._services:
            self._services[model] = self._makers[model]()
            self.held.append(self._services[model])
        service, fresh, outcomes = self._services[model], prompts is not None, None
        while outcomes is None:
            if not batch.id:
                found = await self._placed(service, batch, prompts, fresh=fresh)
                if found is None:
                    self._pending.save(msgspec.structs.replace(batch, labels=()))
                    return {}
                batch, fresh = found, False
            await self._ended(service, batch)
            outcomes = await self._borne(batch, service.outcomes)
            if outcomes is None:  # the service had another batch that looked like it
                batch = msgspec.structs.replace(batch, id="")
                self._pending.save(batch)
        answered = tuple(label for label in batch.labels if isinstance(outcomes.get(label), Answer))
        if answered != batch.labels:
            self._pending.save(msgspec.structs.replace(batch, labels=answered))
        nothing = CallError(f"the batch {batch.id} has no answer to it", final=False)
        return {label: outcomes.get(label, nothing) for label in batch.labels}

    async def _placed(
        self, service: Service, batch: Batch, prompts: Mapping[str, Prompt] | None, *, fresh: bool
    ) -> Batch | None:
        """The batch as the service has it; None if it never came there and can't be sent. A fresh one was never tried."""
        if fresh:
            since = await self._manner.bear(batch.model, service.newest)
            batch = msgspec.structs.replace(batch, since=since)
            self._pending.save(batch)
        tried = not fresh

        async def attempt() -> str | None:
            nonlocal tried
            known = await service.find(batch, self._ids) if tried else None
            if known is not None or prompts is None:
                return known
            tried = True
            try:
                return await service.send(batch, prompts)
            except CallError as error:
                if error.final:
                    self._pending.save(msgspec.structs.replace(batch, labels=()))
                raise

        known = await self._manner.bear(batch.model, attempt)
        if known is None:
            return None
        self._ids.add(known)
        batch = msgspec.structs.replace(batch, id=known)
        self._pending.save(batch)
        return batch

    async def _ended(self, service: Service, batch: Batch) -> None:
        """Wait for the end of a batch, looking rarer and rarer."""
        wait, longest, size = self._manner.pace.first, self._manner.pace.longest, len(batch.labels)
        questions = "1 question" if size == 1 else f"{size} questions"
        told = (-1, False)
        while True:
            look = await self._borne(batch, service.look)
            if look.ended:
                return
            # Said when something is new, and once more when the looks have become as rare as they will be.
            now = (look.done, wait == longest)
            if now != told:
                told = now
                self._manner.news(f"{batch.model}: batch of {questions}, {look.done} done", wait)
            await asyncio.sleep(wait)
            wait = min(1.5 * wait, longest)

    async def _borne(self, batch: Batch, work: Callable[[Batch], Awaitable[T]]) -> T:
        return await self._manner.bear(batch.model, lambda: work(batch))
