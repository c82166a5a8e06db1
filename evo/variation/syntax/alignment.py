"""Where two policies differ: their functions side by side, statement by statement.

Each difference is a change of the first source that takes it over from the second, as small as the structure
allows: one statement, one condition, a statement more or less. Texts are compared without their blanks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from evo.policy.contract import registrations
from evo.variation.syntax.source import Change, Edit, Source, is_text

_HEADS: dict[type[ast.stmt], tuple[str, ...]] = {
    ast.For: ("target", "iter"),
    ast.While: ("test",),
    ast.If: ("test",),
    ast.With: (),
    ast.Try: (),
}


@dataclass(frozen=True, slots=True)
class Swap:
    """Neighbouring statements of theirs in place of ours, either of which may be none.

    `anchor` is the first of ours; without any, theirs go before it, or behind it.
    """

    ours: list[ast.stmt]
    theirs: list[ast.stmt]
    anchor: ast.stmt
    behind: bool = False


def pairs(left: Source, right: Source) -> list[tuple[ast.FunctionDef, ast.FunctionDef]]:
    """Functions that do the same job: the two registered ones by role, the others and methods by name."""
    ours, theirs = registrations(left.tree), registrations(right.tree)
    roles = [(ours.init.function, theirs.init.function), (ours.scheduler.function, theirs.scheduler.function)]
    taken = {function for pair in roles for function in pair}
    named = {name: f for name, f in _functions(right.tree) if f not in taken}
    helpers = [(f, named[name]) for name, f in _functions(left.tree) if f not in taken and name in named]
    return [*roles, *helpers]


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of the module and of its classes, by qualified name."""
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name):
                yield name, node
            case ast.ClassDef(name=owner, body=body):
                yield from ((f"{owner}.{f.name}", f) for f in body if isinstance(f, ast.FunctionDef))


def differences(left: Source, right: Source) -> list[Change]:
    """The changes that would lead from `left` to `right` in what both have, in order of place."""
    found = list(_settings(left, right))
    for ours, theirs in pairs(left, right):
        found.extend(_block(left, right, ours.body, theirs.body))
    return found


def plain(source: Source, node: ast.AST) -> str:
    """A node's text with its blanks evened out."""
    return " ".join(source.of(node).split())


def _settings(left: Source, right: Source) -> Iterator[Change]:
    """Module-level names that both set, to different values."""
    theirs = dict(_assigned(right))
    for name, node in _assigned(left):
        other = theirs.get(name)
        if other is not None and plain(left, node.value) != plain(right, other.value):
            words = f"{name} = {right.short(other.value)} instead of {left.short(node.value)}"
            yield Change((left.over(node.value, right.of(other.value)),), words)


def _assigned(source: Source) -> Iterator[tuple[str, ast.Assign]]:
    for node in source.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name, node


def _block(left: Source, right: Source, ours: list[ast.stmt], theirs: list[ast.stmt]) -> Iterator[Change]:
    ours, theirs = _speaking(ours), _speaking(theirs)
    matcher = SequenceMatcher(
        None, [plain(left, node) for node in ours], [plain(right, node) for node in theirs], autojunk=False
    )
    for tag, first, last, start, stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        if last - first == stop - start:
            for one, other in zip(ours[first:last], theirs[start:stop], strict=True):
                yield from _statement(left, right, one, other)
            continue
        behind = first == len(ours)
        anchor = ours[-1] if behind else ours[first]
        yield from _range(left, right, Swap(ours[first:last], theirs[start:stop], anchor, behind))


def _speaking(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without docstrings."""
    return [node for node in statements if not is_text(node)] or statements


def _statement(left: Source, right: Source, one: ast.stmt, other: ast.stmt) -> Iterator[Change]:
    """Two statements at one place: their heads and blocks apart, if they are of one kind."""
    heads = _HEADS.get(type(one))
    alike = type(one) is type(other) and heads is not None
    if not alike or bool(getattr(one, "orelse", [])) != bool(getattr(other, "orelse", [])):
        yield from _range(left, right, Swap([one], [other], one))
        return
    for head in heads or ():
        ours, theirs = getattr(one, head), getattr(other, head)
        if plain(left, ours) != plain(right, theirs):
            words = f"`{right.short(theirs)}` instead of `{left.short(ours)}` {left.where(ours)}"
            yield Change((left.put(ours, right.of(theirs)),), words)
    for field in ("body", "orelse", "finalbody"):
        if getattr(one, field, []):
            yield from _block(left, right, getattr(one, field), getattr(other, field))


def _range(left: Source, right: Source, swap: Swap) -> Iterator[Change]:
    """Neighbouring statements as one change."""
    edits = exchanged(left, right, swap)
    if edits is None:
        return
    new = f"`{right.short(swap.theirs[0])}`" if swap.theirs else "nothing"
    old = f" instead of `{left.short(swap.ours[0])}`" if swap.ours else " more"
    yield Change(edits, f"{new}{old} {left.where(swap.anchor)}")


def exchanged(left: Source, right: Source, swap: Swap) -> tuple[Edit, ...] | None:
    """The edit that makes the exchange; None where statements share lines with others."""
    places = [place for node in swap.ours or [swap.anchor] if (place := left.lines(node)) is not None]
    if len(places) < max(1, len(swap.ours)) or any(right.lines(node) is None for node in swap.theirs):
        return None
    indent = left.indent(swap.anchor)
    text = "".join(right.reindented(node, indent) for node in swap.theirs)
    if not text and len(left.block(swap.anchor)) == len(swap.ours):
        text = f"{indent}pass\n"
    if swap.ours:
        return (Edit(places[0][0], places[-1][1], text),)
    beside = places[0][1] if swap.behind else places[0][0]
    return (Edit(beside, beside, text),)
