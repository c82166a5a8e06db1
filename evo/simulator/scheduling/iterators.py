"""Whether an iterator could outlive the call that made it.

Reading an iterator changes it, however harmless the reading looks: `x in it`, `a, b = it`, `max(it)`. So every
expression that makes one must stand where it is used up at once, or be bound to a local name that is only ever used
up. If all do, no iterator is found in later calls, and reading is harmless everywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from evo.simulator.scheduling.purity import CONSUMERS, CONSUMING_METHODS, ITERATORS
from evo.simulator.scheduling.scopes import Function, Scope, own_nodes
from evo.simulator.scheduling.survey import Survey, is_generator


class Iterators:
    """The expressions of a surveyed policy that make iterators, and what becomes of them."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._functions = {
            node for node in survey.nodes if isinstance(node, ast.FunctionDef) and is_generator(node)
        }
        self._names = {function.name for function in self._functions}

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
                return iterable is node
            case ast.Starred() | ast.Expr() | ast.YieldFrom():
                return True
            case ast.IfExp() | ast.BoolOp():
                return self._used_up(parent)
            case ast.Compare(ops=ops, comparators=[*_, last]):
                return last is node and isinstance(ops[-1], ast.In | ast.NotIn)
            case ast.Call():
                return self._taken_by(parent)
            case ast.Assign(targets=[target], value=value) if value is node:
                return self._bound_well(target, listed=False)
            case ast.ListComp(elt=element) if element is node:
                binding = self.survey.parents[parent]
                match binding:
                    case ast.Assign(targets=[target], value=value) if value is parent:
                        return self._bound_well(target, listed=True)
        return False

    def _taken_by(self, call: ast.Call) -> bool:
        """Whether a call reads an iterator among its arguments at once, or is one that is itself used up."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in CONSUMING_METHODS:
            name = call.func.attr
            return name not in self.survey.stored and name not in self.survey.methods
        meaning = self.survey.meaning(call.func, self.survey.scopes.around(call))
        return meaning in CONSUMERS or meaning in ITERATORS

    def _bound_well(self, target: ast.expr, *, listed: bool) -> bool:
        """Whether a target is a local name that is only read from, or, for a list of iterators, only indexed so."""
        if isinstance(target, ast.Tuple | ast.List):
            return not listed
        if not isinstance(target, ast.Name):
            return False
        scope = self.survey.scopes.around(target)
        if scope is self.survey.module or not scope.binds(target.id) or not isinstance(scope.node, Function):
            return False
        return all(
            self._read_only(node, listed=listed)
            for node in self.survey.nodes
            if isinstance(node, ast.Name)
            and node.id == target.id
            and isinstance(node.ctx, ast.Load)
            and self._may_be(node, scope)
        ) and self._uncaptured(target.id, scope)

    def _may_be(self, name: ast.Name, scope: Scope) -> bool:
        return self.survey.scopes.around(name).holder(name.id) is scope

    def _uncaptured(self, name: str, scope: Scope) -> bool:
        """Whether no function inside uses the name: it might be called when this one is long over."""
        inside = [other for other in self.survey.scopes.all if other is not scope]
        return not any(
            isinstance(node, ast.Name) and node.id == name and other.holder(name) is scope
            for other in inside
            for node in own_nodes(other.node)
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
