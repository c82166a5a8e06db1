"""The least length of a vector that lies in a convex set, of which only the least products with directions are known.

Knows nothing of what the vector stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evo.evaluation.bounds.operators import Array

_DIRECTIONS = 6
_ROUNDS = 100


def least_norm(lowest: Callable[[Array], Array], size: int) -> float:
    """A lower bound on the length of every vector v of which d · v >= d · lowest(d) is known for all d >= 0.

    For d of length 1 the length of v is at least d · v (Cauchy-Schwarz), so every direction gives a bound. The best one
    is that of the shortest v; the next to be tried is that of the shortest mean of the vectors that were found.
    """
    direction = np.full(size, size**-0.5)
    found: list[Array] = []
    best = 0.0
    for _ in range(_DIRECTIONS):
        found.append(lowest(direction))
        best = max(best, float(direction @ found[-1]))
        shortest = _shortest(found)
        length = float(np.linalg.norm(shortest))
        if length <= best:
            break
        direction = shortest / length
    return best


def _shortest(points: Sequence[Array]) -> Array:
    """Nearly the shortest mean of the points with any weights (Gilbert 1966)."""
    many = np.array(points)
    mean: Array = many[-1]
    for _ in range(_ROUNDS):
        way = many[int(np.argmin(many @ mean))] - mean
        square = float(way @ way)
        if not square:
            break
        mean = mean + min(1.0, max(0.0, -float(mean @ way) / square)) * way
    return mean
