"""Walking syntax trees quickly.

`ast.iter_child_nodes` takes most of the time of any walk, and half of what it yields are the contexts of names
(`Load`, `Store`), which CPython shares between nodes and which no walk here wants.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one that came out of a parser, in order of the source's grammar, contexts left out."""
    found: list[ast.AST] = []
    for value in vars(node).values():
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            found.append(value)
    return found


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, outer ones first."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)
