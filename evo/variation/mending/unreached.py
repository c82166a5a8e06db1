"""Which code of a policy is never run in a simulation: what is for scripts, and functions that nothing else names.

A function counts as run if anything that is run so much as names it. A class counts as unreached only if its statement
does nothing but define.
"""

from __future__ import annotations

import ast

from evo.policy.scopes import Scopes
from evo.policy.trees import walk


def unreached(tree: ast.Module, scopes: Scopes) -> set[ast.AST]:
    """The functions and classes at the top of a module that only scripts and others such as they name."""
    tops = {node.name: node for node in tree.body if isinstance(node, _DEFINITIONS) and _is_inert(node)}
    twice = [name for name, _, scope in scopes.bindings if scope is scopes.module and name in tops]
    named: dict[ast.AST, list[str]] = {}
    reads = {use.node: use for use in scopes.reads if use.node.id in tops}
    for top in tree.body:
        uses = [reads[part] for part in walk(top) if isinstance(part, ast.Name) and part in reads]
        named[top] = [use.node.id for use in uses if use.scope.owner(use.node.id) is scopes.module]
    dead: set[ast.AST] = {node for name, node in tops.items() if twice.count(name) == 1}
    pending: list[ast.AST] = [top for top in tree.body if top not in dead and not is_script(top)]
    while pending:
        for name in named[pending.pop()]:
            if tops[name] in dead:
                dead.discard(tops[name])
                pending.append(tops[name])
    return dead


def is_script(node: ast.AST) -> bool:
    """Whether a statement is `if __name__ == "__main__":`, which is never run in a simulation."""
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
            ),
            orelse=[],
        ):
            return True
    return False


_DEFINITIONS = (ast.FunctionDef, ast.ClassDef)


def _is_inert(node: ast.stmt) -> bool:
    """Whether a definition does nothing but define."""
    match node:
        case ast.FunctionDef(args=args, returns=returns, decorator_list=[]):
            return not any(
                isinstance(part, ast.Call) for head in (args, returns) if head for part in walk(head)
            )
        case ast.ClassDef(bases=[], keywords=[], decorator_list=[], body=body):
            return all(map(_is_inert, body))
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
    return False
