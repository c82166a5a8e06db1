"""A source that is being varied: with guesses about its names, and with where changes matter most.

Code that decides which containers start, and how large, deserves most of the changes; code that only follows up
suspensions the fewest, since it sleeps in most workloads. The weights steer the draw, nothing is left out.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from copy import copy
from functools import cached_property, lru_cache
from typing import Self, TypeVar

import numpy as np

from evo.policy.contract import Registrations, registrations
from evo.variation.syntax.kinds import Kinds
from evo.variation.syntax.source import Source

N = TypeVar("N", bound=ast.AST)

STEP = 0.5
"""The standard deviation of a changed constant's logarithm, until lineages have found a better one."""

KEPT = 16
"""Of so many drafts what was found out is kept: a parent is varied again and again."""

_NEAR, _USUAL, _FAR = 3.0, 1.0, 0.25


class Draft(Source):
    """A source with what is needed to choose places in it; `step` is how far its constants are changed."""

    def __init__(self, text: str, step: float = STEP) -> None:
        super().__init__(text)
        self.step_size = step

    def with_step(self, step: float) -> Self:
        """The same draft with another step."""
        other = copy(self)
        other.step_size = step
        return other

    def again(self, text: str) -> Self:
        """Another text in this one's place, with the same step."""
        return type(self)(text, self.step_size)

    @cached_property
    def registered(self) -> Registrations:
        """Its two registered functions."""
        return registrations(self.tree)

    @cached_property
    def kinds(self) -> Kinds:
        """What its names and expressions stand for."""
        return Kinds(self)

    def choose(self, rng: np.random.Generator, nodes: Sequence[N], factors: Sequence[float] = ()) -> N | None:
        """One of the nodes by the weight of its place, times its factor if any are given; None of none."""
        if not nodes:
            return None
        weights = np.array([self.weight(node) for node in nodes])
        if factors:
            weights *= np.array(factors)
        sums = np.cumsum(weights)
        place = int(np.searchsorted(sums, float(rng.random()) * sums[-1], side="right"))
        return nodes[min(place, len(nodes) - 1)]

    def weight(self, node: ast.AST) -> float:
        """How much a change at a node is likely to matter."""
        function = self.function.get(node)
        if function is None:
            return _NEAR
        if function not in self._starting:
            return self._of_function.get(function.name, _USUAL)
        direct = next((part for part in (node, *self.above(node)) if self.parent.get(part) is function), None)
        if direct is None or direct in self._starting:
            return _NEAR
        return self._asleep(direct)

    def first_reader(self, statement: ast.stmt, name: str) -> ast.stmt:
        """The first statement of a block that reads a variable after it was set there, up to a given one."""
        before = self.block(statement)
        reader = statement
        for other in reversed(before[: before.index(statement)]):
            names = [node for node in ast.walk(other) if isinstance(node, ast.Name) and node.id == name]
            if any(isinstance(node.ctx, ast.Store) for node in names):
                break
            reader = other if names else reader
        return reader

    def _asleep(self, node: ast.AST) -> float:
        return _FAR if isinstance(node, ast.stmt) and "suspend" in self.of(node).lower() else _USUAL

    @cached_property
    def _starting(self) -> set[ast.AST]:
        """The calls of Assignment and the nodes around them."""
        calls = [
            node
            for node in self.nodes
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Assignment"
        ]
        return {around for call in calls for around in (call, *self.above(call))}

    @cached_property
    def _of_function(self) -> dict[str, float]:
        """The weight of functions that start no container, by name: near if one that does calls them."""
        functions = [node for node in self.nodes if isinstance(node, ast.FunctionDef)]
        called = {
            node.id
            for function in functions
            if function in self._starting
            for node in ast.walk(function)
            if isinstance(node, ast.Name)
        }
        return {
            function.name: _NEAR if function.name in called else self._asleep(function)
            for function in functions
        }


@lru_cache(maxsize=KEPT)
def drafted(text: str) -> Draft:
    """The draft of a text, which may have been made before; raises `PolicyError` if the text doesn't parse."""
    return Draft(text)


def decides(loop: ast.AST) -> bool:
    """Whether a loop decides something: it starts a container, or stops before its end."""
    for node in ast.walk(loop):
        if isinstance(node, (ast.Break, ast.Return)) or (
            isinstance(node, ast.Name) and node.id == "Assignment"
        ):
            return True
    return False
