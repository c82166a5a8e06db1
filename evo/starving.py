"""Whom a policy starves: a metric may be won by completing hardly anything of one class of pipelines.

Pure counting on what was completed: knows nothing of how a policy was run, or of what it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evo.population import Fitness

STARVING = 0.05
"""A class is starved of which a smaller share is completed, while another policy completes more."""

SELDOM = 0.1
"""It is also starved if a smaller part is completed of what another policy completes, be the share what it may."""


@dataclass(frozen=True, slots=True)
class Starved:
    """A class that is starved: so many completed of those that arrived, and the other policy that completes most."""

    name: str
    completed: int
    arrived: int
    other: str
    by_other: int


def starved(outcome: Fitness, others: Mapping[str, Fitness]) -> tuple[Starved, ...]:
    """The classes that a policy starves, beside others by name on the same traces; what none can complete isn't starved."""
    found = []
    for name, (done, arrived) in outcome.completions.items():
        most = max(others, key=lambda one: others[one].completions[name][0], default=None)
        by_other = 0 if most is None else others[most].completions[name][0]
        little = done < STARVING * arrived or done < SELDOM * by_other
        if most is not None and little and done < by_other:
            found.append(Starved(name, done, arrived, most, by_other))
    return tuple(found)
