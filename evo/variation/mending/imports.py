"""Imports of what isn't there when a policy runs, and what becomes of them.

The names of Eudoxia are in scope without an import, so one from a wrong place goes; what another module has under that
name is imported from there. All others go whole, and then nothing may read them.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from types import MappingProxyType

from evo.policy.allowed import ALLOWED, REASONS, STARRED, SUBMODULES
from evo.policy.ambient import AMBIENT
from evo.policy.eudoxia import EUDOXIA
from evo.variation.syntax.source import Source


@dataclass(frozen=True, slots=True)
class Place:
    """An import that is refused: what to write for it, None to let it go, and the names that are lost; "*" is any."""

    node: ast.Import | ast.ImportFrom
    text: str | None
    names: frozenset[str]


def places(source: Source) -> list[Place]:
    """Every import statement of a source that is refused for what it imports, in order."""
    found = (
        _import(node)
        if isinstance(node, ast.Import)
        else _import_from(node)
        if isinstance(node, ast.ImportFrom)
        else None
        for node in source.nodes
    )
    return [place for place in found if place is not None]


def _import(node: ast.Import) -> Place | None:
    kept = [alias for alias in node.names if alias.name in ALLOWED]
    if len(kept) == len(node.names):
        return None
    tops = {alias.asname or alias.name.split(".")[0] for alias in kept}
    lost = {alias.asname or alias.name.split(".")[0] for alias in node.names} - tops
    return Place(node, ast.unparse(ast.Import(kept)) if kept else None, frozenset(lost))


def _import_from(node: ast.ImportFrom) -> Place | None:
    module = node.module or ""
    kept, lines, lost = [], [], set()
    for alias in node.names:
        name = alias.asname or alias.name
        if not node.level and _is_allowed(module, alias.name):
            kept.append(alias)
        elif not _is_guess(node) or alias.name not in {*_HOMES, "*"}:
            lost.add(name)
        elif alias.name != "*" and (alias.name not in AMBIENT or name != alias.name):
            lines.append(ast.unparse(ast.ImportFrom(_HOMES[alias.name], [alias], 0)))
    if len(kept) == len(node.names):
        return None
    if kept:
        lines.insert(0, ast.unparse(ast.ImportFrom(module, kept, 0)))
    return Place(node, "; ".join(lines) or None, frozenset(lost))


def _is_allowed(module: str, name: str) -> bool:
    if name == "*":
        return module in STARRED or module == "typing"
    return name in ALLOWED.get(module, ()) or f"{module}.{name}" in SUBMODULES


def _is_guess(node: ast.ImportFrom) -> bool:
    """Whether a module is a guess at where Eudoxia has a name, and no other library."""
    top = (node.module or "").split(".")[0]
    return (
        bool(node.level)
        or top in {"typing_extensions", "eudoxia"}
        or (top not in REASONS and top not in ALLOWED and top not in sys.stdlib_module_names)
    )


def _homes() -> dict[str, str]:
    """Each name that is known by one meaning only, and the first module that has it."""
    homes = dict.fromkeys(ALLOWED["typing"], "typing")
    for module, names in EUDOXIA.items():
        for name in names.split():
            homes.setdefault(name, module)
    return homes | dict(AMBIENT)


_HOMES = MappingProxyType(_homes())
