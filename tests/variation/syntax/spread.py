"""Policies as some people and models write them: what is in brackets stands over many lines."""

from __future__ import annotations

import ast

from evo.variation.syntax.draft import Draft

_BREAK = b"\n          "
_ORDER = (b")", b"(", _BREAK)


def spread(source: str) -> str:
    """The same policy with every operation in brackets, and its operands and arguments on lines of their own."""
    draft = Draft(source)
    cuts: list[tuple[int, bytes]] = []
    for node in draft.nodes:
        behind = _behind(node)
        if not behind or any(isinstance(around, ast.JoinedStr) for around in draft.above(node)):
            continue
        start, stop = draft.span(node)
        if not isinstance(node, ast.Call):
            cuts += [(start, b"("), (stop, b")")]
        for part in behind:
            place = draft.span(part)[0]
            while draft.data[:place].endswith(b"("):
                place -= 1
            cuts.append((place, _BREAK))
    data = draft.data
    for place, text in sorted(cuts, key=lambda cut: (-cut[0], _ORDER.index(cut[1]))):
        data = data[:place] + text + data[place:]
    return data.decode()


def _behind(node: ast.AST) -> list[ast.expr]:
    """The parts of an expression that can begin a line."""
    match node:
        case ast.BinOp(right=right) | ast.IfExp(orelse=right):
            return [right]
        case ast.BoolOp(values=values) | ast.Call(args=values):
            return values[1:]
        case ast.Compare(comparators=[first, *_]):
            return [first]
    return []
