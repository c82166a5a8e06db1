"""A policy's text together with its syntax tree: where things stand, and how to write over them.

Edits replace spans of the text, so whatever they don't touch keeps its formatting and its comments byte for byte.
The spans come from `ast`: it parses fifteen times as fast as libcst, and a child takes several parses to make.
Offsets count bytes, as the columns of `ast` do.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from evo.errors import PolicyError
from evo.policy.gate import tree_of
from evo.policy.scopes import Scope, Scopes, analyse
from evo.policy.trees import children

Function = ast.FunctionDef | ast.AsyncFunctionDef
Loop = ast.For | ast.While


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `start` to `stop` of a source give way to `text`."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """Edits that belong together, and what they do in words."""

    edits: tuple[Edit, ...]
    detail: str


class Source:
    """One text with its tree, its scopes and its places; raises `PolicyError` if the text doesn't parse."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode()
        self.tree = tree_of(text)
        self.scopes: Scopes = analyse(self.tree)
        self.nodes: list[ast.AST] = []
        self.parent: dict[ast.AST, ast.AST] = {}
        self.function: dict[ast.AST, Function | None] = {}
        self.blocks: list[list[ast.stmt]] = []
        self._lines = [0]
        for line in self.data.split(b"\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._walk()

    def _walk(self) -> None:
        """Visit every node that may be edited, in order; the insides of f-strings have no places of their own."""
        pending: list[tuple[ast.AST, Function | None]] = [(self.tree, None)]
        while pending:
            node, function = pending.pop()
            self.nodes.append(node)
            self.function[node] = function
            inner = node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else function
            below = [] if isinstance(node, ast.JoinedStr) else children(node)
            for child in below:
                self.parent[child] = node
            pending += [(child, inner) for child in reversed(below)]
            for field in ("body", "orelse", "finalbody"):
                statements = getattr(node, field, None)
                if isinstance(statements, list) and statements:
                    self.blocks.append(statements)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The first byte of a node, and the one behind its last."""
        assert isinstance(node, (ast.stmt, ast.expr, ast.keyword, ast.arg, ast.alias))
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self._lines[node.lineno - 1] + node.col_offset
        return start, self._lines[node.end_lineno - 1] + node.end_col_offset

    def line(self, number: int) -> int:
        """The first byte of a line, counted from 1; of the one behind the last, the end of the text."""
        return min(self._lines[number - 1], len(self.data))

    def between(self, start: int, stop: int) -> str:
        """The text of a span."""
        return self.data[start:stop].decode()

    def of(self, node: ast.AST) -> str:
        """The text of a node as it is written, without parentheses around it."""
        return self.between(*self.span(node))

    def over(self, node: ast.AST, text: str) -> Edit:
        """The edit that writes `text` in place of a node."""
        return Edit(*self.span(node), text)

    def put(self, node: ast.AST, code: str) -> Edit:
        """The edit that puts the expression `code` in place of a node, in parentheses where they are needed."""
        around = self.parent[node]
        new = expression(code)
        free = isinstance(around, (ast.stmt, ast.keyword)) or (
            (isinstance(around, ast.Call) and node is not around.func)
            or (isinstance(around, ast.Subscript) and node is around.slice)
            or (isinstance(around, (ast.Tuple, ast.List)) and isinstance(new, (ast.BinOp, ast.Compare)))
            or (isinstance(around, ast.BoolOp) and isinstance(new, (ast.BinOp, ast.Compare)))
            or (isinstance(around, ast.Compare) and isinstance(new, ast.BinOp))
            or (isinstance(around, ast.Lambda) and not isinstance(new, (ast.Tuple, ast.NamedExpr)))
            or self._enclosed(node)
        )
        return self.over(node, code if free and "\n" not in code else guarded(code, new))

    def _enclosed(self, node: ast.AST) -> bool:
        """Whether a node has parentheses around it already."""
        start, stop = self.span(node)
        return self.data[:start].rstrip().endswith(b"(") and self.data[stop:].lstrip().startswith(b")")

    def short(self, node: ast.AST) -> str:
        """A node's text on one line, cut where it gets long."""
        text = " ".join(self.of(node).split())
        return text if len(text) <= 60 else f"{text[:57]}..."

    def where(self, node: ast.AST) -> str:
        """The place of a node in words."""
        function = node if isinstance(node, ast.FunctionDef) else self.function.get(node)
        line = getattr(node, "lineno", 0)
        return f"in {function.name} (line {line})" if function is not None else f"(line {line})"

    def scope(self, node: ast.AST) -> Scope:
        """The scope in which the names of a node are looked up."""
        around: ast.AST | None = self.parent.get(node)
        while around is not None and around not in self.scopes.of:
            around = self.parent.get(around)
        return self.scopes.module if around is None else self.scopes.of[around]

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, from the inside out."""
        around = self.parent.get(node)
        while around is not None:
            yield around
            around = self.parent.get(around)

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The innermost statement that a node is or stands in."""
        if isinstance(node, ast.stmt):
            return node
        return next((around for around in self.above(node) if isinstance(around, ast.stmt)), None)

    def lines(self, statement: ast.stmt) -> tuple[int, int] | None:
        """The whole lines of a statement with the comments right above it; None if it shares a line or is an elif."""
        start, stop = self.span(statement)
        first = self._lines[statement.lineno - 1]
        last = self._lines[(statement.end_lineno or statement.lineno)]
        tail = self.data[stop:last].strip()
        if self.data[first:start].strip() or (tail and not tail.startswith(b"#")):
            return None
        if getattr(statement, "decorator_list", None) or self.data.startswith(b"elif", start):
            return None
        line = statement.lineno - 1
        while line and self.data[self._lines[line - 1] : self._lines[line]].lstrip().startswith(b"#"):
            line -= 1
        return self._lines[line], min(last, len(self.data))

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements among which a statement stands, itself included."""
        owner = self.parent[statement]
        fields = (getattr(owner, field, None) for field in ("body", "orelse", "finalbody"))
        return next(
            (block for block in fields if isinstance(block, list) and statement in block), [statement]
        )

    def indent(self, statement: ast.stmt) -> str:
        """The blanks before a statement."""
        start = self._lines[statement.lineno - 1]
        return self.between(start, start + statement.col_offset)

    def step(self) -> str:
        """One level of indentation, as this source has it."""
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef):
                text = self.indent(node.body[0])
                if text and not text.strip():
                    return text
        return "    "

    def reindented(self, statement: ast.stmt, indent: str) -> str:
        """The lines of a statement that has lines of its own, with another indentation; insides of strings stay."""
        place = self.lines(statement)
        assert place is not None
        old = self.indent(statement)
        inside: set[int] = set()
        for node in ast.walk(statement):
            if isinstance(node, (ast.Constant, ast.JoinedStr)) and node.end_lineno != node.lineno:
                inside |= set(range(node.lineno, node.end_lineno or 0))
        first = self.data.count(b"\n", 0, place[0])
        moved: list[str] = []
        for number, line in enumerate(self.between(*place).split("\n"), first):
            fixed = number in inside or not line.strip()
            moved.append(line if fixed else indent + line.removeprefix(old))
        return "\n".join(moved)

    def applied(self, edits: Sequence[Edit]) -> Self | None:
        """The source after the edits; None if they overlap or the result is no module."""
        data, end = self.data, len(self.data) + 1
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.stop), reverse=True):
            if edit.stop > end:
                return None
            data = data[: edit.start] + edit.text.encode() + data[edit.stop :]
            end = edit.start
        try:
            return self.again(data.decode())
        except PolicyError:
            return None

    def again(self, text: str) -> Self:
        """Another text in this one's place; raises `PolicyError` if it doesn't parse."""
        return type(self)(text)


def expression(code: str) -> ast.expr:
    """The tree of an expression as it is written somewhere, perhaps over several lines of a bracket."""
    return ast.parse(f"({code})", mode="eval").body


def guarded(text: str, node: ast.AST) -> str:
    """The text of an expression, in parentheses unless it needs none wherever it is put."""
    kinds = (ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Call, ast.List, ast.Dict, ast.ListComp)
    return text if isinstance(node, kinds) else f"({text})"


def is_text(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring, or another constant that does nothing."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
