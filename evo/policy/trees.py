"""Walking syntax trees quickly.

`ast.iter_child_nodes` takes most of the time of any walk, and half of what it yields are the contexts of names
(`Load`, `Store`), which CPython shares between nodes and which no walk here wants.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import MappingProxyType

_NO_NODES = frozenset(
    {
        "arg",
        "asname",
        "attr",
        "conversion",
        "ctx",
        "id",
        "is_async",
        "kind",
        "kwd_attrs",
        "level",
        "module",
        "rest",
    }
    | {"simple", "type_comment", "type_ignores"}
)
"""Fields that hold no node, or none that is wanted."""

_MIXED = frozenset({"names", "keys", "kw_defaults"})
"""Lists that may hold something else: the names of `global`, the None of `**` in a dict, and of a parameter without default."""

_FIELDS = MappingProxyType(
    {
        kind: () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _NO_NODES)
        for kind in vars(ast).values()
        if isinstance(kind, type) and issubclass(kind, ast.AST)
    }
)
"""The fields of each kind of node that may hold nodes."""


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one that came out of a parser, in order of the source's grammar, contexts left out."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)] if name in _MIXED else value
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, outer ones first."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)
