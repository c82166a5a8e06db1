"""Crossing at decision points: one parent decides as the other does, in its own names.

What the other looks at when it takes the same kind of decision comes over, with its pipeline, its pool, its
scheduler object and its amounts renamed to those at hand. It works between strangers: nothing but what is decided
must be alike.
"""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.alignment import plain
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour
from evo.variation.syntax.order import sort_by
from evo.variation.syntax.points import Decision, Point, points
from evo.variation.syntax.scene import Scene, scene_at
from evo.variation.syntax.source import Change
from evo.variation.syntax.statements import guard_with
from evo.variation.syntax.vocabulary import Term, amounts_at, pick


def exchange_decision(left: Draft, right: Draft, rng: np.random.Generator) -> Change | None:
    """A decision of the other, in place of one's own of the same kind; sort keys and guards may also be added."""
    mine = points(left)
    known = {plain(left, point.node) for point in mine}
    theirs = [point for point in points(right) if plain(right, point.node) not in known]
    kinds = sorted({point.decision.value for point in theirs})
    if not kinds:
        return None
    decision = Decision(pick(rng, kinds))
    node = right.choose(rng, [point.node for point in theirs if point.decision is decision])
    giver = next(point for point in theirs if point.node is node)
    takers = [point for point in mine if point.decision is decision]
    added = decision in {Decision.ORDER, Decision.GUARD}
    if added and (not takers or rng.random() < 0.5):
        return _added(left, right, giver, rng)
    place = left.choose(rng, [point.node for point in takers])
    if place is None:
        return None
    taker = next(point for point in takers if point.node is place)
    code = adapted(right, giver, left, place, taker.scene)
    words = f"{decision.value} `{right.short(giver.node)}` for `{left.short(place)}` {left.where(place)}"
    if decision is Decision.ORDER and isinstance(left.parent[place], ast.Tuple):
        code = None if code is None else f"({code})"
    return None if code is None else Change((left.put(place, code),), words)


def _added(left: Draft, right: Draft, giver: Point, rng: np.random.Generator) -> Change | None:
    """The other's sort key or guard where this one had none."""
    words = f"{giver.decision.value} `{right.short(giver.node)}`"

    def ordered(path: str) -> Term | None:
        code = adapted(right, giver, left, None, Scene(pipeline=path))
        return None if code is None else Term(code, words)

    def asked(statement: ast.stmt) -> Term | None:
        code = adapted(right, giver, left, statement, scene_at(left, statement))
        return None if code is None else Term(code, words)

    if giver.decision is Decision.ORDER:
        return sort_by(left, rng, ordered)
    guard = right.parent[giver.node]
    assert isinstance(guard, ast.If)
    return guard_with(left, rng, asked, "break" if isinstance(guard.body[0], ast.Break) else "continue")


def adapted(right: Draft, giver: Point, left: Draft, place: ast.AST | None, scene: Scene) -> str | None:
    """The code of a decision in the words of another scene; None if what it looks at isn't at hand there.

    Without a `place` nothing is at hand but the scene.
    """
    table = _table(right, giver, [] if place is None else amounts_at(left, place))
    for theirs, ours in (
        (giver.scene.pipeline, scene.pipeline),
        (giver.scene.pool, scene.pool),
        (giver.scene.scheduler, scene.scheduler),
    ):
        if theirs is not None and ours is not None:
            table |= {theirs: ours}
    renamed = _Renamed({text: ast.parse(code, mode="eval").body for text, code in table.items()})
    tree = renamed.visit(ast.parse(f"({right.of(giver.node)})", mode="eval"))
    at_hand = {name for ours in table.values() for name in _names(ast.parse(ours))}
    at_hand |= {arg.arg for part in ast.walk(tree) if isinstance(part, ast.Lambda) for arg in part.args.args}
    at_hand |= set() if place is None else set(left.kinds.bound(place))
    scope = right.scope(giver.node)
    foreign = {name for name in _names(giver.node) if scope.owner(name) not in {None, right.scopes.module}}
    return None if (_names(tree) & foreign) - at_hand else ast.unparse(tree)


def _table(right: Draft, giver: Point, amounts: list[tuple[Flavour, str]]) -> dict[str, str]:
    """For each amount that a decision looks at, the first of those at hand that is of the same resource."""
    table: dict[str, str] = {}
    for node in ast.walk(giver.node):
        flavour = right.kinds.flavour(node) if isinstance(node, (ast.Name, ast.Subscript)) else None
        alike = [code for kind, code in amounts if kind is flavour]
        text = ast.unparse(node)
        if alike and text not in alike:
            table[text] = alike[0]
    return table


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


class _Renamed(ast.NodeTransformer):
    """Puts expressions in place of those with the texts of a table, the largest first."""

    def __init__(self, table: dict[str, ast.expr]) -> None:
        self._table = table

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Load):
            new = self._table.get(ast.unparse(node))
            if new is not None:
                return new
        return self.generic_visit(node)
