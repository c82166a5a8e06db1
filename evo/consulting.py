"""A run's models, put together from its configuration: keys, providers, patience, prompts, prices, budget.

Whatever is wrong with any of them is found here, before anything is asked or saved. Without models in the configuration
there is nothing to put together, and nobody is ever called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from evo.answers import Answers
from evo.arms import Arms
from evo.breeding import Breeder, Offline
from evo.config import RunConfig
from evo.desk import Desk, Terms
from evo.errors import InputError
from evo.evaluation.suites import Suite
from evo.journal import Journal
from evo.llm import Answer, Prompt, Provider
from evo.llm.batches import BatchBoard, Manner, Pace
from evo.llm.budget import Budget
from evo.llm.keys import Key, keys_of
from evo.llm.models import Model, parse_models
from evo.llm.patience import Notice, Patience, bear
from evo.llm.prices import demand
from evo.llm.serving import batches_of, provider_of
from evo.llm.settings import Settings
from evo.llm.switchboard import Board, Switchboard
from evo.outstanding import Outstanding
from evo.pending import PendingBatches
from evo.prompted import Prompted
from evo.questions import Interview
from evo.shipped import markdown
from evo.variation.prompts import Prompts

T = TypeVar("T")

PROMPTS = "prompts"
"""The folder in a run's folder with its copy of what models are told."""


@dataclass(frozen=True, slots=True)
class Calling:
    """How models are called, which never changes what comes of it: so many at once; who is told of trouble.

    Nobody is called at all if not `allowed`: then the run's own answers must do. Batches are looked after at their own
    `pace`, and `news` is told how they are and of the seconds to the next look.
    """

    in_flight: int = 4
    notice: Notice = lambda _message, _seconds: None
    allowed: bool = True
    pace: Pace = field(default_factory=Pace)
    news: Notice = lambda _message, _seconds: None

    def __post_init__(self) -> None:
        if not 1 <= self.in_flight <= 1000:
            raise InputError(f"there must be 1 to 1000 calls in flight, got {self.in_flight}")


def check(config: RunConfig) -> None:
    """Raise InputError for what would keep the configuration's models from being asked: before there is a run."""
    models = parse_models(config.models)
    if config.strategy == "chat" and not models:
        raise InputError("the strategy chat needs a model: give --model")
    if config.batch and not models:
        raise InputError("batches are for language models: give --model, or leave --batch out")
    for model in models if config.batch else ():
        if model.service == "compatible":
            raise InputError(f"{model.name}: a server of one's own takes no batches; leave --batch out")
    if models:
        Prompts.load(markdown(), config.answer)
        keys_of(models)
        if config.budget is not None:
            demand(models, config.prices)


@contextmanager
def consulting(journal: Journal, suite: Suite, offline: Offline, calling: Calling) -> Iterator[Breeder]:
    """Who breeds the children of this run: its models for their share, if it has any, and the offline variations."""
    config = journal.config
    models = parse_models(config.models)
    if not models:
        yield offline
        return
    prompts = Prompts.load(journal.folder / PROMPTS, config.answer)
    answers = Answers(journal.folder)
    # What is in a batch is found again after a kill, and so never lost.
    notes = None if journal.budget is None or config.batch else Outstanding(journal.folder)
    terms = Terms(config.answer_tokens, config.prices, config.batch, notes)
    with _board(journal, models, answers, calling) as board:
        desk = Desk(board, answers, terms, calls=calling.allowed)
        arms = Arms(models, journal.state, answers, adaptive=config.models_policy == "bandit")
        interview = Interview(prompts, suite, config, journal.state, answers)
        yield Prompted(offline, interview, arms, desk, _budget(journal, answers, notes))


@contextmanager
def _board(
    journal: Journal, models: tuple[Model, ...], answers: Answers, calling: Calling
) -> Iterator[Board]:
    """The board that connects to the models: question by question, or in batches."""
    config, patient = journal.config, _Patient(calling.notice)
    if config.batch and calling.allowed:
        pending = PendingBatches(journal.folder, answers)
        makers = _makers(batches_of, models, config, journal.folder)
        manner = Manner(patient.bear, calling.pace, calling.news)
        with closing(BatchBoard(makers, pending, manner)) as together:
            yield together
        pending.forget()
        return
    providers = _makers(provider_of, models, config, journal.folder) if calling.allowed else {}
    timed = config.models_policy == "bandit"
    with closing(Switchboard(providers, calling.in_flight, patient.ask, timed=timed)) as one_by_one:
        yield one_by_one


def _makers(
    maker: Callable[[Model, Key, Settings], T], models: tuple[Model, ...], config: RunConfig, folder: Path
) -> dict[str, Callable[[], T]]:
    """How what speaks to each model is made, by the model's name."""
    keys = keys_of(models)
    return {
        model.name: partial(
            maker,
            model,
            keys[model.service],
            Settings(
                model=model.id,
                effort=config.effort,
                tokens=config.answer_tokens,
                cache_key=f"evo-{folder.name}",
            ),
        )
        for model in models
    }


class _Patient:
    """Asking with patience: one for each model, since one that is down says nothing of the others."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice
        self._known: dict[str, Patience] = {}

    async def ask(self, model: str, provider: Provider, prompt: Prompt) -> Answer:
        return await self.bear(model, lambda: provider.complete(prompt))

    async def bear(self, model: str, attempt: Callable[[], Awaitable[T]]) -> T:
        if model not in self._known:
            # This chance decides when to ask again, and no result.
            self._known[model] = Patience(np.random.default_rng().random)
        tell = self._notice
        return await bear(attempt, self._known[model], lambda text, wait: tell(f"{model}: {text}", wait))


def _budget(journal: Journal, answers: Answers, notes: Outstanding | None) -> Budget:
    """What may be spent, and what those children that are settled have cost, and calls of which nobody heard again."""
    limit = None if journal.budget is None else Decimal(str(journal.budget))
    settled = [one.booked for one in answers.all() if one.number < journal.state.next_number]
    return Budget(limit, sum(settled, notes.lost() if notes else Decimal(0)))
