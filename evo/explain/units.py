"""A policy as parts that can be left out, and its text without any set of them.

Parts are statements, so the text of what stays keeps its formatting and its comments. What is left is a module
again: a block that lost all its statements gets `pass`, an `else` that lost all of them goes. Knows no score.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from evo.policy.contract import registrations
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.source import is_text

_NAMING = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLANK = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
)
_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Unit:
    """A statement that can be left out: its bytes go, or give way to `pass` where it shares its line with others."""

    node: ast.stmt
    start: int
    stop: int
    whole: bool

    def covers(self, other: Unit) -> bool:
        """Whether what it takes away takes the other away as well."""
        return other is self or (self.whole and self.start <= other.start and other.stop <= self.stop)


def units(draft: Draft) -> list[Unit]:
    """All that can be left out, in order; not docstrings, imports, and the two functions that make it a policy."""
    pair = registrations(draft.tree)
    fixed = {pair.init.function, pair.scheduler.function}
    found = [
        _unit(draft, statement)
        for block in draft.blocks
        for statement in block
        if statement not in fixed
        and not isinstance(statement, (*_NAMING, ast.Pass))
        and not is_text(statement)
    ]
    return sorted((unit for unit in found if unit is not None), key=lambda unit: (unit.start, -unit.stop))


def is_step(draft: Draft, unit: Unit) -> bool:
    """Whether a unit is something that a function does, rather than a definition or a setting."""
    return draft.function.get(unit.node) is not None and not isinstance(unit.node, _DEFINITIONS)


def without(draft: Draft, gone: Collection[Unit]) -> str:
    """The text without these units."""
    lost = [(unit.start, unit.stop) for unit in gone if unit.whole]
    spans = _merged([*lost, *_elses(draft, lost)])
    edits = [(span, b"") for span in spans]
    shared = [(unit.start, unit.stop) for unit in gone if not unit.whole]
    edits += [(span, b"pass") for span in shared if not _within(span, spans)]
    edits += [((place, place), text) for place, text in _passes(draft, lost, spans)]
    data = draft.data
    for (start, stop), text in sorted(edits, reverse=True):
        data = data[:start] + text + data[stop:]
    return data.decode()


def code_lines(text: str) -> int:
    """How many lines of a module hold code: not blank ones, comments and docstrings."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {
        line
        for token in tokens
        if token.type not in _BLANK
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt) and is_text(node):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def _unit(draft: Draft, statement: ast.stmt) -> Unit | None:
    place = draft.lines(statement)
    if place is not None:
        return Unit(statement, *place, whole=True)
    start, stop = draft.span(statement)
    if isinstance(statement, ast.If) and draft.data.startswith(b"elif", start):
        last = statement.body[-1].end_lineno or 0
        return Unit(statement, draft.line(statement.lineno), draft.line(last + 1), whole=True)
    if isinstance(statement, _DEFINITIONS) or _blocks(statement):
        return None
    return Unit(statement, start, stop, whole=False)


def _blocks(node: ast.AST) -> list[list[ast.stmt]]:
    parts = [getattr(node, field, None) for field in ("body", "orelse", "finalbody")]
    return [part for part in parts if isinstance(part, list) and part]


def _merged(spans: Iterable[_Span]) -> list[_Span]:
    merged: list[_Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def _within(span: _Span, spans: Collection[_Span]) -> bool:
    return any(start <= span[0] and span[1] <= stop for start, stop in spans)


def _lost(draft: Draft, statement: ast.stmt, lost: Collection[_Span]) -> bool:
    """Whether nothing stays of a statement; of an `elif` its own else may."""
    return _within(draft.span(statement), _merged(lost))


def _elses(draft: Draft, lost: Collection[_Span]) -> Iterator[_Span]:
    """The lines of each `else` of which no statement stays."""
    for block in draft.blocks:
        owner = draft.parent[block[0]]
        if not isinstance(owner, (ast.If, ast.For, ast.While, ast.Try)) or block is not owner.orelse:
            continue
        if draft.data.startswith(b"elif", draft.span(block[0])[0]):
            continue
        if all(_lost(draft, statement, lost) for statement in block):
            above = owner.handlers[-1].body[-1] if isinstance(owner, ast.Try) else owner.body[-1]
            yield draft.line((above.end_lineno or 0) + 1), draft.line((block[-1].end_lineno or 0) + 1)


def _passes(draft: Draft, lost: Collection[_Span], spans: Collection[_Span]) -> Iterator[tuple[int, bytes]]:
    """Where `pass` must stand, since its block lost all that it had and yet stays."""
    for block in draft.blocks:
        owner = draft.parent[block[0]]
        lasting = isinstance(owner, ast.Module) or block is getattr(owner, "orelse", None)
        if lasting or not all(_lost(draft, statement, lost) for statement in block):
            continue
        around = next(one for one in (owner, *draft.above(owner)) if hasattr(one, "lineno"))
        head, first = draft.line(around.lineno), draft.line(block[0].lineno)
        if not any(start <= head < stop for start, stop in spans):
            place = next(start for start, stop in spans if start <= first < stop)
            yield place, f"{draft.indent(block[0])}pass\n".encode()
