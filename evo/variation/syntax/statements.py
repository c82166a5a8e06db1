"""Mutations of whole statements: leave out, swap, put under a condition, and give up or go on early."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import takewhile

import numpy as np

from evo.variation.syntax.draft import Draft, decides
from evo.variation.syntax.source import Change, Edit, is_text
from evo.variation.syntax.supplies import needed
from evo.variation.syntax.vocabulary import Term, condition, pick

_FIXED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
    ast.Global,
    ast.Nonlocal,
)
_ENDS = (ast.Return, ast.Break, ast.Continue, ast.Raise)
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


def move_statement(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A statement is done later: behind the next of its block, or the one after that, even if that may end the turn."""
    moves: dict[ast.stmt, list[ast.stmt]] = {}
    for block in draft.blocks:
        for place, first in enumerate(block):
            after = list(takewhile(lambda other: not isinstance(other, _ENDS), block[place + 1 : place + 4]))
            plain = (
                not (isinstance(first, (*_FIXED, *_ENDS)) or is_text(first))
                and draft.function.get(first) is not None
            )
            if plain and after and all(draft.lines(node) is not None for node in (first, *after)):
                moves[first] = after
    moved = draft.choose(rng, list(moves))
    if moved is None:
        return None
    last = pick(rng, moves[moved])
    here, there = draft.lines(moved), draft.lines(last)
    assert here is not None
    assert there is not None
    text = draft.between(*here)
    edits = (Edit(*here, ""), Edit(there[1], there[1], text if text.endswith("\n") else f"{text}\n"))
    return Change(edits, f"`{draft.short(moved)}` after `{draft.short(last)}` {draft.where(moved)}")


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
    return Change((Edit(*place, text), *needed(draft, new.code)), words)


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
    """A loop skips an element, or ends, under a condition."""
    return guard_with(draft, rng, lambda statement: condition(rng, draft, statement))


def guard_with(
    draft: Draft, rng: np.random.Generator, made: Callable[[ast.stmt], Term | None], word: str | None = None
) -> Change | None:
    """As `insert_guard`, with the condition that is `made` for a statement; `word` is `continue` or `break`."""
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
    new = made(statement)
    if new is None or place is None:
        return None
    jump = word or ("continue" if rng.random() < 0.7 else "break")
    indent = draft.indent(statement)
    text = f"{indent}if {new.code}:\n{indent}{draft.step()}{jump}\n"
    words = f"{jump} if {new.words}, before `{draft.short(statement)}` {draft.where(statement)}"
    return Change((Edit(place[0], place[0], text), *needed(draft, new.code)), words)


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


def change_return(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A function returns what it returns elsewhere: work is given up, kept waiting, or gets what other work gets."""
    returns = [
        node for node in draft.nodes if isinstance(node, ast.Return) and draft.function.get(node) is not None
    ]
    choices: dict[ast.Return, list[str]] = {}
    for node in returns:
        alike = (other for other in returns if draft.function[other] is draft.function[node])
        others = {draft.of(other): None for other in alike if draft.of(other) != draft.of(node)}
        if others:
            choices[node] = list(others)
    place = draft.choose(rng, list(choices))
    if place is None:
        return None
    new = pick(rng, choices[place])
    words = f"`{draft.short(place)}` → `{' '.join(new.split())}` {draft.where(place)}"
    return Change((draft.over(place, new),), words)


def _statements(draft: Draft) -> Iterator[ast.stmt]:
    """Statements of functions that stand on lines of their own; docstrings and the like aside."""
    for block in draft.blocks:
        for statement in block:
            idle = isinstance(statement, ast.Pass) or is_text(statement)
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
