"""Where answers come from: the run's own folder, else the model, and then they lie in that folder before anybody reads them.

Where calls are not allowed nobody is called: a replay knows all that it needs, or fails. Knows no wording and no search.
"""

from __future__ import annotations

from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from evo.answers import Answers, SavedAnswer, digest_of, label_of
from evo.errors import RunError
from evo.llm import Answer, CallError, Prompt
from evo.llm.models import Model
from evo.llm.prices import Overrides, priced, worst
from evo.llm.switchboard import Board
from evo.outstanding import Outstanding

T = TypeVar("T")

_BYTES, _WORDS = 4, 4000
"""Bytes of an answer's token, and of the words about it, in the question that follows on it: usual ones."""

_TOO_MANY = 5
"""So many answers in a row that are none, and there is no model behind that address."""


@dataclass(frozen=True, slots=True)
class Call:
    """Who is asked for what: the call number `step` for a child."""

    number: int
    generation: int
    step: int
    purpose: str
    model: Model


@dataclass(frozen=True, slots=True)
class Terms:
    """What an answer may be: of so many tokens, at prices that the user gave, or else at those of a batch.

    Where spending is capped, `outstanding` notes the calls that are on their way.
    """

    tokens: int
    prices: Overrides
    batch: bool = False
    outstanding: Outstanding | None = None


class Desk:
    """The one place where money is spent."""

    def __init__(self, board: Board, answers: Answers, terms: Terms, *, calls: bool = True) -> None:
        self._board = board
        self._answers = answers
        self._terms = terms
        self.calls = calls
        """Whether anybody may be called."""
        self._nonsense = 0

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work that asks."""
        return self._board.start(work)

    def has(self, call: Call, prompt: Prompt) -> bool:
        """Whether the answer to a question is there already, and so costs nothing more."""
        return self._answers.has(label_of(call.number, call.step, digest_of(call.model.name, prompt)))

    def spent_on(self, number: int) -> Decimal:
        """Dollars that a child has cost until now."""
        return self._answers.spent_on(number)

    def worst(self, model: Model, prompt: Prompt, more: int = 0) -> Decimal | None:
        """Dollars that a question can cost at most, if it grows by so many answers; None if the price is unknown."""
        size = len(prompt.constant.encode()) + sum(len(turn.encode()) for turn in prompt.turns)
        tokens, batch = self._terms.tokens, self._terms.batch
        size += more * (tokens * _BYTES + _WORDS)
        return worst(model, size, tokens, self._terms.prices, batch=batch)

    async def ask(self, call: Call, prompt: Prompt) -> SavedAnswer:
        """The answer to a question, as any later reader will find it; raises CallError, RunError, StorageError."""
        question = digest_of(call.model.name, prompt)
        saved = self._answers.find(call.number, call.step, question)
        if saved is not None:
            return saved
        if not self.calls:
            raise RunError(f"the run holds no answer to call {call.step} for child {call.number}")
        if self._nonsense >= _TOO_MANY:
            raise CallError(f"the last {_TOO_MANY} answers were none; is this the right address?", final=True)
        label = label_of(call.number, call.step, question)
        answer = await self._noted(call.model, prompt, label)
        usage, terms = answer.usage, self._terms
        price = None if usage is None else priced(call.model, usage, terms.prices, batch=terms.batch)
        saved = self._answers.save(
            SavedAnswer(
                number=call.number,
                generation=call.generation,
                step=call.step,
                purpose=call.purpose,
                model=call.model.name,
                question=question,
                price=price,
                most=self.worst(call.model, prompt) if price is None else None,
                answer=answer,
            )
        )
        if self._terms.outstanding is not None:
            self._terms.outstanding.settle(label)
        self._nonsense = self._nonsense + 1 if answer.fault == "malformed" else 0
        return saved

    async def _noted(self, model: Model, prompt: Prompt, label: str) -> Answer:
        """The answer to a call of which there is a note until it is saved."""
        notes, most = self._terms.outstanding, self.worst(model, prompt)
        if notes is None or most is None:
            return await self._board.ask(model.name, prompt, label)
        try:
            return await self._board.ask(model.name, prompt, label, partial(notes.expect, label, most))
        except CallError:
            notes.settle(label)
            raise
