"""Which of several models is asked: by the user's weights alone, or by what each has brought for what it cost.

A choice is a function of the child's stream of chance and of the generations that its parents could know; so it comes
out the same however the run was interrupted. Knows no server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np

from evo.answers import Answers, SavedAnswer
from evo.breeding import Birth
from evo.credit import Account, gain, shifted
from evo.llm.models import Model, shares
from evo.records import RunState

_Cost = Callable[[SavedAnswer], float]


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
            answers = [saved for saved in self._answers.all() if saved.generation <= last]
            cost = _cost(answers)
            accounts = [self._account(model, last, answers, cost) for model in self._models]
            self._known[last] = shifted(even, accounts)
        return self._known[last]

    def _account(self, model: Model, last: int, answers: Sequence[SavedAnswer], cost: _Cost) -> Account:
        own = [saved for saved in answers if saved.model == model.name]
        children = [
            one
            for one in self._state.individuals.values()
            if one.lineage.model == model.name and one.generation <= last
        ]
        return Account(
            len(own), sum(gain(one, self._state.individuals) for one in children), sum(map(cost, own))
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
