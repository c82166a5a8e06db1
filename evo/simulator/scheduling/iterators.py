"""Whether an iterator could outlive the call that made it.

Reading an iterator changes it, however harmless the reading looks: `x in it`, `a, b = it`, `max(it)`. So every
expression that makes one must stand where it is used up at once, or be bound to a local name that is only ever used
up. If all do, no iterator is found in later calls, and reading is harmless everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from evo.simulator.scheduling.purity import CONSUMERS, CONSUMING_METHODS, ITERATORS
from evo.simulator.scheduling.scopes import Scope
from evo.simulator.scheduling.survey import Survey

_KEEPING = {
    **dict.fromkeys(("builtins.next", "builtins.sum", "builtins.min", "builtins.max"), 0),
    "builtins.dict.fromkeys": 0,
    "functools.reduce": 1,
    "itertools.repeat": 9,
}
"""Calls that read one argument, at this place, and may hand on the others as they are."""


class Iterators:
    """The expressions of a surveyed policy that make iterators, and what becomes of them."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._names = {
            function.name
            for function, scope in survey.scopes.by_function.items()
            if isinstance(function, ast.FunctionDef) and scope.yields
        }

    def escaping(self) -> Iterator[ast.AST]:
        """The expressions that may let an iterator escape."""
        for node in self.survey.nodes:
            if self._makes(node):
                if not self._used_up(node):
                    yield node
            elif self._mentions(node) and not self._is_called(node):
                yield node

    def _makes(self, node: ast.AST) -> bool:
        if isinstance(node, ast.GeneratorExp):
            return True
        return isinstance(node, ast.Call) and self._mentions(node.func)

    def _mentions(self, node: ast.AST) -> bool:
        """Whether the node names something that makes iterators when called."""
        if isinstance(node, ast.Attribute) and node.attr in self._names:
            return True
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self._names:
            return True
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        return self.survey.meaning(node, self.survey.scopes.around(node)) in ITERATORS

    def _is_called(self, node: ast.AST) -> bool:
        parent = self.survey.parents[node]
        if isinstance(parent, ast.Attribute):  # chain in chain.from_iterable
            return self._mentions(parent)
        return isinstance(parent, ast.Call) and parent.func is node

    def _used_up(self, node: ast.AST) -> bool:
        """Whether the iterator that a node gives is read on the spot, or bound to a name that is."""
        parent = self.survey.parents[node]
        match parent:
            case ast.For(iter=iterable) | ast.comprehension(iter=iterable):
                used = iterable is node
            case ast.Starred() | ast.Expr() | ast.YieldFrom():
                used = True
            case ast.IfExp() | ast.BoolOp():
                used = self._used_up(parent)
            case ast.Compare(ops=[*_, ast.In() | ast.NotIn()], comparators=[*_, last]):
                used = last is node
            case ast.Call():
                used = self._taken_by(parent, node)
            case ast.Assign(targets=[target]):
                used = self._bound_well(target, listed=False)
            case ast.ListComp(elt=element) if element is node:
                used = self._listed_well(parent)
            case _:
                used = False
        return used

    def _listed_well(self, made: ast.ListComp) -> bool:
        """Whether a list of iterators is bound to a local name by which they are only read."""
        binding = self.survey.parents[made]
        match binding:
            case ast.Assign(targets=[target]):
                return self._bound_well(target, listed=True)
        return False

    def _taken_by(self, call: ast.Call, node: ast.AST) -> bool:
        """Whether a call reads an iterator among its arguments at once, or is one that is itself used up."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in CONSUMING_METHODS:
            name = call.func.attr
            return name not in self.survey.stored and name not in self.survey.methods
        meaning = self.survey.meaning(call.func, self.survey.scopes.around(call))
        if meaning in _KEEPING:
            place = _KEEPING[meaning]
            alone = len(call.args) == 1 or meaning not in {"builtins.min", "builtins.max"}
            return alone and call.args[place : place + 1] == [node]
        return meaning in CONSUMERS or meaning in ITERATORS

    def _bound_well(self, target: ast.expr, *, listed: bool) -> bool:
        """Whether a target is a local name that is only read from, or, for a list of iterators, only indexed so."""
        if isinstance(target, ast.Tuple | ast.List):
            return not listed
        if not isinstance(target, ast.Name):
            return False
        scope = self.survey.scopes.around(target)
        if scope is self.survey.module or not scope.binds(target.id) or self._in_class(target, scope):
            return False
        return all(
            self._read_only(node, listed=listed)
            for node in self.survey.nodes
            if isinstance(node, ast.Name)
            and node.id == target.id
            and isinstance(node.ctx, ast.Load)
            and self._may_be(node, scope)
        ) and self._uncaptured(target.id, scope)

    def _in_class(self, node: ast.AST, scope: Scope) -> bool:
        """Whether a class's body stands between a node and its scope."""
        while node is not scope.node:
            if isinstance(node, ast.ClassDef):
                return True
            node = self.survey.parents[node]
        return False

    def _may_be(self, name: ast.Name, scope: Scope) -> bool:
        return self.survey.scopes.around(name).holder(name.id) is scope

    def _uncaptured(self, name: str, scope: Scope) -> bool:
        """Whether no function inside uses the name: it might be called when this one is long over."""
        inside = [other for other in self.survey.scopes.all if other is not scope]
        return not any(
            isinstance(node, ast.Name) and node.id == name and other.holder(name) is scope
            for other in inside
            for node in other.nodes
        )

    def _read_only(self, name: ast.Name, *, listed: bool) -> bool:
        if not listed:
            return self._used_up(name)
        parent = self.survey.parents[name]
        if isinstance(parent, ast.Subscript) and parent.value is name and isinstance(parent.ctx, ast.Load):
            return self._used_up(parent)
        return (
            isinstance(parent, ast.Call)
            and self.survey.meaning(parent.func, self.survey.scopes.around(parent)) == "builtins.len"
        )
