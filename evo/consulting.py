"""A run's models, put together from its configuration: keys, providers, patience, prompts, prices, budget.

Whatever is wrong with any of them is found here, before anything is asked or saved. Without models in the configuration
there is nothing to put together, and nobody is ever called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

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
from evo.llm.budget import Budget
from evo.llm.keys import keys_of
from evo.llm.models import Model, parse_models
from evo.llm.patience import Notice, Patience, ask
from evo.llm.prices import demand
from evo.llm.serving import provider_of
from evo.llm.settings import Settings
from evo.llm.switchboard import Ask, Switchboard
from evo.prompted import Prompted
from evo.questions import Interview
from evo.shipped import markdown
from evo.variation.prompts import Prompts

PROMPTS = "prompts"
"""The folder in a run's folder with its copy of what models are told."""


@dataclass(frozen=True, slots=True)
class Calling:
    """How models are called, which never changes what comes of it: so many at once; who is told of trouble.

    Nobody is called at all if not `allowed`: then the run's own answers must do.
    """

    in_flight: int = 4
    notice: Notice = lambda _message, _seconds: None
    allowed: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.in_flight <= 1000:
            raise InputError(f"there must be 1 to 1000 calls in flight, got {self.in_flight}")


def check(config: RunConfig) -> None:
    """Raise InputError for what would keep the configuration's models from being asked: before there is a run."""
    models = parse_models(config.models)
    if config.strategy == "chat" and not models:
        raise InputError("the strategy chat needs a model: give --model")
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
    makers = _makers(models, config, journal.folder) if calling.allowed else {}
    with Switchboard(makers, calling.in_flight, _patient(calling.notice)) as switchboard:
        desk = Desk(switchboard, answers, Terms(config.answer_tokens, config.prices), calls=calling.allowed)
        arms = Arms(models, journal.state, answers, adaptive=config.models_policy == "bandit")
        interview = Interview(prompts, suite, config.metric, journal.state, answers)
        yield Prompted(offline, interview, arms, desk, _budget(journal, answers))


def _makers(models: tuple[Model, ...], config: RunConfig, folder: Path) -> dict[str, Callable[[], Provider]]:
    """How the provider of each model is made, by its name."""
    keys = keys_of(models)
    return {
        model.name: partial(
            provider_of,
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


def _patient(notice: Notice) -> Ask:
    """Asking with patience: one for each model, since one that is down says nothing of the others."""
    known: dict[str, Patience] = {}

    async def patiently(name: str, provider: Provider, prompt: Prompt) -> Answer:
        if name not in known:
            known[name] = Patience(np.random.default_rng().random)  # when to ask again: it changes no result
        return await ask(provider, prompt, known[name], lambda text, wait: notice(f"{name}: {text}", wait))

    return patiently


def _budget(journal: Journal, answers: Answers) -> Budget:
    """What may be spent, and what those children that are settled have cost."""
    limit = None if journal.budget is None else Decimal(str(journal.budget))
    settled = [one.booked for one in answers.all() if one.number < journal.state.next_number]
    return Budget(limit, sum(settled, Decimal(0)))
