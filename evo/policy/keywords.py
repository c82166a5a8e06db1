"""Which local names stay in the normal form because something can see them.

A parameter's name matters where a caller passes it by keyword. Whose parameter a keyword reaches is known only
for calls of the policy's own functions by name; every other call may reach any function, so its keywords keep
such parameters everywhere. `locals()` and its kin see every name. Keeping too much only misses twins.
"""

from __future__ import annotations

import ast

from evo.policy.ambient import AMBIENT
from evo.policy.scopes import BUILTINS, Scope, Scopes
from evo.policy.trees import walk

_SEEING = frozenset({"locals", "vars", "dir", "eval", "exec"})


class Kept:
    """The names of one module's functions that can't be renamed unseen."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self._all = any(use.node.id in _SEEING for use in scopes.reads)
        self._anywhere: set[str] = set()
        self._of_function: dict[str, set[str]] = {}
        self._every_parameter = False
        self._functions: dict[Scope, str] = {}
        defined, self._rebound = _definitions(tree)
        for name, node in defined:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._functions[scopes.of[node]] = name
        classes = {name for name, node in defined if isinstance(node, ast.ClassDef)}
        self._own = {name for name, _ in defined} - classes - self._rebound
        self._foreign = (BUILTINS | AMBIENT.keys()) - {name for name, _ in defined} - self._rebound
        for call, _ in scopes.calls:
            self._record(call)

    def keeps(self, name: str, owner: Scope) -> bool:
        """Whether `name`, bound in the function or comprehension `owner`, stays as it is."""
        if self._all or name.startswith("__"):
            return True
        if name not in owner.parameters:
            return False
        passed = self._of_function.get(self._functions.get(owner, ""), set())
        return self._every_parameter or name in self._anywhere or name in passed or "**" in passed

    def _record(self, call: ast.Call) -> None:
        target = call.func.id if isinstance(call.func, ast.Name) else ""
        if target in self._foreign:
            return
        names = {"**" if word.arg is None else word.arg for word in call.keywords}
        if target in self._own:
            self._of_function.setdefault(target, set()).update(names)
        else:
            self._anywhere |= names
            self._every_parameter |= "**" in names


def _definitions(
    tree: ast.Module,
) -> tuple[list[tuple[str, ast.stmt]], set[str]]:
    """The functions and classes of a module at any depth, and every name that is bound in another way too."""
    defined: list[tuple[str, ast.stmt]] = []
    rebound: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                rebound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            defined.append((node.name, node))
        elif isinstance(node, ast.arg):
            rebound.add(node.arg)
        elif isinstance(node, ast.alias):
            rebound |= {node.asname} if node.asname else set()
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            rebound |= {node.name} if node.name else set()
        elif isinstance(node, ast.MatchMapping):
            rebound |= {node.rest} if node.rest else set()
    return defined, rebound
