"""Names that new code brings along, and the check that an edit leaves no name and no call in the air.

The check is static and cheap; it spares the simulator children that could only fail.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from evo.policy.ambient import AMBIENT
from evo.policy.scopes import parameters
from evo.variation.syntax.source import Edit, Source


def unbound(source: Source) -> set[str]:
    """The names that a source reads and nobody binds, those that are always there aside."""
    return {use.node.id for use in source.scopes.unbound()} - AMBIENT.keys()


@lru_cache(maxsize=16)
def faults(source: Source) -> frozenset[str]:
    """What must fail when it is reached: unbound names, locals read too early, calls with wrong arguments."""
    return frozenset(unbound(source) | _too_early(source) | _misfits(source))


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


def _too_early(source: Source) -> set[str]:
    """Locals that are read above the first line that sets them, and in no loop that comes back to it."""
    first: dict[tuple[ast.AST, str], int] = {}
    for node in source.nodes:
        function = source.function.get(node)
        if function is not None and isinstance(
            node, (ast.Name, ast.ExceptHandler, ast.FunctionDef, ast.alias)
        ):
            for name in _sets(node):
                place = (function, name)
                first[place] = min(first.get(place, node.lineno), node.lineno)
    found: set[str] = set()
    for use in source.scopes.reads:
        function = source.function.get(use.node)
        if function is None or source.scopes.of[function] is not use.scope:
            continue
        line = first.get((function, use.node.id))
        if (
            line is None
            or line <= use.node.lineno
            or use.node.id in use.scope.parameters | use.scope.outside.keys()
        ):
            continue
        loops = [around for around in source.above(use.node) if isinstance(around, (ast.For, ast.While))]
        if not any((loop.end_lineno or 0) >= line for loop in loops):
            found.add(f"{use.node.id} in {function.name}")
    return found


def _sets(node: ast.Name | ast.ExceptHandler | ast.FunctionDef | ast.alias) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Store) else []
    if isinstance(node, ast.alias):
        return [node.asname or node.name.split(".")[0]]
    return [node.name] if node.name else []


def _misfits(source: Source) -> set[str]:
    """Calls of the module's own functions that don't fit their parameters."""
    functions = {node.name: node for node in source.tree.body if isinstance(node, ast.FunctionDef)}
    found: set[str] = set()
    for call, scope in source.scopes.calls:
        if not isinstance(call.func, ast.Name) or call.func.id not in functions:
            continue
        if scope.owner(call.func.id) is source.scopes.module and not _fits(
            call, functions[call.func.id].args
        ):
            found.add(f"{ast.unparse(call)}()")
    return found


def _fits(call: ast.Call, args: ast.arguments) -> bool:
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(
        word.arg is None for word in call.keywords
    ):
        return True
    positional = [arg.arg for arg in (*args.posonlyargs, *args.args)]
    given = {*positional[: len(call.args)], *(str(word.arg) for word in call.keywords)}
    optional = len(args.defaults)
    needed = set(positional[: len(positional) - optional])
    known = {arg.arg for arg in parameters(args)}
    return (
        (len(call.args) <= len(positional) or args.vararg is not None)
        and needed <= given
        and (given <= known or args.kwarg is not None)
    )
