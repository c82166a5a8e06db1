"""Which names each function binds, and to what: the groundwork of the idle proof.

Comprehensions count as part of the function they stand in: their targets are taken for names of that function,
which can only make less known. Nothing here judges any value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from evo.simulator.scheduling.purity import FRESH, UNKNOWN
from evo.simulator.scheduling.trees import children

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Element:
    """A value taken out of an iterable, at a place in it if it is unpacked at once."""

    iterable: ast.expr
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Updated:
    """What an augmented assignment leaves in a name."""

    name: str
    operand: ast.expr


Value = ast.expr | Element | Updated | int
"""What a name is bound to; an int says outright how much is known of it."""


@dataclass(eq=False)
class Scope:
    """The names of a function or of the module, with every value that each is bound to."""

    node: ast.AST
    parent: Scope | None
    owner: ast.ClassDef | None = None
    """The class whose method this is."""
    bindings: dict[str, list[Value]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    """Names declared global or nonlocal."""
    levels: dict[str, int] = field(default_factory=dict)
    nodes: list[ast.AST] = field(default_factory=list)
    """What `own_nodes` gives."""

    @cached_property
    def yields(self) -> bool:
        """Whether this is a generator's scope."""
        return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in self.nodes)

    def binds(self, name: str) -> bool:
        """Whether the name is this scope's own."""
        return name in self.bindings and name not in self.elsewhere

    def holder(self, name: str) -> Scope | None:
        """The innermost scope outwards that binds the name; None for a builtin."""
        scope: Scope | None = self
        while scope is not None and not scope.binds(name):
            scope = scope.parent
        return scope


_UNBINDING = frozenset(
    {
        *(ast.Name, ast.Attribute, ast.Constant, ast.Call, ast.keyword, ast.Expr, ast.Return, ast.If),
        *(ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Subscript, ast.Tuple, ast.List, ast.Dict),
    }
)
"""The most frequent kinds of node that by themselves bind no name and open no scope."""


class Scopes:
    """The scopes of a module and of all its functions."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.by_function: dict[ast.AST, Scope] = {}
        self._around: dict[ast.AST, Scope] = {}
        self._pending = [self.module]
        while self._pending:
            self._enter(self._pending.pop())

    @property
    def all(self) -> list[Scope]:
        """The module's scope and those of the functions."""
        return [self.module, *self.by_function.values()]

    def around(self, node: ast.AST) -> Scope:
        """The scope in which a node is evaluated; for what stands in a class's body, the one around the class."""
        return self._around.get(node, self.module)

    def _enter(self, scope: Scope) -> None:
        if scope is not self.module:
            self.by_function[scope.node] = scope
        _bind_parameters(scope)
        scope.nodes = list(own_nodes(scope.node))
        for node in scope.nodes:
            self._around[node] = scope
            if type(node) in _UNBINDING:
                continue
            for name, value in bound_by(node):
                scope.bindings.setdefault(name, []).append(value)
            if isinstance(node, ast.Global | ast.Nonlocal):
                scope.elsewhere.update(node.names)
            elif isinstance(node, Function):
                self._pending.append(Scope(node, scope))
            elif isinstance(node, ast.ClassDef):
                self._enter_class(node, scope)

    def _enter_class(self, node: ast.ClassDef, scope: Scope) -> None:
        """Take in a class's body, whose own names are seen by none of its functions."""
        for part in own_nodes(node):
            self._around[part] = scope
            if isinstance(part, Function):
                self._pending.append(Scope(part, scope, node if part in node.body else None))
            elif isinstance(part, ast.ClassDef):
                self._enter_class(part, scope)


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes in a function's, class's or module's own body; of what nests there, only what runs at once."""
    body = getattr(node, "body", [])
    pending: list[ast.AST] = list(body) if isinstance(body, list) else [body]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, Function):
            pending.extend(_run_at_once(current))
        elif isinstance(current, ast.ClassDef):
            pending.extend([*current.decorator_list, *current.bases, *(k.value for k in current.keywords)])
        else:
            pending.extend(children(current))


def _run_at_once(function: Function) -> list[ast.expr]:
    decorators = [] if isinstance(function, ast.Lambda) else function.decorator_list
    return [*decorators, *function.args.defaults, *(d for d in function.args.kw_defaults if d)]


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, in order."""
    args = function.args
    named = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg.arg for arg in named if arg is not None]


def _bind_parameters(scope: Scope) -> None:
    if isinstance(scope.node, Function):
        names = parameters(scope.node)
        makes = scope.owner is not None and getattr(scope.node, "name", "") in {"__init__", "__post_init__"}
        for place, name in enumerate(names):
            scope.bindings[name] = [FRESH if makes and place == 0 else UNKNOWN]


def bound_by(node: ast.AST) -> Iterator[tuple[str, Value]]:
    """The names that a node by itself binds, with what it binds them to."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _unpacked(target, value)
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield from _unpacked(target, UNKNOWN if value is None else value)
        case ast.AugAssign(target=ast.Name(id=name), value=operand):
            yield name, Updated(name, operand)
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            yield from _unpacked(node.target, Element(node.iter))
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from _unpacked(target, UNKNOWN)
        case ast.Import() | ast.ImportFrom():
            yield from ((alias.asname or alias.name.partition(".")[0], UNKNOWN) for alias in node.names)
        case _:
            # Functions, classes, exceptions and patterns name what they bind in a plain string.
            plain = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
            if isinstance(plain, str) and not isinstance(node, ast.alias):
                yield plain, UNKNOWN


def _unpacked(target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Starred(value=ast.Name(id=name)):
            yield name, FRESH
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            starred = any(isinstance(part, ast.Starred) for part in parts)
            for place, part in enumerate(parts):
                yield from _unpacked(part, UNKNOWN if starred else _part(value, place, len(parts)))


def _part(value: Value, place: int, count: int) -> Value:
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) == count:
            starred = any(isinstance(part, ast.Starred) for part in parts)
            return UNKNOWN if starred else parts[place]
        case Element(iterable=iterable, place=None):
            return Element(iterable, place)
    return UNKNOWN
