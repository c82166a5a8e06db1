"""Mutations of conditions and arithmetic."""

from __future__ import annotations

import ast
import re

import numpy as np

from evo.variation.syntax.constants import is_number
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
_OPPOSITES = {"==": "!=", "!=": "=="}
_CLASSES = ("QUERY", "INTERACTIVE", "BATCH_PIPELINE")
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
    # Classes, states and None are equal or not; only numbers have an order.
    ordered = any(
        isinstance(side, ast.Constant) and is_number(side) for side in (node.left, *node.comparators)
    )
    others = _OTHERS[old] if ordered or old not in _OPPOSITES else (_OPPOSITES[old],)
    new = pick(rng, others)
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
    word = "or" if _protects(node.test) else pick(rng, ("and", "or"))
    text = f"{guarded(draft.of(node.test), node.test)} {word} {new.code}"
    words = f"`{draft.short(node.test)}` {word} {new.words} {draft.where(node)}"
    return Change((draft.put(node.test, text), *needed(draft, new.code)), words)


def change_class(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another class of pipelines where a policy asks for one: what held one class back holds back another."""
    sites: dict[ast.Compare, str] = {}
    for node in draft.nodes:
        match node:
            case ast.Compare(
                ops=[ast.Eq() | ast.NotEq()],
                comparators=[ast.Attribute(value=ast.Name(id="Priority"), attr=name)],
            ):
                sites[node] = name
    place = draft.choose(rng, list(sites))
    if place is None:
        return None
    old = (_SIGNS[type(place.ops[0])], sites[place])
    sign, name = pick(rng, [(sign, name) for sign in _OPPOSITES for name in _CLASSES if (sign, name) != old])
    new = f"{draft.of(place.left)} {sign} Priority.{name}"
    return Change((draft.put(place, new),), f"`{draft.short(place)}` → `{new}` {draft.where(place)}")


def change_guard(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another reason to skip an element of a loop or to end it, or one more, or one that must hold as well."""
    guards: list[ast.If] = []
    for part in draft.nodes:
        match part:
            case ast.If(body=[ast.Continue() | ast.Break()], orelse=[]):
                guards.append(part)
    node = draft.choose(rng, guards)
    new = None if node is None else condition(rng, draft, node)
    if node is None or new is None:
        return None
    word = "or" if _protects(node.test) else pick(rng, ("", "and", "or"))
    inner = f"({new.code})" if word and " and " in new.code else new.code
    code = f"{guarded(draft.of(node.test), node.test)} {word} {inner}" if word else new.code
    words = f"guard `{draft.short(node.test)}` → {f'{word} ' if word else ''}{new.words} {draft.where(node)}"
    return Change((draft.put(node.test, code), *needed(draft, new.code)), words)


def _protects(test: ast.expr) -> bool:
    """Whether what follows a guard needs it, because it asks whether there is anything at all: `x is None`, `not x`."""
    if isinstance(test, ast.BoolOp):
        return any(_protects(value) for value in test.values)
    if isinstance(test, ast.UnaryOp):
        return _protects(test.operand)
    if isinstance(test, ast.Compare):
        return any(isinstance(side, ast.Constant) and side.value is None for side in test.comparators)
    return isinstance(test, ast.Name)


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
