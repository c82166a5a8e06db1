"""What of the outside world an expression of a policy stands for: a module, a name of one, or a builtin.

Written as dotted names ("numpy", "numpy.random", "operator.attrgetter", "builtins.getattr"). Several at once if a name
is imported in several ways; none for what is the policy's own. A name is followed to its scope by Python's rules, not
through assignments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from evo.policy.allowed import SUBMODULES
from evo.policy.scopes import Kind, Scope, Scopes

_NOTHING: frozenset[str] = frozenset()
_MOST_ORIGINS = 8  # an honest name is imported in one or two ways
_OWN = frozenset({Kind.FUNCTION, Kind.COMPREHENSION})


class Origins:
    """The origins of the names and attributes of one module; `watched` are the builtins of interest."""

    def __init__(self, scopes: Scopes, watched: frozenset[str]) -> None:
        imported, self.crowded = _imported(scopes)
        names = {name for _, name in imported}
        rebound = _rebound(scopes, names)
        self._of: dict[ast.AST, frozenset[str]] = {}
        self._uncertain: set[ast.AST] = set()
        for use in scopes.reads:
            word = use.node.id
            found = _NOTHING
            if word in names:
                owner = use.scope.owner(word)
                found = imported.get((owner, word), _NOTHING) if owner is not None else _NOTHING
            if word in watched and not is_local(use.scope, word):
                found |= {f"builtins.{word}"}
            if found:
                self._of[use.node] = found
                if (use.scope.owner(word), word) in rebound:
                    self._uncertain.add(use.node)

    def of(self, node: ast.AST) -> frozenset[str]:
        """Where the value of an expression comes from, as far as it is a name or attributes of one."""
        attributes: list[str] = []
        while isinstance(node, ast.Attribute):
            attributes.append(node.attr)
            node = node.value
        found = self._of.get(node, _NOTHING)
        while found and attributes:
            name = attributes.pop()
            found = frozenset(f"{origin}.{name}" for origin in found if origin in SUBMODULES)
        return found

    def certain(self, node: ast.AST) -> frozenset[str]:
        """As `of`, but nothing for a name that the policy binds in other ways too."""
        found = self.of(node)
        while isinstance(node, ast.Attribute):
            node = node.value
        return _NOTHING if node in self._uncertain else found

    def modules(self, node: ast.AST) -> list[str]:
        """The modules that the value of an expression may be, in order of the alphabet."""
        found = self.of(node)
        return sorted(found & SUBMODULES) if found else []


def is_local(scope: Scope, name: str) -> bool:
    """Whether a name, read in a scope, is surely a function's own: if not bound there, it is bound nowhere.

    Names of modules and classes are looked up among the builtins as long as they are not bound.
    """
    owner = scope.owner(name)
    return owner is not None and owner.kind in _OWN


def _imported(scopes: Scopes) -> tuple[dict[tuple[Scope, str], frozenset[str]], dict[str, ast.AST]]:
    """What each imported name may stand for, and the names that stand for too much, with an import of each."""
    found: dict[tuple[Scope, str], set[str]] = {}
    crowded: dict[str, ast.AST] = {}
    done: set[ast.AST] = set()
    for _, node, scope in scopes.bindings:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and node not in done:
            done.add(node)
            for name, origin in _origins(node):
                known = found.setdefault((scope.owner(name) or scope, name), set())
                if len(known) < _MOST_ORIGINS:
                    known.add(origin)
                elif origin not in known:
                    crowded[name] = node
    return {key: frozenset(known) for key, known in found.items()}, crowded


def _rebound(scopes: Scopes, names: set[str]) -> set[tuple[Scope | None, str]]:
    """The variables among imported names that are also bound otherwise."""
    return {
        (scope.owner(name), name)
        for name, node, scope in scopes.bindings
        if name in names and not isinstance(node, (ast.Import, ast.ImportFrom))
    }


def _origins(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import statement binds, each with what it stands for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            top = alias.name.split(".")[0]
            yield top, top
