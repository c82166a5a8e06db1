"""What transplanted code needs to live: the functions, settings, imports and attributes that it uses.

They come along from the policy that gave the code, as far as they are missing where it goes.
"""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet

from evo.policy.contract import registrations
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.names import faults, needed_imports, unbound
from evo.variation.syntax.source import Edit, Source
from evo.variation.syntax.supplies import top

_GIVEN = frozenset({"executor", "params", "clock", "algo_name", "algo_func"})
"""What the scheduler object has from the start (eudoxia/scheduler/scheduler.py)."""

_ROUNDS = 6


def with_needs(draft: Draft, donor: Source, known: AbstractSet[str]) -> tuple[Draft, list[str]] | None:
    """The draft with what it lacks from the donor, and the names that came along; None if something isn't there."""
    brought: list[str] = []
    for _ in range(_ROUNDS):
        missing = sorted(unbound(draft) - known)
        if not missing:
            break
        edits = [_definition(draft, donor, name) for name in missing]
        after = None if None in edits else draft.applied([edit for edit in edits if edit is not None])
        if after is None:
            return None
        draft, brought = after, [*brought, *missing]
    else:
        return None
    lacking = sorted(_read(draft) - _set(draft))
    ambient = sorted({use.node.id for use in draft.scopes.unbound()})
    imports = needed_imports(draft, ", ".join(ambient)) if ambient else ()
    after = draft.applied([*_attributes(draft, donor, lacking), *imports])
    if after is None or faults(after) - known:
        return None
    return after, [*brought, *(name for name in lacking if name in _set(after))]


def _definition(draft: Draft, donor: Source, name: str) -> Edit | None:
    """The donor's function, class, setting or import of that name, to be put where its kind belongs."""
    for node in donor.tree.body:
        bound = _bound_by(node)
        if name not in bound or getattr(node, "decorator_list", None):
            continue
        text = donor.of(node) + "\n"
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return Edit(len(draft.data), len(draft.data), f"\n\n{text}")
        if isinstance(node, ast.ImportFrom):
            alias = next(alias for alias in node.names if (alias.asname or alias.name) == name)
            text = f"from {'.' * node.level}{node.module or ''} import {ast.unparse(alias)}\n"
        place = top(draft)
        return Edit(place, place, text)
    return None


def _bound_by(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {alias.asname or alias.name.split(".")[0] for alias in names}
    return set()


def _read(draft: Draft) -> set[str]:
    """Attributes of the scheduler object that are read somewhere."""
    return {
        node.attr
        for node in draft.nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and draft.kinds.is_scheduler(node.value.id)
        and node.attr not in _GIVEN
    }


def _set(draft: Draft) -> set[str]:
    """Attributes that are set somewhere, on whatever object."""
    return {
        node.attr
        for node in draft.nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def _attributes(draft: Draft, donor: Source, names: list[str]) -> list[Edit]:
    """Statements of the donor's init function that set these attributes, at the end of the draft's own."""
    init, theirs = registrations(draft.tree).init.function, registrations(donor.tree).init.function
    if [arg.arg for arg in init.args.args] != [arg.arg for arg in theirs.args.args]:
        return []
    last = init.body[-1]
    place = draft.lines(last)
    if place is None:
        return []
    edits: list[Edit] = []
    for node in theirs.body:
        stored = {
            part.attr
            for part in ast.walk(node)
            if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
        }
        if stored & set(names) and donor.lines(node) is not None:
            edits.append(Edit(place[1], place[1], donor.reindented(node, draft.indent(last))))
    return edits
