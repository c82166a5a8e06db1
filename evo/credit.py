"""Who is tried more often, for what it brought: one rule for mutations, for strategy hints and for models.

What somebody brought is counted in relative improvement over the better parent, for each unit of cost. Everybody keeps
a part of the chances whatever it brought, and who was hardly tried counts as average.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evo.front import dominates
from evo.population import Individual, ranked
from evo.records import RunState

HINT = "hint "
"""So begins the name of a strategy hint among the kinds of a lineage, where mutations stand by their own names."""

EVEN = 0.1
"""The part of all chances that goes by weight whatever anybody brought: who is never tried can't get better."""


@dataclass(frozen=True, slots=True)
class Account:
    """How often somebody was tried until some generation, what that brought, and what it cost."""

    tries: int
    gain: float
    cost: float


def shifted(weights: Sequence[float], accounts: Sequence[Account], usual: float = 1.0) -> tuple[float, ...]:
    """The weights, which sum to 1, after all was brought that stands in the accounts, one for each weight.

    A merit is gain for cost, drawn towards the average of all by `usual` tries.
    """
    tries = sum(account.tries for account in accounts)
    if not tries:
        return tuple(weights)
    gain = usual * sum(account.gain for account in accounts) / tries
    cost = usual * sum(account.cost for account in accounts) / tries
    merits = [
        (account.gain + gain) / (account.cost + cost) if cost else account.gain + gain for account in accounts
    ]
    total = sum(weight * merit for weight, merit in zip(weights, merits, strict=True))
    return tuple(
        weight * (EVEN + (1 - EVEN) * (merit / total)) if total else weight
        for weight, merit in zip(weights, merits, strict=True)
    )


def gain(child: Individual, known: Mapping[int, Individual]) -> float:
    """By what part of its better parent's value a child is better; 0 if it isn't.

    By several metrics it must dominate that parent, and counted is the mean of the parts.
    """
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


class Kinds:
    """The weights of mutations, or of hints, by what each brought in the generations that a child's parents could know.

    A child of several mutations is a try of each, and each gets its part of the gain.
    """

    def __init__(self, weights: Mapping[str, float], state: RunState) -> None:
        total = sum(weights.values())
        self._weights = {kind: weight / total for kind, weight in weights.items()}
        self._state = state
        self._known: dict[int, Mapping[str, float]] = {}

    def weights(self, last: int) -> Mapping[str, float]:
        """The weights when generation `last` was complete, which sum to 1; as they were given if that is below 0."""
        if last not in self._known:
            accounts = self._accounts(last)
            moved = shifted(
                tuple(self._weights.values()), [accounts[kind] for kind in self._weights], usual=_TRIES
            )
            self._known[last] = dict(zip(self._weights, moved, strict=True))
        return self._known[last]

    def _accounts(self, last: int) -> Mapping[str, Account]:
        tries, gains = dict.fromkeys(self._weights, 0), dict.fromkeys(self._weights, 0.0)
        for one in self._state.individuals.values():
            kinds = [kind for kind in one.lineage.kinds if kind in tries]
            if not kinds or one.generation > last:
                continue
            part = gain(one, self._state.individuals) / len(kinds)
            for kind in kinds:
                tries[kind] += 1
                gains[kind] += part
        return {kind: Account(count, gains[kind], count) for kind, count in tries.items()}


_TRIES = 5.0
"""By so many tries a mutation's merit is drawn towards the average."""
