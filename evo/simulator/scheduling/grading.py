"""How much is known of the values in a policy's source: nothing, made in this call, immutable, a number.

What is *fresh* may be changed without anybody else seeing it. A name is as fresh as the least fresh value that any
statement of its function binds it to; what is taken out of a fresh container is unknown.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from evo.simulator.scheduling.purity import COMPARISONS, FRESH, NUMBER, PURE, PURE_METHODS, SCALAR, UNKNOWN
from evo.simulator.scheduling.scopes import Element, Scope, Updated, Value, own_nodes
from evo.simulator.scheduling.survey import Survey

_MADE = (
    *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_PLAIN_BASES = frozenset(
    {"builtins.object", "typing.NamedTuple", "typing.Generic", "abc.ABC", "typing.Protocol"}
)


class Grades:
    """The grades of all names of a surveyed policy."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.arrays = any(name.partition(".")[0] == "numpy" for name in survey.modules)
        self._compares = not COMPARISONS.isdisjoint(survey.methods)
        self._returned: dict[ast.AST, int] = {}
        self._rules: dict[type, Callable[[Any, Scope], int]] = {
            Element: self._element,
            Updated: self._updated,
            ast.Constant: self._constant,
            ast.JoinedStr: lambda _, __: SCALAR,
            ast.Name: self._name,
            ast.BinOp: self._arithmetic,
            ast.UnaryOp: lambda operation, scope: max(FRESH, self.level(operation.operand, scope)),
            ast.BoolOp: lambda either, scope: min(self.level(part, scope) for part in either.values),
            ast.IfExp: lambda choice, scope: min(
                self.level(choice.body, scope), self.level(choice.orelse, scope)
            ),
            ast.NamedExpr: lambda named, scope: self.level(named.value, scope),
            ast.Compare: self._comparison,
            ast.Subscript: self._slice,
            ast.Call: self._call,
        }
        self._settle()

    def _settle(self) -> None:
        """Begin with everything known, and take back what does not hold until all holds."""
        functions = [node for node in self.survey.nodes if isinstance(node, ast.FunctionDef)]
        self._returned = dict.fromkeys(functions, NUMBER)
        for scope in self.survey.scopes.all:
            scope.levels = {name: NUMBER for name in scope.bindings if scope.binds(name)}
        changed = True
        while changed:
            changed = False
            for scope in self.survey.scopes.all:
                for name, old in scope.levels.items():
                    new = min(old, *(self.level(value, scope) for value in scope.bindings[name]))
                    changed |= new < old
                    scope.levels[name] = new
            for function in functions:
                grade = min(self._returned[function], self._returns(function))
                changed |= grade < self._returned[function]
                self._returned[function] = grade

    def _returns(self, function: ast.FunctionDef) -> int:
        scope = self.survey.scopes.by_function[function]
        if scope.yields:
            return FRESH
        given = [n.value for n in scope.nodes if isinstance(n, ast.Return) and n.value is not None]
        return min((self.level(value, scope) for value in given), default=SCALAR)

    def level(self, value: Value, scope: Scope) -> int:
        """How much is known of a value."""
        if isinstance(value, int):
            return value
        rule = self._rules.get(type(value))
        if rule is not None:
            return rule(value, scope)
        return FRESH if isinstance(value, _MADE) else UNKNOWN

    def _constant(self, constant: ast.Constant, _: Scope) -> int:
        return NUMBER if isinstance(constant.value, int | float | complex) else SCALAR

    def _name(self, name: ast.Name, scope: Scope) -> int:
        return scope.levels.get(name.id, UNKNOWN) if scope.binds(name.id) else UNKNOWN

    def _arithmetic(self, operation: ast.BinOp, scope: Scope) -> int:
        return max(FRESH, min(self.level(operation.left, scope), self.level(operation.right, scope)))

    def _comparison(self, _: ast.Compare, __: Scope) -> int:
        if self._compares:
            return UNKNOWN
        return FRESH if self.arrays else NUMBER

    def _slice(self, subscript: ast.Subscript, _: Scope) -> int:
        return FRESH if isinstance(subscript.slice, ast.Slice) and not self.arrays else UNKNOWN

    def _updated(self, updated: Updated, scope: Scope) -> int:
        return min(scope.levels.get(updated.name, UNKNOWN), max(FRESH, self.level(updated.operand, scope)))

    def _element(self, element: Element, scope: Scope) -> int:
        iterable = element.iterable
        meaning = self.survey.meaning(iterable.func, scope) if isinstance(iterable, ast.Call) else None
        counted = meaning == "builtins.range" and element.place is None
        return NUMBER if counted or (meaning == "builtins.enumerate" and element.place == 0) else UNKNOWN

    def _call(self, call: ast.Call, scope: Scope) -> int:
        own = self.survey.defined(call.func, scope)
        if isinstance(own, ast.FunctionDef):
            return self._returned[own] if self.survey.undecorated(own) else UNKNOWN
        if own is not None:
            return FRESH if self.makes_anew(own) else UNKNOWN
        meaning = self.survey.meaning(call.func, scope)
        if meaning is not None:
            return self._known_call(meaning, call, scope)
        if isinstance(call.func, ast.Attribute) and not self.is_taken(call.func.attr):
            return PURE_METHODS.get(call.func.attr, UNKNOWN)
        return UNKNOWN

    def _known_call(self, meaning: str, call: ast.Call, scope: Scope) -> int:
        if meaning == "builtins.sum" and len(call.args) == 1 and not call.keywords:
            return FRESH
        if meaning in {"builtins.min", "builtins.max"} and len(call.args) > 1 and not call.keywords:
            return min(self.level(argument, scope) for argument in call.args)
        return PURE.get(meaning, UNKNOWN)

    def is_taken(self, method: str) -> bool:
        """Whether a known method's name may mean something else in this source."""
        return method in self.survey.stored or method in self.survey.methods

    def makes_anew(self, node: ast.ClassDef) -> bool:
        """Whether calling a class of the policy makes a new object and does nothing but run its `__init__`."""
        survey = self.survey
        for base in node.bases:
            plain = base.value if isinstance(base, ast.Subscript) else base
            own = survey.defined(plain, survey.module)
            meaning = survey.meaning(plain, survey.module)
            if isinstance(own, ast.ClassDef):
                if own is node or not self.makes_anew(own):
                    return False
            elif meaning not in _PLAIN_BASES and not (meaning or "").endswith(("Error", "Exception")):
                return False
        return not node.keywords and all(self._plain_dataclass(node, d) for d in node.decorator_list)

    def _plain_dataclass(self, node: ast.ClassDef, decorator: ast.expr) -> bool:
        """Whether the decorator is `dataclass`, and the defaults of the fields are made by what can be seen."""
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if self.survey.meaning(named, self.survey.module) != "dataclasses.dataclass":
            return False
        calls = [n for n in own_nodes(node) if isinstance(n, ast.Call) and n is not decorator]
        factories = [k.value for call in calls for k in call.keywords if k.arg == "default_factory"]
        known = {
            "builtins.list",
            "builtins.dict",
            "builtins.set",
            "builtins.tuple",
            "builtins.int",
            "builtins.float",
        }
        known |= {"builtins.str", "collections.deque", "collections.Counter", "collections.OrderedDict"}
        return all(
            self.survey.meaning(call.func, self.survey.module) == "dataclasses.field" for call in calls
        ) and all(
            isinstance(f, ast.Lambda) or self.survey.meaning(f, self.survey.module) in known
            for f in factories
        )
