"""How much of a heap of work fits into time windows at most: Moore and Hodgson's question, with parts allowed.

Work has an area, a value and a window; a machine does so much area per tick. Knows nothing of clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evo.evaluation.bounds.operators import Array

OWNERS = 3
MOST_WINDOWS = 100
MOST_ITEMS = 600
"""More are put together, which only makes the bounds looser."""

Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Items:
    """Work by its value, its area, the place of its window and its owner; parts of an item have their share of its value."""

    values: Array
    areas: Array
    places: Places
    owners: Places


def most(items: Items, begins: Array, ends: Array, speed: float) -> Array:
    """The most value that can be done, by owner, each item between the begin and the end of its window; both rise.

    What can be done in windows with interruptions is a polymatroid: amounts are possible exactly if in no span of time
    there is more work, of windows inside it, than the machine does. Over a polymatroid the greedy order by value per
    area is the best one (Edmonds 1970), and whoever may not interrupt or do parts has no more.
    """
    room = speed * np.maximum(ends[None, :] - begins[:, None], 0.0)
    sums = np.concatenate([[0.0], np.cumsum(np.bincount(items.places, items.areas, len(begins)))])
    load = sums[None, 1:] - sums[:-1, None]
    if (np.triu(load) <= room).all():
        return np.bincount(items.owners, items.values, OWNERS).astype(float)
    with np.errstate(divide="ignore"):
        order = np.argsort(-(items.values / items.areas), kind="stable")
    gained = np.zeros(OWNERS)
    columns = [each[order].tolist() for each in (items.values, items.areas, items.places, items.owners)]
    for value, area, place, owner in zip(*columns, strict=True):
        inside = room[: place + 1, place:]
        fits = min(area, float(inside.min()))
        if area <= 0:
            gained[owner] += value
        elif fits > 0:
            inside -= fits
            gained[owner] += value * (fits / area)
    return gained


def windows(arrivals: Places) -> tuple[Places, Array, Array]:
    """The place of each arrival's window, and the first and the last arrival in each; arrivals rise."""
    ticks = np.unique(arrivals)
    groups = np.arange(len(ticks)) * MOST_WINDOWS // max(len(ticks), MOST_WINDOWS)
    _, heads, groups = np.unique(groups, return_index=True, return_inverse=True)
    tails = np.append(heads, len(ticks))[1:] - 1
    return groups[np.searchsorted(ticks, arrivals)], ticks[heads].astype(float), ticks[tails].astype(float)


def together(items: Items) -> Items:
    """Fewer items that allow no less: an owner's in one window, of like area per value, become one at the least of theirs.

    Parts being allowed, items that are equal in that are the same as one with all their value.
    """
    costs = items.areas / items.values
    order = np.lexsort((costs, items.owners, items.places))
    costs, groups = costs[order], (items.places * OWNERS + items.owners)[order]
    apart = np.diff(groups, prepend=-1) != 0
    differ = apart | (np.diff(costs, prepend=-1.0) != 0)
    size = -(-int(differ.sum()) // MOST_ITEMS)
    if size > 1:  # of so many every few neighbours are taken together
        differ = apart | (differ & (np.cumsum(differ) % size == 0))
    heads = np.flatnonzero(differ)
    values = np.add.reduceat(items.values[order], heads) if len(heads) else np.zeros(0)
    return Items(values, values * costs[heads], items.places[order][heads], items.owners[order][heads])
