"""Imports of what isn't there when a policy runs, and what becomes of them.

The names of Eudoxia are in scope without an import, so one from a wrong place goes; what another module has under that
name is imported from there. All others go whole, and then nothing may read them.
"""

from __future__ import annotations

import ast
import sys
import textwrap
from dataclasses import dataclass

from evo.policy.allowed import ALLOWED, REASONS, STARRED, SUBMODULES
from evo.policy.ambient import AMBIENT
from evo.policy.eudoxia import EUDOXIA
from evo.variation.syntax.source import Edit, Source


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
            continue
        home = _home(node, alias.name)
        if home is None:
            lost.add(name)
        elif alias.name != "*" and (alias.name not in AMBIENT or name != alias.name):
            lines.append(ast.unparse(ast.ImportFrom(home, [alias], 0)))
    if len(kept) == len(node.names):
        return None
    if kept:
        lines.insert(0, ast.unparse(ast.ImportFrom(module, kept, 0)))
    return Place(node, "; ".join(lines) or None, frozenset(lost))


def _is_allowed(module: str, name: str) -> bool:
    if name == "*":
        return module in STARRED or module == "typing"
    return name in ALLOWED.get(module, ()) or f"{module}.{name}" in SUBMODULES


def _home(node: ast.ImportFrom, name: str) -> str | None:
    """The module that has what a guess at a module was meant to give, as far as that is plain; "" for a star."""
    top = "" if node.level else (node.module or "").split(".")[0]
    if top == "typing_extensions":
        return "typing" if name in ALLOWED["typing"] else None
    if top != "eudoxia" and (top in REASONS or top in ALLOWED or top in sys.stdlib_module_names):
        return None
    if name == "*" or name in AMBIENT:
        return AMBIENT.get(name, "")
    homes = (module for module, names in EUDOXIA.items() if top == "eudoxia" and name in names.split())
    return next(homes, None)


def fallbacks(source: Source) -> list[Edit]:
    """Edits that put in place of each try to import what nobody has here that which is done without it."""
    return [
        source.over(node, textwrap.indent(body, source.indent(node)).strip())
        for node in source.nodes
        if isinstance(node, ast.Try) and source.lines(node) is not None
        if (body := _without(node)) is not None
    ]


def _without(node: ast.Try) -> str | None:
    """What is done where the import that a `try` begins with fails, as it surely would."""
    first = node.body[0]
    if isinstance(first, ast.ImportFrom):
        absent = not first.level and _is_absent(first.module or "")
    else:
        absent = isinstance(first, ast.Import) and all(_is_absent(alias.name) for alias in first.names)
    if not absent or len(node.handlers) != 1 or node.finalbody:
        return None
    handler = node.handlers[0]
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {part.id for part in caught if isinstance(part, ast.Name)}
    if handler.name or (handler.type is not None and not names & _CATCHING):
        return None
    return "\n".join(map(ast.unparse, handler.body))


def _is_absent(module: str) -> bool:
    """Whether a module is none of Python's own, and none that a policy has."""
    top = module.split(".", maxsplit=1)[0]
    return top not in ALLOWED and top not in sys.stdlib_module_names and top != "evo"


_CATCHING = frozenset({"BaseException", "Exception", "ImportError", "ModuleNotFoundError"})
