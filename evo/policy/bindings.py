"""Where the names of a module get their values: from which expression, which loop, which calls of which function.

Answers hold for every run of the module. Where something else could bind a name, or call a function, the answer is
None: not known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from evo.policy.scopes import AnyFunction, Kind, Scope, Scopes
from evo.policy.trees import walk

_LOOKING = frozenset({"items", "keys", "values", "get", "index", "count", "copy"})
"""Methods of lists, sets and dicts that change nothing."""

_TAKING = frozenset(
    {"enumerate", "frozenset", "len", "list", "max", "min", "set", "sorted", "tuple", "reversed"}
)
"""Builtins that only look at what they are given."""

_PLAIN = frozenset({"staticmethod", "classmethod"})


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an expression."""

    node: ast.expr


@dataclass(frozen=True, slots=True)
class Element:
    """What a loop over an expression gives, or what stands at a place inside of that, and so on."""

    iterated: ast.expr
    path: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; `position` is None if it is only passed by keyword."""

    function: AnyFunction
    name: str
    position: int | None
    default: ast.expr | None
    variadic: bool = False


Source = Value | Element | Parameter
Variable = tuple[Scope, str]


class Bindings:
    """The bindings of one module."""

    def __init__(self, tree: ast.Module, scopes: Scopes) -> None:
        self.assumed: set[str] = set()
        """Names of methods that were taken to be called where they are named, and nowhere else."""
        self._rebound = {name for name, _, _ in scopes.bindings}
        self._from: dict[ast.AST, Source] = {}
        self._callees: dict[ast.AST, ast.Call] = {}
        self._attributes: dict[str, list[ast.Attribute]] = {}
        self._looked_at: set[ast.AST] = set()
        self._only_looked_at: dict[Variable, bool] = {}
        self._arguments: dict[Parameter, list[ast.expr] | None] = {}
        self._scope_of = {use.node: use.scope for use in scopes.reads}
        self._homes: dict[ast.AST, Scope] = {}
        self._in_classes: dict[str, list[ast.AST]] = {}
        self._binders: dict[Variable, list[ast.AST]] = {}
        self._reads: dict[Variable, list[ast.Name]] = {}
        for name, node, scope in scopes.bindings:
            self._homes[node] = scope
            if scope.kind is Kind.CLASS:
                self._in_classes.setdefault(name, []).append(node)
            self._binders.setdefault((scope.owner(name) or scope, name), []).append(node)
        for use in scopes.reads:
            variable = self.variable(use.node)
            if variable is not None:
                self._reads.setdefault(variable, []).append(use.node)
        for node in walk(tree):
            self._note(node)

    def variable(self, node: ast.Name) -> Variable | None:
        """The variable that a name stands for where it is read; None for a builtin."""
        scope = self._scope_of.get(node)
        owner = None if scope is None else scope.owner(node.id)
        return None if owner is None else (owner, node.id)

    def sources(self, variable: Variable) -> Iterator[Source | None]:
        """Where all values of a variable come from; one by one, for there may be many."""
        nodes = self._binders.get(variable)
        return map(self._from.get, nodes) if nodes else iter((None,))

    def value_of(self, node: ast.AST) -> ast.expr | None:
        """The expression that is assigned where `node` binds a name; None if it is bound in another way."""
        source = self._from.get(node)
        return source.node if isinstance(source, Value) else None

    def attribute_values(self, name: str) -> list[ast.expr] | None:
        """All that the text assigns to attributes of this name, in classes or to objects; None if it is not known."""
        stores = [node for node in self._attributes.get(name, ()) if not isinstance(node.ctx, ast.Load)]
        values = [self.value_of(node) for node in [*stores, *self._in_classes.get(name, ())]]
        known = [value for value in values if value is not None]
        return known if known and len(known) == len(values) else None

    def binders(self, variable: Variable) -> list[ast.AST]:
        """The nodes that bind a variable."""
        return self._binders.get(variable, [])

    def is_class(self, variable: Variable) -> bool:
        """Whether a variable may stand for a class of the policy's own."""
        return any(isinstance(node, ast.ClassDef) for node in self.binders(variable))

    def is_only_looked_at(self, variable: Variable) -> bool:
        """Whether the object that a variable stands for is never handed on to where it could be changed."""
        known = self._only_looked_at.get(variable)
        if known is None:
            known = all(node in self._looked_at for node in self._reads.get(variable, ()))
            self._only_looked_at[variable] = known
        return known

    def is_builtin(self, node: ast.expr, among: frozenset[str]) -> bool:
        """Whether an expression is a builtin by one of these names, and nothing else."""
        return isinstance(node, ast.Name) and node.id in among and node.id not in self._rebound

    def is_method(self, function: AnyFunction) -> bool:
        """Whether a function stands in a class."""
        return self._homes[function].kind is Kind.CLASS

    def arguments(self, parameter: Parameter) -> list[ast.expr] | None:
        """All expressions that are ever passed for a parameter."""
        if parameter not in self._arguments:
            self._arguments[parameter] = self._find_arguments(parameter)
        return self._arguments[parameter]

    def _find_arguments(self, parameter: Parameter) -> list[ast.expr] | None:
        function = parameter.function
        if not all(self.is_builtin(decorator, _PLAIN) for decorator in function.decorator_list):
            return None
        calls = self._method_calls(function) if self.is_method(function) else self._calls(function)
        if calls is None or any(_is_unpacking(call) for call in calls):
            return None
        bound = self.is_method(function) and not self._is_static(function)
        return [argument for call in calls for argument in _passed(call, parameter, int(bound))]

    def _is_static(self, function: AnyFunction) -> bool:
        return any(
            self.is_builtin(decorator, frozenset({"staticmethod"})) for decorator in function.decorator_list
        )

    def _calls(self, function: AnyFunction) -> list[ast.Call] | None:
        """The calls of a function that is only ever called, by the one name that it has."""
        home = self._homes[function]
        variable = home.owner(function.name) or home, function.name
        reads = self._reads.get(variable, [])
        if len(self._binders[variable]) > 1 or any(node not in self._callees for node in reads):
            return None
        return [self._callees[node] for node in reads]

    def _method_calls(self, function: AnyFunction) -> list[ast.Call] | None:
        """The calls of all methods of that name, if none is ever kept as a value or called by its class."""
        name = function.name
        uses = self._attributes.get(name, [])
        special = name.startswith("__") and name.endswith("__")
        if special or (self._homes[function], name) in self._reads or any(map(self._is_unbound, uses)):
            return None
        self.assumed.add(name)
        return [self._callees[use] for use in uses]

    def _is_unbound(self, use: ast.Attribute) -> bool:
        """Whether a method is taken and not called, or called as a function of its class."""
        if use not in self._callees:
            return True
        variable = self.variable(use.value) if isinstance(use.value, ast.Name) else None
        return variable is not None and self.is_class(variable)

    def _note(self, node: ast.AST) -> None:
        """Note where a node gives values to names."""
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._note_target(target, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._note_target(target, value)
            case ast.NamedExpr(target=target, value=value):
                self._from[target] = Value(value)
            case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                self._looked_at.add(iterated)
                self._from.update({part: Element(iterated, path) for part, path in _places(target)})
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._from.update(_parameters(node))
            case _:
                self._note_use(node)

    def _note_use(self, node: ast.AST) -> None:
        """Note what is only looked at, and what is called."""
        match node:
            case ast.Subscript(value=value, ctx=ast.Load()):
                self._looked_at.add(value)
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[value]):
                self._looked_at.add(value)
            case ast.Attribute():
                self._attributes.setdefault(node.attr, []).append(node)
            case ast.Call():
                self._note_call(node)

    def _note_call(self, node: ast.Call) -> None:
        self._callees[node.func] = node
        if isinstance(node.func, ast.Attribute) and node.func.attr in _LOOKING:
            self._looked_at.add(node.func.value)
        elif self.is_builtin(node.func, _TAKING):
            self._looked_at.update(node.args)

    def _note_target(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, (ast.Name, ast.Attribute)):
            self._from[target] = Value(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            both = [*target.elts, *value.elts]
            if len(target.elts) == len(value.elts) and not any(
                isinstance(part, ast.Starred) for part in both
            ):
                for part, inner in zip(target.elts, value.elts, strict=True):
                    self._note_target(part, inner)


def _places(target: ast.expr, path: tuple[int, ...] = ()) -> Iterator[tuple[ast.Name, tuple[int, ...]]]:
    """The names in a loop's target, each with its place in what the loop gives."""
    if isinstance(target, ast.Name):
        yield target, path
    elif isinstance(target, ast.Tuple) and not any(isinstance(part, ast.Starred) for part in target.elts):
        for place, part in enumerate(target.elts):
            yield from _places(part, (*path, place))


def _parameters(function: AnyFunction) -> Iterator[tuple[ast.AST, Parameter]]:
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(positional) - len(args.defaults)) + args.defaults
    for position, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
        yield arg, Parameter(function, arg.arg, position, default)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield arg, Parameter(function, arg.arg, None, default)
    if args.vararg is not None:
        yield args.vararg, Parameter(function, args.vararg.arg, len(positional), None, variadic=True)


def _is_unpacking(call: ast.Call) -> bool:
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    return starred or any(word.arg is None for word in call.keywords)


def _passed(call: ast.Call, parameter: Parameter, bound: int) -> list[ast.expr]:
    """What one call passes for a parameter; `bound` arguments are passed unseen."""
    named = [word.value for word in call.keywords if word.arg == parameter.name]
    if parameter.position is not None:
        place = max(parameter.position - bound, 0)
        given = call.args[place:] if parameter.variadic else call.args[place : place + 1]
    else:
        given = []
    default = [] if parameter.default is None else [parameter.default]
    return named + given or default
