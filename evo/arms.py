"""Which of several models is asked: by the user's weights alone, or by what each has brought for what it cost.

A choice is a function of the child's stream of chance and of the generations that its parents could know; so it comes
out the same however the run was interrupted. Knows no server.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from evo.answers import Answers, SavedAnswer
from evo.breeding import Birth
from evo.front import dominates
from evo.llm.models import Model, shares
from evo.population import Individual, ranked
from evo.records import RunState

_EVEN = 0.1
"""The part of all calls that goes by weight whatever the models have brought: whoever is never asked can't get better."""


_Cost = Callable[[SavedAnswer], float]


@dataclass(frozen=True, slots=True)
class _Account:
    """What a model was asked, brought and cost until some generation."""

    calls: int
    gain: float
    cost: float


class Arms:
    """The models to choose from, as a bandit sees them: `adaptive`, or by weight alone."""

    def __init__(self, models: Sequence[Model], state: RunState, answers: Answers, *, adaptive: bool) -> None:
        self._models = tuple(models)
        self._state = state
        self._answers = answers
        self._adaptive = adaptive and len(self._models) > 1
        self._known: dict[int, tuple[float, ...]] = {}

    def model(self, birth: Birth, rng: np.random.Generator) -> Model:
        """The model that makes this child; one draw, however many there are."""
        point, reached = rng.random(), 0.0
        weights = self.weights(birth.living.generation if birth.generation else -1)
        for model, weight in zip(self._models, weights, strict=True):
            reached += weight
            if point < reached:
                return model
        return self._models[-1]

    def weights(self, last: int) -> tuple[float, ...]:
        """The part of the calls for each model, by what was known when generation `last` was complete.

        A model's merit is its children's summed relative improvement over their better parent, for each dollar, drawn
        towards the average of all models by one call. Where a price is unknown, or all is free, it is for each second,
        and in batches, of which nobody knows how long an answer took, for each token.
        """
        even = shares(self._models)
        if not self._adaptive or last < 0:
            return even
        if last not in self._known:
            merits = self._merits(last)
            total = sum(share * merit for share, merit in zip(even, merits, strict=True))
            self._known[last] = tuple(
                share * (_EVEN + (1 - _EVEN) * merit / total) if total else share
                for share, merit in zip(even, merits, strict=True)
            )
        return self._known[last]

    def _merits(self, last: int) -> list[float]:
        answers = [saved for saved in self._answers.all() if saved.generation <= last]
        cost = _cost(answers)
        accounts = [self._account(model, last, answers, cost) for model in self._models]
        calls = sum(account.calls for account in accounts)
        if not calls:
            return [1.0] * len(accounts)
        usual_gain = sum(account.gain for account in accounts) / calls
        usual_cost = sum(account.cost for account in accounts) / calls
        return [
            (account.gain + usual_gain) / (account.cost + usual_cost)
            if usual_cost
            else account.gain + usual_gain
            for account in accounts
        ]

    def _account(self, model: Model, last: int, answers: Sequence[SavedAnswer], cost: _Cost) -> _Account:
        own = [saved for saved in answers if saved.model == model.name]
        children = [
            one
            for one in self._state.individuals.values()
            if one.lineage.model == model.name and one.generation <= last
        ]
        return _Account(len(own), sum(map(self._gain, children)), sum(map(cost, own)))

    def _gain(self, child: Individual) -> float:
        """By what part of its better parent's value a child is better; 0 if it isn't.

        By several metrics it must dominate that parent, and counted is the mean of the parts.
        """
        known = self._state.individuals
        parents = ranked(one for name in child.lineage.parents if (one := known[int(name)]).fitness)
        if child.fitness is None or not parents or parents[0].fitness is None:
            return 0.0
        costs, before = child.fitness.costs, parents[0].fitness.costs
        if not dominates(costs, before):
            return 0.0
        return statistics.fmean(
            (old - new) / max(abs(old), abs(new)) if old != new else 0.0
            for new, old in zip(costs, before, strict=True)
        )


def _cost(answers: Sequence[SavedAnswer]) -> _Cost:
    """What an answer's cost is counted in: dollars if all prices are known and not all are 0, else seconds, else tokens."""
    if all(saved.price is not None for saved in answers) and any(saved.price for saved in answers):
        return _dollars
    if all(saved.answer.seconds for saved in answers):
        return _seconds
    return _tokens


def _dollars(saved: SavedAnswer) -> float:
    return float(saved.price or Decimal(0))


def _seconds(saved: SavedAnswer) -> float:
    return saved.answer.seconds


def _tokens(saved: SavedAnswer) -> float:
    usage = saved.answer.usage
    return 0.0 if usage is None else float(usage.input + usage.output)
