"""Walking syntax trees quickly: as `ast.walk` does, but without the nodes that stand for an operator or a context.

These are shared by many expressions and tell nothing that their parents don't.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import MappingProxyType

_ELSE = frozenset(
    {
        *(
            "ctx",
            "op",
            "ops",
            "id",
            "attr",
            "kind",
            "type_comment",
            "level",
            "module",
            "asname",
            "conversion",
        ),
        *("simple", "is_async", "rest", "kwd_attrs", "type_ignores"),
    }
)
"""Fields of nodes that hold no other nodes, or none of interest."""


_FIELDS: Mapping[type, tuple[str, ...]] = MappingProxyType(
    {
        kind: tuple(name for name in kind._fields if name not in _ELSE)
        for kind in vars(ast).values()
        if isinstance(kind, type) and issubclass(kind, ast.AST)
    }
)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, in order."""
    found = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [part for part in value if isinstance(part, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def walk(tree: ast.AST) -> list[ast.AST]:
    """A node and all below it, level by level."""
    nodes = [tree]
    for node in nodes:
        nodes += children(node)
    return nodes
