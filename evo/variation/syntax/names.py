"""Names that new code brings along: the imports it needs, and the check that nothing is left unbound."""

from __future__ import annotations

import ast

from evo.policy.ambient import AMBIENT
from evo.variation.syntax.source import Edit, Source


def unbound(source: Source) -> set[str]:
    """The names that a source reads and nobody binds, those that are always there aside."""
    return {use.node.id for use in source.scopes.unbound()} - AMBIENT.keys()


def needed_imports(source: Source, code: str) -> tuple[Edit, ...]:
    """Import statements for ambient names in new code, if the source imports Eudoxia's names at all.

    A source without imports relies on the names being in scope, and goes on doing so.
    """
    imports = [
        node
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("eudoxia")
    ]
    place = source.lines(imports[-1]) if imports else None
    if place is None:
        return ()
    bound = source.scopes.module.bound
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    missing = [name for name in AMBIENT if name in used and name not in bound]
    lines = [f"from {AMBIENT[name]} import {name}\n" for name in missing]
    return tuple(Edit(place[1], place[1], line) for line in lines)
