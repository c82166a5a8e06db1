"""Which annotations can be left out of the normal form: those whose evaluation can neither fail nor do anything.

Annotations of parameters and results run when the function is defined, so `x: Lits[int]` breaks a policy that
`x` alone doesn't. Harmless are names that are surely bound (builtins, imports, the ambient names), and generics
of builtins and of `typing`.
"""

from __future__ import annotations

import ast

from evo.policy.ambient import AMBIENT
from evo.policy.scopes import Scopes

_CLASSES = frozenset({"int", "float", "str", "bool", "bytes", "complex", "object", "range", "slice"})
_GENERICS = frozenset({"list", "dict", "tuple", "set", "frozenset", "type"})
_GENERIC_MODULES = frozenset({"typing", "collections.abc", "collections"})


class Harmless:
    """Judges the annotations of one module."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self._postponed = False
        self._modules: set[str] = set()
        self._imported: set[str] = set()
        self._generics = set(_GENERICS)
        for node in tree.body:
            self._import(node)
        ambient = {name for name in AMBIENT if name not in scopes.module.bound}
        self._generics |= {name for name in ambient if AMBIENT[name] == "typing"}
        self._names = _CLASSES | self._generics | self._imported | ambient

    def is_so(self, node: ast.expr) -> bool:
        """Whether evaluating the annotation where it stands has no effect."""
        return self._postponed or self._plain(node)

    def _import(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Import):
            self._modules |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {alias.asname or alias.name for alias in node.names}
            self._imported |= names
            if node.module in _GENERIC_MODULES:
                self._generics |= names
            if node.module == "__future__" and "annotations" in names:
                self._postponed = True

    def _plain(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._names
            case ast.Attribute(value=ast.Name(id=module)):
                return module in self._modules
            case ast.Subscript(value=generic, slice=inner):
                return self._is_generic(generic) and self._plain(inner)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return all(self._plain(part) for part in parts)
            case ast.BinOp(op=ast.BitOr()):
                return self._joined(node)
            case _:
                return isinstance(node, ast.Constant)

    def _is_generic(self, node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name in self._generics
            case ast.Attribute(value=ast.Name(id=module)):
                return module in self._modules & _GENERIC_MODULES
            case _:
                return False

    def _joined(self, node: ast.BinOp) -> bool:
        """`A | B` works for classes and generics, and with None on one side."""
        sides = [node.left, node.right]
        strings = [side for side in sides if isinstance(side, ast.Constant) and side.value is not None]
        constants = [side for side in sides if isinstance(side, ast.Constant)]
        return not strings and len(constants) < 2 and all(self._plain(side) for side in sides)
