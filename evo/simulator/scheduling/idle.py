"""Instruments a policy's code so that a call tells whether it may stand for the quiet calls after it.

A call is idle if it changed nothing that outlives it and read nothing that moves with time. Wherever the code may
change something not made within the call, it first calls one of the names of `changes`; what is not known to be
harmless counts as a change. Under a work limit, each round of a loop and each entry of a function calls `WORK` first.
Line numbers stay as they are.
"""

from __future__ import annotations

import ast
from typing import Any, TypeVar

from evo.simulator.scheduling.calls import Calls
from evo.simulator.scheduling.changes import ALTER, CHANGE, REPLACE, TOUCH
from evo.simulator.scheduling.grading import Grades
from evo.simulator.scheduling.obstacles import obstacles
from evo.simulator.scheduling.purity import FRESH, NUMBER, UNKNOWN
from evo.simulator.scheduling.scopes import Scope, bound_by
from evo.simulator.scheduling.survey import Survey
from evo.simulator.scheduling.trees import walk

WORK = "__evo_work__"
"""Called once for each round of a loop and each entry of a function."""

_NUMERIC = (ast.Add, ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_Node = TypeVar("_Node", bound=ast.AST)


def watch_changes(tree: ast.Module) -> str | None:
    """Put the calls into a policy's tree that tell of changes; gives why none of its calls can be proven idle.

    If there is such a reason, the tree may be left in any state.
    """
    try:
        survey = Survey(tree)
        reason = next(obstacles(survey), None)
        if reason is None:
            Touches(survey, Grades(survey)).visit(tree)
    except RecursionError:
        reason = "line 1: nested too deeply"
    return reason


def count_work(tree: ast.Module) -> None:
    """Put in the calls of `WORK`."""
    for node in walk(tree):
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            node.body.insert(0, _call(WORK, node))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = _after_docstring(node.body, [_call(WORK, node)])
        elif isinstance(node, ast.Lambda):
            old = node.body
            both = _at(ast.Tuple([_call(WORK, old).value, old], ast.Load()), old)
            node.body = _at(ast.Subscript(both, _at(ast.Constant(1), old), ast.Load()), old)


class Touches(ast.NodeTransformer):
    """Puts a touch before everything inside functions that may change what outlives the call."""

    def __init__(self, survey: Survey, grades: Grades) -> None:
        self._survey = survey
        self._grades = grades
        self._calls = Calls(survey, grades)
        self._scope: Scope | None = None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | list[Any]:
        """A function: its body is watched; decorating it inside another function is a change."""
        outer = self._scope
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        node.args = self.visit(node.args)
        self._scope = self._survey.scopes.by_function[node]
        entry = _binds_elsewhere(self._scope)
        body: list[ast.stmt] = []
        for statement in node.body:
            done = self.visit(statement)
            body.extend(done if isinstance(done, list) else [done])
        node.body = _after_docstring(body, [_call(TOUCH, node)]) if entry else body
        self._scope = outer
        return self._statement(node, touches=bool(node.decorator_list))

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A lambda: its body is watched."""
        outer = self._scope
        node.args = self.visit(node.args)
        self._scope = self._survey.scopes.by_function[node]
        node.body = self.visit(node.body)
        self._scope = outer
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST | list[Any]:
        """A class: making one during a call is a change."""
        return self._statement(node, touches=True)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call, unless it is known to be harmless."""
        changed = None if self._scope is None else self._calls.changed(node, self._scope)
        edits_first = bool(node.args) and changed is node.args[0]
        self.generic_visit(node)
        if changed is None:
            return node
        if edits_first:
            node.args[0] = _changed(node.args[0])
        elif changed is not node and isinstance(node.func, ast.Attribute):
            node.func.value = _changed(node.func.value)
        else:
            return _told(TOUCH, node)
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        """An assignment expression to a name of another scope."""
        alters = bool(self._outliving(node.target))
        self.generic_visit(node)
        return _told(ALTER, node) if alters else node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """A comprehension that stores into something; names that it binds are its own."""
        self._store(node, [node.target])
        return node

    def visit_Assign(self, node: ast.Assign) -> list[Any]:
        """A store into something that is not fresh."""
        return self._store(node, node.targets)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[Any]:
        """A store into something that is not fresh."""
        return self._store(node, [] if node.value is None else [node.target])

    def visit_Delete(self, node: ast.Delete) -> list[Any]:
        """A deletion from something that is not fresh."""
        return self._store(node, node.targets)

    def visit_For(self, node: ast.For) -> list[Any]:
        """A loop that stores into something."""
        return self._store(node, [node.target])

    def visit_With(self, node: ast.With) -> ast.AST | list[Any]:
        """Entering anything."""
        return self._statement(node, touches=True)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | list[Any]:
        """An augmented assignment may change the old value in place."""
        scope, target = self._scope, node.target
        if scope is None:
            return self.generic_visit(node)
        if isinstance(target, ast.Name):
            known = scope.levels.get(target.id, UNKNOWN) >= FRESH and scope.binds(target.id)
            old = _at(ast.Name(target.id, ast.Load()), node)
            return [*([] if known else [_call(REPLACE, node, old)]), *self._store(node, [target])]
        plain = isinstance(node.op, _NUMERIC) and self._grades.level(node.value, scope) == NUMBER
        if plain and not self._grades.arrays:
            return self._store(node, [target])
        return self._statement(node, touches=True)

    def _store(self, node: ast.AST, targets: list[ast.expr]) -> list[Any]:
        """A node that stores, with what tells of it: before it for names, around what holds the place for others."""
        outliving = [part for target in targets for part in self._outliving(target)]
        self.generic_visit(node)
        names = [part for part in outliving if isinstance(part, ast.Name)]
        for part in outliving:
            if isinstance(part, ast.Attribute | ast.Subscript):
                part.value = _changed(part.value)
        return [*([_call(ALTER, node)] if names else []), node]

    def _statement(self, node: ast.stmt, *, touches: bool) -> ast.AST | list[Any]:
        inside = self._scope is not None
        if not isinstance(node, ast.FunctionDef):
            self.generic_visit(node)
        return [_call(TOUCH, node), node] if touches and inside else node

    def _outliving(self, target: ast.expr) -> list[ast.expr]:
        """The parts of a target by which storing into it may change something that outlives the call."""
        if self._scope is None:
            return []
        match target:
            case ast.Name(id=name):
                return [target] if name in self._scope.elsewhere else []
            case ast.Attribute(value=base) | ast.Subscript(value=base):
                return [target] if self._grades.level(base, self._scope) < FRESH else []
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [inner for part in parts for inner in self._outliving(part)]
            case ast.Starred(value=inner):
                return self._outliving(inner)
        return []


def _at(new: _Node, old: ast.AST) -> _Node:
    return ast.copy_location(new, old)


def _call(name: str, old: ast.AST, *arguments: ast.expr) -> ast.Expr:
    return _at(ast.Expr(_at(ast.Call(_at(ast.Name(name, ast.Load()), old), list(arguments), []), old)), old)


def _told(name: str, node: ast.expr) -> ast.expr:
    """The expression with a call of `name` before it, whose value is false, so that `or` goes on to the expression."""
    return _at(ast.BoolOp(ast.Or(), [_call(name, node).value, node]), node)


def _changed(node: ast.expr) -> ast.expr:
    """The expression, with its value told before it is changed."""
    return _call(CHANGE, node, node).value


def _after_docstring(body: list[ast.stmt], new: list[ast.stmt]) -> list[Any]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())) as docstring, *rest]:
            return [docstring, *new, *rest]
    return [*new, *body]


def _binds_elsewhere(scope: Scope) -> bool:
    """Whether a function binds global or nonlocal names by other means than plain assignment."""
    plain = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For)
    return bool(scope.elsewhere) and any(
        name in scope.elsewhere
        for node in scope.nodes
        if not isinstance(node, plain)
        for name, _ in bound_by(node)
    )
