"""Which scope each name of a module belongs to, by Python's rules.

Functions, lambdas and comprehensions own their names, classes own attributes, `global` and `nonlocal` reach out.
Used for the normal form (renaming locals), for export (which names are missing) and by whoever edits policies
(would this edit leave a name unbound). The tree must have passed the gate: this recurses over it.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from evo.policy.trees import children

BUILTINS = frozenset(dir(builtins))

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef

_STRINGS = (ast.Import, ast.ImportFrom, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping)
_HOLDERS = (ast.stmt, ast.ExceptHandler, ast.match_case)
_OWN_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Kind(Enum):
    """What opens a scope."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


@dataclass(eq=False, slots=True)
class Scope:
    """The names that one module, class, function or comprehension binds."""

    kind: Kind
    parent: Scope | None
    bound: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)
    outside: dict[str, Kind] = field(default_factory=dict)
    """Names declared global (MODULE) or nonlocal (FUNCTION) here."""

    def owner(self, name: str) -> Scope | None:
        """The scope in which `name`, used here, is bound; None for a builtin or an unbound name."""
        declared = self.outside.get(name)
        if declared is None and name in self.bound:
            return self
        scope = self.parent
        if declared is Kind.MODULE:
            scope = self.module
        while scope is not None:
            if scope.kind is not Kind.CLASS and name in scope.bound and name not in scope.outside:
                return scope
            if scope.outside.get(name) is Kind.MODULE:
                return scope.owner(name)
            scope = scope.parent
        return None

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def bind(self, name: str) -> None:
        """Record that a statement of this scope binds `name`, wherever a declaration sends it."""
        if self.outside.get(name) is Kind.MODULE:
            self.module.bound.add(name)
        else:
            self.bound.add(name)


@dataclass(frozen=True, slots=True)
class Use:
    """A name that is read, with the scope in which it is read."""

    node: ast.Name
    scope: Scope


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a module by the node that opens them, every read and binding of a name, and every call."""

    module: Scope
    of: dict[ast.AST, Scope]
    reads: list[Use]
    calls: list[tuple[ast.Call, Scope]]
    bindings: list[tuple[str, ast.AST, Scope]] = field(default_factory=list)
    """Each name that is bound (or deleted), the node that does it, and the scope in which that stands."""

    def unbound(self) -> Iterator[Use]:
        """Reads of names that neither the module nor Python binds, in order of appearance."""
        for use in self.reads:
            if use.scope.owner(use.node.id) is None and use.node.id not in BUILTINS:
                yield use


def analyse(tree: ast.Module) -> Scopes:
    """The scopes of a module that has passed the gate."""
    module = Scope(Kind.MODULE, None)
    scopes = Scopes(module, {tree: module}, [], [])
    _Walk(scopes).block(tree.body, module)
    return scopes


@dataclass(frozen=True, slots=True)
class _Walk:
    scopes: Scopes

    def block(self, nodes: Iterable[ast.AST | None], scope: Scope) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node, scope)

    def visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, ast.Name):
            self._name(node, scope)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            self._comprehension(node, scope)
        elif isinstance(node, ast.NamedExpr):
            self._walrus(node, scope)
        else:
            if isinstance(node, ast.Call):
                self.scopes.calls.append((node, scope))
            elif isinstance(node, _STRINGS):
                for name in _strings(node):
                    self._bind(name, node, scope)
            self.block(children(node), scope)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        """`:=` binds in the function around a comprehension."""
        home = scope
        while home.kind is Kind.COMPREHENSION and home.parent is not None:
            home = home.parent
        self._bind(node.target.id, node.target, home)
        self.visit(node.value, scope)

    def _bind(self, name: str, node: ast.AST, scope: Scope) -> None:
        scope.bind(name)
        self.scopes.bindings.append((name, node, scope))

    def _name(self, node: ast.Name, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            self.scopes.reads.append(Use(node, scope))
        else:
            self._bind(node.id, node, scope)

    def _function(self, node: AnyFunction | ast.Lambda, scope: Scope) -> None:
        inner = Scope(Kind.FUNCTION, scope)
        self.scopes.of[node] = inner
        for arg in parameters(node.args):
            self._bind(arg.arg, arg, inner)
            inner.parameters.add(arg.arg)
        self.block([*node.args.defaults, *node.args.kw_defaults], scope)
        if isinstance(node, ast.Lambda):
            self.visit(node.body, inner)
            return
        self._bind(node.name, node, scope)
        self.block(node.decorator_list, scope)
        self.block(getattr(node, "type_params", ()), scope)
        self.block([arg.annotation for arg in parameters(node.args)], scope)
        self.block([node.returns], scope)
        _declare(node.body, inner)
        self.block(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._bind(node.name, node, scope)
        self.block(getattr(node, "type_params", ()), scope)
        self.block([*node.decorator_list, *node.bases, *node.keywords], scope)
        inner = Scope(Kind.CLASS, scope)
        self.scopes.of[node] = inner
        _declare(node.body, inner)
        self.block(node.body, inner)

    def _comprehension(self, node: Comprehension, scope: Scope) -> None:
        inner = Scope(Kind.COMPREHENSION, scope)
        self.scopes.of[node] = inner
        first = node.generators[0]
        self.visit(first.iter, scope)
        for generator in node.generators:
            self.visit(generator.target, inner)
            self.block([] if generator is first else [generator.iter], inner)
            self.block(generator.ifs, inner)
        self.block([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt], inner)


def parameters(args: ast.arguments) -> list[ast.arg]:
    """All parameters in the order in which they are written."""
    stars = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *stars]


def _declare(body: list[ast.stmt], scope: Scope) -> None:
    """Find the global and nonlocal statements of a scope before its bindings are recorded."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            scope.outside |= dict.fromkeys(node.names, Kind.MODULE)
        elif isinstance(node, ast.Nonlocal):
            scope.outside |= dict.fromkeys(node.names, Kind.FUNCTION)
        elif not isinstance(node, _OWN_SCOPES):
            pending += [child for child in children(node) if isinstance(child, _HOLDERS)]


def _strings(node: ast.AST) -> Iterator[str]:
    """The names that a node binds and holds as plain strings."""
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            for alias in names:
                if alias.name != "*":
                    yield alias.asname or alias.name.split(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
