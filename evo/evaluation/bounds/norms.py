"""The least length of a vector that lies in a convex set, of which only the least products with directions are known.

Knows nothing of what the vector stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evo.evaluation.bounds.operators import Array

_DIRECTIONS = 6
_ROUNDS = 100


def least_norm(lowest: Callable[[Array], Array], size: int, power: int) -> float:
    """A lower bound on the length of every vector v >= 0 of which d · v >= d · lowest(d) is known for all d >= 0.

    The length is the root of the sum of the `power`-th powers. For d whose length of the dual power is 1 that of v is at
    least d · v (Hölder), so every direction gives a bound. The best one is that of the shortest v; the next to be tried
    is that of the shortest mean of the vectors that were found.
    """
    dual = power / (power - 1)
    direction = np.full(size, size ** (-1 / dual))
    found: list[Array] = []
    best = 0.0
    for _ in range(_DIRECTIONS):
        found.append(lowest(direction))
        best = max(best, float(direction @ found[-1]))
        shortest = _shortest(found, power)
        if float((shortest**power).sum()) ** (1 / power) <= best:
            break
        steep = shortest ** (power - 1)
        direction = steep / float((steep**dual).sum()) ** (1 / dual)
    return best


def _shortest(points: Sequence[Array], power: int) -> Array:
    """Nearly the shortest mean of the points with any weights (Frank and Wolfe 1956)."""
    many = np.array(points)
    mean: Array = many[-1]
    for turn in range(_ROUNDS):
        best = many[int(np.argmin(many @ mean ** (power - 1)))]
        mean = mean + 2 / (turn + 2) * (best - mean)
    return mean
