"""What is best by several measures at once: points of which less is better in every place.

The arithmetic of Pareto fronts, for whoever shows or keeps one; who lives on by it is `selection`'s. Knows nothing of
policies or metrics.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, ...]


def dominates(left: Point, right: Point) -> bool:
    """Whether `left` is nowhere worse than `right`, and somewhere better."""
    return left != right and all(one <= other for one, other in zip(left, right, strict=True))


def spread(points: Sequence[Point], size: int) -> list[int]:
    """The places of `size` points that stand for all, in order: those in the densest places are left out, one by one.

    The extreme points stay as long as there is room; of equally dense ones the earlier stays.
    """
    places = list(range(len(points)))
    while len(places) > size:
        distances = crowding([points[place] for place in places])
        del places[min(range(len(places)), key=lambda at: (distances[at], -at))]
    return places


def crowding(points: Sequence[Point]) -> list[float]:
    """How far each point's neighbours lie apart, summed over the measures: NSGA-II's crowding distance (Deb 2002).

    Each measure counts in parts of its whole range; at its ends the distance is infinite. Equals stand in the order of
    the measure before, as in DEAP's.
    """
    distances = [0.0] * len(points)
    order = list(range(len(points)))
    for measure in zip(*points, strict=True):
        order.sort(key=measure.__getitem__)
        first, last = order[0], order[-1]
        distances[first] = distances[last] = math.inf
        extent = measure[last] - measure[first]
        for before, at, after in zip(order, order[1:], order[2:], strict=False):
            distances[at] += (measure[after] - measure[before]) / extent if extent else 0.0
    return distances
