"""What follows from a pipeline's graph alone: worked out once for all pipelines of the same graph.

Operators are places in order of insertion here; nothing in a shape ever changes.
"""

from __future__ import annotations

from dataclasses import dataclass

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


class Shapes(dict[tuple[Places, ...], Shape]):
    """Shapes by their parents, made when first asked for."""

    def __missing__(self, parents: tuple[Places, ...]) -> Shape:
        children: list[list[int]] = [[] for _ in parents]
        for place, named in enumerate(parents):
            for parent in named:
                children[parent].append(place)
        walk = tuple(dag_order(parents))
        shape = self[parents] = Shape(
            parents,
            tuple(map(tuple, children)),
            tuple(place for place, named in enumerate(parents) if not named),
            walk,
            tuple(dict.fromkeys(walk)),
        )
        return shape
