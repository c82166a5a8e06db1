"""Mutations by which a policy learns from what happened: memory that was too little, and work that waits instead of going.

What is learned is kept on the scheduler object, in plain lines at the top of the scheduler function.
"""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.amounts import given_amounts, is_free
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour
from evo.variation.syntax.scene import Scene, scene_at
from evo.variation.syntax.source import Change, Edit, is_text
from evo.variation.syntax.vocabulary import amounts_at, pick

_ATTRIBUTE = "too_little"
_FACTORS = ("1.0625", "1.125", "1.25", "1.5")


def learn_memory(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A container gets more memory than was ever too little for its class; where that isn't kept yet, it is kept."""
    sites: dict[ast.expr, Scene] = {}
    for given, flavour in given_amounts(draft):
        scene = scene_at(draft, given)
        if flavour is Flavour.RAM and isinstance(given, ast.Name) and scene.pipeline and scene.scheduler:
            sites[given] = scene
    node = draft.choose(rng, list(sites))
    statement = None if node is None else draft.statement(node)
    if node is None or statement is None:
        return None
    scene, name = sites[node], draft.of(node)
    reader = draft.first_reader(statement, name)
    place, book = draft.lines(reader), _kept(draft)
    if place is None or book is None:
        return None
    kept = _factor(draft, reader, name)
    if kept is not None:
        return _retuned(draft, rng, kept, name)
    factor = pick(rng, _FACTORS)
    code = f"max({name}, {factor} * {scene.scheduler}.{_ATTRIBUTE}.get({scene.pipeline}.priority, 0))"
    free = [code for kind, code in amounts_at(draft, reader) if kind is Flavour.RAM and is_free(code)]
    if free:
        code = f"min({code}, {pick(rng, free)})"
    line = f"{draft.indent(reader)}{name} = {code}\n"
    words = f"{name} at least {factor} times what was too little for its class {draft.where(reader)}"
    return Change((Edit(place[0], place[0], line), *book), words)


def _factor(draft: Draft, reader: ast.stmt, name: str) -> ast.Constant | None:
    """The factor of a line that does this already, among the lines before the amount is read."""
    block = draft.block(reader)
    for statement in block[: block.index(reader) + 1]:
        match statement:
            case ast.Assign(targets=[ast.Name(id=set_)]) if set_ == name:
                for node in ast.walk(statement.value):
                    match node:
                        case ast.BinOp(
                            left=ast.Constant(value=float()) as factor, op=ast.Mult(), right=right
                        ):
                            if any(getattr(part, "attr", None) == _ATTRIBUTE for part in ast.walk(right)):
                                return factor
    return None


def _retuned(draft: Draft, rng: np.random.Generator, kept: ast.Constant, name: str) -> Change:
    """Another factor where the amount learns already: a second line would do nothing that this can't."""
    new = pick(rng, [factor for factor in _FACTORS if float(factor) != kept.value])
    words = f"{name} at least {new} times what was too little for its class {draft.where(kept)}"
    return Change((draft.over(kept, new),), words)


def _kept(draft: Draft) -> tuple[Edit, ...] | None:
    """The edits by which a policy keeps, by class, the most memory with which a container failed; none if it does."""
    if any(isinstance(node, ast.Attribute) and node.attr == _ATTRIBUTE for node in draft.nodes):
        return ()
    pair = draft.registered
    init, scheduler = pair.init.function, pair.scheduler.function
    last = draft.lines(init.body[-1])
    body = [node for node in scheduler.body if not is_text(node)]
    first = draft.lines(body[0]) if body else None
    if first is None or last is None or len(scheduler.args.args) < 3 or not init.args.args:
        return None
    (s, results), owner = (arg.arg for arg in scheduler.args.args[:2]), init.args.args[0].arg
    indent, step = draft.indent(body[0]), draft.step()
    book = f"{s}.{_ATTRIBUTE}"
    lines = (
        f"{indent}for result in {results}:\n"
        f"{indent}{step}if result.failed():\n"
        f"{indent}{step * 2}known = {book}.get(result.priority, 0)\n"
        f"{indent}{step * 2}{book}[result.priority] = max(known, result.ram)\n"
    )
    kept = f"{draft.indent(init.body[-1])}{owner}.{_ATTRIBUTE} = {{}}  # GB with which a container failed, by class\n"
    return Edit(last[1], last[1], kept), Edit(first[0], first[0], lines)
