"""Mutations of conditions and arithmetic."""

from __future__ import annotations

import ast
import re

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.source import Change, Edit, guarded
from evo.variation.syntax.supplies import needed
from evo.variation.syntax.vocabulary import condition, pick

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_OTHERS = {
    "<": ("<=", "<=", ">", ">="),
    "<=": ("<", "<", ">", ">="),
    ">": (">=", ">=", "<", "<="),
    ">=": (">", ">", "<", "<="),
    "==": ("!=", "<=", ">="),
    "!=": ("==", "<", ">"),
}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
}
_SIGN = re.compile(r"[<>]=?|[=!]=|//|[-+*/]")


def change_comparison(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another comparison in place of <, <=, >, >=, == or !=."""
    sites = [
        node
        for node in draft.nodes
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _SIGNS
    ]
    node = draft.choose(rng, sites)
    if node is None:
        return None
    old = _SIGNS[type(node.ops[0])]
    new = pick(rng, _OTHERS[old])
    edit = _between(draft, (node.left, node.comparators[0]), old, new)
    words = f"comparison {old} → {new} in `{draft.short(node)}` {draft.where(node)}"
    return None if edit is None else Change((edit,), words)


def change_arithmetic(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another operator, or one of the operands alone."""
    sites = [node for node in draft.nodes if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS]
    sites = [node for node in sites if not isinstance(node.left, (ast.List, ast.JoinedStr))]
    node = draft.choose(rng, sites)
    if node is None:
        return None
    if rng.random() < 0.4:
        part = pick(rng, (node.left, node.right))
        words = f"`{draft.short(node)}` → `{draft.short(part)}` {draft.where(node)}"
        return Change((draft.put(node, draft.of(part)),), words)
    old = _OPERATORS[type(node.op)]
    new = pick(rng, [sign for sign in _OPERATORS.values() if sign != old])
    edit = _between(draft, (node.left, node.right), old, new)
    words = f"operator {old} → {new} in `{draft.short(node)}` {draft.where(node)}"
    return None if edit is None else Change((edit,), words)


def change_logic(draft: Draft, rng: np.random.Generator) -> Change | None:
    """`and` for `or` and the other way round, or one operand less."""
    sites = [node for node in draft.nodes if isinstance(node, ast.BoolOp)]
    node = draft.choose(rng, sites)
    if node is None:
        return None
    place = int(rng.integers(len(node.values)))
    if rng.random() < 0.7:
        left = [value for number, value in enumerate(node.values) if number != place]
        word = " and " if isinstance(node.op, ast.And) else " or "
        alone = len(left) == 1
        text = draft.of(left[0]) if alone else word.join(_operand(draft, value) for value in left)
        words = f"without `{draft.short(node.values[place])}` {draft.where(node)}"
        return Change((draft.put(node, text),), words)
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    text = f" {new} ".join(_operand(draft, value) for value in node.values)
    words = f"{old} → {new} in `{draft.short(node)}` {draft.where(node)}"
    return Change((draft.put(node, text),), words)


def negate_condition(draft: Draft, rng: np.random.Generator) -> Change | None:
    """The opposite of an if's condition."""
    tests = [node.test for node in draft.nodes if isinstance(node, (ast.If, ast.IfExp))]
    test = draft.choose(rng, tests)
    if test is None:
        return None
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        text = guarded(draft.of(test.operand), test.operand)
    else:
        text = f"not {guarded(draft.of(test), test)}"
    return Change((draft.put(test, text),), f"negated `{draft.short(test)}` {draft.where(test)}")


def extend_condition(draft: Draft, rng: np.random.Generator) -> Change | None:
    """One more condition beside an if's, joined by `and` or `or`."""
    tests = [node for node in draft.nodes if isinstance(node, ast.If)]
    node = draft.choose(rng, tests)
    if node is None:
        return None
    new = condition(rng, draft, node)
    if new is None:
        return None
    word = pick(rng, ("and", "or"))
    text = f"{guarded(draft.of(node.test), node.test)} {word} {new.code}"
    words = f"`{draft.short(node.test)}` {word} {new.words} {draft.where(node)}"
    return Change((draft.put(node.test, text), *needed(draft, new.code)), words)


def _operand(draft: Draft, node: ast.expr) -> str:
    text = draft.of(node)
    return f"({text})" if isinstance(node, (ast.BoolOp, ast.IfExp, ast.Lambda, ast.NamedExpr)) else text


def _between(draft: Draft, operands: tuple[ast.expr, ast.expr], old: str, new: str) -> Edit | None:
    """The edit of the operator between two operands; a comment there may hide it, then there is none."""
    start, stop = draft.span(operands[0])[1], draft.span(operands[1])[0]
    gap = draft.between(start, stop)
    found = _SIGN.search(gap)
    if found is None or found[0] != old or "#" in gap:
        return None
    first = start + len(gap[: found.start()].encode())
    return Edit(first, first + len(old), new)
