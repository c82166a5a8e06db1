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
    if giver.decision is Decision.ORDER:

        def made(path: str) -> Term:
            code = adapted(
                right, giver, left, giver.node, Scene(pipeline=path, scheduler=giver.scene.scheduler)
            )
            return Term(code or "None", words)

        return sort_by(left, rng, made)

    def asked(statement: ast.stmt) -> Term | None:
        code = adapted(right, giver, left, statement, scene_at(left, statement))
        return None if code is None else Term(code, words)

    guard = right.parent[giver.node]
    assert isinstance(guard, ast.If)
    return guard_with(left, rng, asked, "break" if isinstance(guard.body[0], ast.Break) else "continue")


def adapted(right: Draft, giver: Point, left: Draft, place: ast.AST, scene: Scene) -> str | None:
    """The code of a decision in the words of another policy's scene; None if what it looks at isn't at hand there."""
    pairs = (
        (giver.scene.pipeline, scene.pipeline),
        (giver.scene.pool, scene.pool),
        (giver.scene.scheduler, scene.scheduler),
    )
    table = {theirs: ours for theirs, ours in pairs if theirs is not None and ours is not None}
    amounts = amounts_at(left, place) if place in left.parent else []
    for node in ast.walk(giver.node):
        flavour = right.kinds.flavour(node) if isinstance(node, (ast.Name, ast.Subscript)) else None
        text = ast.unparse(node)
        alike = [code for kind, code in amounts if kind is flavour]
        if alike and text not in table and text not in alike:
            table[text] = alike[0]
    renamed = _Renamed({text: ast.parse(code, mode="eval").body for text, code in table.items()})
    tree = ast.parse(f"({right.of(giver.node)})", mode="eval")
    code = ast.unparse(renamed.visit(tree))
    own = {node.id for node in ast.walk(giver.node) if isinstance(node, ast.Name)}
    local = {name for name in own if right.scope(giver.node).owner(name) not in {None, right.scopes.module}}
    inside = {arg.arg for part in ast.walk(tree) if isinstance(part, ast.Lambda) for arg in part.args.args}
    bound = set(left.kinds.bound(place)) if place in left.parent else set()
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    given = {
        node.id for ours in table.values() for node in ast.walk(ast.parse(ours)) if isinstance(node, ast.Name)
    }
    return None if (names & local) - given - bound - inside else code


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
