"""What saved runs are compared at equal amounts of, and where on the way it is worth a look.

Imports nothing slow, since the command line names these.
"""

from __future__ import annotations

from enum import StrEnum

_MARKS = 6


class Axis(StrEnum):
    """What runs are compared at equal amounts of."""

    EVALUATIONS = "evaluations"
    DOLLARS = "dollars"
    GENERATIONS = "generations"
    SECONDS = "seconds"


def marks(axis: Axis, budget: float) -> list[float]:
    """Where it is worth a look: 25, 50, 100 … evaluations or 5, 10, 20 … generations, an eighth, a quarter … of dollars or seconds.

    The last is the budget itself; of more than six the last six.
    """
    mark = {Axis.EVALUATIONS: 25.0, Axis.GENERATIONS: 5.0}.get(axis, budget / 8)
    found = []
    while mark < budget:
        found.append(mark)
        mark *= 2
    return [*found, budget][-_MARKS:]
