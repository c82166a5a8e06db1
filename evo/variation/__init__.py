"""From parents to a child: what every way of making children has in common.

A variation may know policies and how to parse them, never how they are scored, saved or run. It draws chance from
the generator that it is given and from nothing else, so a child is a function of its parents and that generator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evo.population import Individual, Lineage, Policy

__all__ = ["Barren", "Proposal", "Variation"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A child fit to be scored; `attempts` counts the draws and repairs until it came out, 1 is none in vain."""

    policy: Policy
    lineage: Lineage
    attempts: int


@dataclass(frozen=True, slots=True)
class Barren:
    """No child could be made of these parents in so many attempts; `reason` says why, in words."""

    reason: str


class Variation(Protocol):
    """A way of making children."""

    def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal | Barren:
        """A child that parses, honours the contract and differs from its parents in its normal form."""
