"""Mutations of whole statements: leave out, swap, put under a condition, and give up or go on early."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from evo.variation.syntax.draft import Draft, decides
from evo.variation.syntax.names import needed_imports
from evo.variation.syntax.source import Change, Edit
from evo.variation.syntax.vocabulary import condition, pick

_FIXED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Global,
    ast.Nonlocal,
)
_SHRINKING = frozenset({"pop", "popleft", "remove", "clear", "discard"})


def delete_statement(draft: Draft, rng: np.random.Generator) -> Change | None:
    """One statement less."""
    sites = [statement for statement in _statements(draft) if not _ends_loop(draft, statement)]
    statement = draft.choose(rng, sites)
    place = None if statement is None else draft.lines(statement)
    if statement is None or place is None:
        return None
    text = f"{draft.indent(statement)}pass\n" if len(draft.block(statement)) == 1 else ""
    words = f"without `{draft.short(statement)}` {draft.where(statement)}"
    return Change((Edit(*place, text),), words)


def swap_statements(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Two neighbours change places."""
    pairs = {
        first: (second, left, right)
        for block in draft.blocks
        for first, second in pairwise(block)
        if not isinstance(first, _FIXED)
        and not isinstance(second, (*_FIXED, ast.Return, ast.Break, ast.Continue))
        if (left := draft.lines(first)) and (right := draft.lines(second)) and draft.function.get(first)
    }
    first = draft.choose(rng, list(pairs))
    if first is None:
        return None
    second, left, right = pairs[first]
    edits = (Edit(*left, draft.between(*right)), Edit(*right, draft.between(*left)))
    return Change(edits, f"`{draft.short(first)}` after `{draft.short(second)}` {draft.where(first)}")


def wrap_statement(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A statement is done only under a condition."""
    sites = [statement for statement in _statements(draft) if not _ends_loop(draft, statement)]
    statement = draft.choose(rng, sites)
    if statement is None:
        return None
    place, new = draft.lines(statement), condition(rng, draft, statement)
    if new is None or place is None:
        return None
    indent = draft.indent(statement)
    text = f"{indent}if {new.code}:\n{draft.reindented(statement, indent + draft.step())}"
    words = f"`{draft.short(statement)}` only if {new.words} {draft.where(statement)}"
    return Change((Edit(*place, text), *needed_imports(draft, new.code)), words)


def unwrap_condition(draft: Draft, rng: np.random.Generator) -> Change | None:
    """What stood under a condition is always done, or what stood in its else."""
    sites = [
        node
        for node in draft.nodes
        if isinstance(node, ast.If) and draft.lines(node) is not None and draft.function.get(node) is not None
    ]
    node = draft.choose(rng, sites)
    if node is None:
        return None
    branches = [branch for branch in (node.body, node.orelse) if branch]
    branch = pick(rng, branches)
    place = draft.lines(node)
    if place is None or any(draft.lines(statement) is None for statement in branch):
        return None
    text = "".join(draft.reindented(statement, draft.indent(node)) for statement in branch)
    words = f"always `{draft.short(branch[0])}`, whatever `{draft.short(node.test)}` {draft.where(node)}"
    return Change((Edit(*place, text),), words)


def insert_guard(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A loop skips an element, or ends, or a function returns, under a condition."""
    sites = [
        statement
        for loop in draft.nodes
        if isinstance(loop, ast.For) and draft.function.get(loop) is not None
        for statement in loop.body
        if draft.lines(statement) is not None
    ]
    factors = [
        (3.0 if draft.block(site)[0] is site else 1.0) * (4.0 if decides(draft.parent[site]) else 1.0)
        for site in sites
    ]
    statement = draft.choose(rng, sites, factors)
    if statement is None:
        return None
    place = draft.lines(statement)
    new = condition(rng, draft, statement)
    if new is None or place is None:
        return None
    word = "continue" if rng.random() < 0.6 else "break"
    indent = draft.indent(statement)
    text = f"{indent}if {new.code}:\n{indent}{draft.step()}{word}\n"
    words = f"{word} if {new.words}, before `{draft.short(statement)}` {draft.where(statement)}"
    return Change((Edit(place[0], place[0], text), *needed_imports(draft, new.code)), words)


def change_jump(draft: Draft, rng: np.random.Generator) -> Change | None:
    """`break` for `continue`, or the other way round."""
    sites = [
        node
        for node in draft.nodes
        if isinstance(node, (ast.Break, ast.Continue))
        and not isinstance(
            next((n for n in draft.above(node) if isinstance(n, (ast.For, ast.While))), None), ast.While
        )
    ]
    node = draft.choose(rng, sites)
    if node is None:
        return None
    old, new = ("break", "continue") if isinstance(node, ast.Break) else ("continue", "break")
    return Change((draft.over(node, new),), f"{old} → {new} {draft.where(node)}")


def _statements(draft: Draft) -> Iterator[ast.stmt]:
    """Statements of functions that stand on lines of their own; docstrings and the like aside."""
    for block in draft.blocks:
        for statement in block:
            idle = isinstance(statement, ast.Pass) or (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            )
            if idle or isinstance(statement, _FIXED) or draft.function.get(statement) is None:
                continue
            if draft.lines(statement) is not None:
                yield statement


def _ends_loop(draft: Draft, statement: ast.stmt) -> bool:
    """Whether a while loop might never end without this statement."""
    loop = next((around for around in draft.above(statement) if isinstance(around, ast.While)), None)
    if loop is None:
        return False
    asked = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    for node in ast.walk(statement):
        match node:
            case ast.Break() | ast.Return() | ast.Raise():
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in _SHRINKING:
                return True
            case ast.Call(func=ast.Name(id="next")):
                return True
            case ast.Name(id=name, ctx=ast.Store()) if name in asked or name == "exhausted":
                return True
    return False
