"""How the child of a number comes about, and the offline way: variations of syntax trees, drawn until one is new.

A child is a function of the seed, its number, the living that its parents come from, and what the run knows by then.
Knows no file, process or journal.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evo.config import RunConfig
from evo.population import Individual, Lineage, Policy, Population
from evo.records import Skipped
from evo.selection import parents
from evo.variation import Barren, Variation

DRAWS = 10
"""How often a child is drawn anew, from the same stream, before its number stays unused."""


@dataclass(frozen=True, slots=True)
class Child:
    """A policy that waits for its score; `attempts` counts what was drawn until it came out."""

    number: int
    policy: Policy
    lineage: Lineage
    attempts: int


@dataclass(frozen=True, slots=True)
class Birth:
    """A child that is to be: its number, its generation, and the living that its parents come from.

    Where the search `explores` any of these may be a parent, however good it is.
    """

    number: int
    generation: int
    living: Population
    explores: bool = False


class Breeder(Protocol):
    """Whoever makes children."""

    def begin(self, birth: Birth) -> bool:
        """Begin what takes long about a child, in order of numbers; False if it, and so all after it, must wait."""

    def child(self, birth: Birth, known: AbstractSet[str]) -> Child | Skipped | None:
        """A child that was begun, no twin of any `known` normal form; None if it isn't there yet."""


@dataclass(frozen=True, slots=True)
class Variations:
    """How children are made: of one parent, and of two."""

    mutation: Variation
    crossover: Variation
    adapted: Callable[[int], Variation] | None = None
    """Mutation as it is when the generation of that number is complete; None: always the same."""


@dataclass(frozen=True, slots=True)
class Offline:
    """Children by variation alone: nothing takes long, and nothing is paid for."""

    config: RunConfig
    variations: Variations

    def parents(self, birth: Birth, count: int, rng: np.random.Generator) -> tuple[Individual, ...]:
        """So many different parents, by tournament, or at random where the search explores."""
        tournament = 1 if birth.explores else self.config.tournament
        return parents(birth.living, count, tournament, rng)

    def begin(self, birth: Birth) -> bool:  # noqa: ARG002 - the seam's
        """Nothing is to be begun."""
        return True

    def child(self, birth: Birth, known: AbstractSet[str]) -> Child | Skipped:
        """The child of that number, drawn from the stream of that number."""
        return self.drawn(birth, known, np.random.default_rng([self.config.seed, birth.number]))

    def drawn(self, birth: Birth, known: AbstractSet[str], rng: np.random.Generator) -> Child | Skipped:
        """A child drawn from this stream."""
        crossover = self.config.crossover if birth.generation and len(birth.living.individuals) > 1 else 0.0
        adapted, attempts, reason, twin = self.variations.adapted, 0, "", False
        mutation = (
            adapted(birth.living.generation) if adapted and birth.generation else self.variations.mutation
        )
        for _ in range(DRAWS):
            crossed = crossover > rng.random()
            variation = self.variations.crossover if crossed else mutation
            chosen = self.parents(birth, 1 + crossed, rng)
            proposal = variation.propose(chosen, rng)
            if isinstance(proposal, Barren):
                attempts, reason, twin = attempts + 1, proposal.reason, False
                continue
            attempts += proposal.attempts
            if proposal.policy.hash not in known:
                return Child(birth.number, proposal.policy, proposal.lineage, attempts)
            reason, twin = "the last draw is a policy that the run knows", True
        return Skipped(
            number=birth.number, generation=birth.generation, attempts=attempts, reason=reason, twin=twin
        )
