"""What follows from a pipeline's graph alone: worked out once for all pipelines of the same graph.

Operators are places in order of insertion here; nothing in a shape ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from evo.simulator.trace import dag_order

Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph of operators; `parents` and `children` have one entry per operator, repeats included."""

    parents: tuple[Places, ...]
    children: tuple[Places, ...]
    """In order of attachment."""
    roots: Places
    walk: Places
    """In order of iteration, with those that it yields twice."""
    order: Places
    """In order of iteration, each once."""
    ranks: Places
    """The rank of each in that order."""
    waits: Places
    """How many parents each has."""
    front: Places
    """Ranks of the roots."""


@lru_cache(maxsize=256)
def shape(parents: tuple[Places, ...]) -> Shape:
    """The shape of a graph, from the parents of each operator."""
    children: list[list[int]] = [[] for _ in parents]
    for place, named in enumerate(parents):
        for parent in named:
            children[parent].append(place)
    walk = tuple(dag_order(parents))
    order = tuple(dict.fromkeys(walk))
    roots = tuple(place for place, named in enumerate(parents) if not named)
    ranks = [0] * len(parents)
    for rank, place in enumerate(order):
        ranks[place] = rank
    return Shape(
        parents=parents,
        children=tuple(map(tuple, children)),
        roots=roots,
        walk=walk,
        order=order,
        ranks=tuple(ranks),
        waits=tuple(map(len, parents)),
        front=tuple(sorted(ranks[place] for place in roots)),
    )
