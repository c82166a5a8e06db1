"""Statements that a policy is refused for and does not need: they go, with all that only serves them.

A statement goes if it only tells or measures (`telling`) and nothing that stays reads what it binds, if nothing calls
the function that it stands in, or if it is only run as a script. Whatever else is refused stays, and so does the
refusal: nothing that decides is taken away, renamed or hidden.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import pairwise

from evo.errors import PolicyError
from evo.policy.gate import read
from evo.policy.scopes import AnyFunction
from evo.policy.trees import children, walk
from evo.variation.mending.imports import Place, fallbacks, places
from evo.variation.mending.telling import Telling, Variable
from evo.variation.mending.unreached import is_script, unreached
from evo.variation.syntax.source import Edit, Source

_HOLDERS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_SEVERAL = (ast.If, ast.For, ast.With, ast.Try)
_MOST_BINDERS = 20
_OWNERS = frozenset({"s", "self", "scheduler"})


def without_needless(text: str, line: int | None) -> str | None:
    """The text without what it is refused for on a line; None if that decides something."""
    try:
        read(text)
    except PolicyError:
        return None
    source = Source(text)
    taken = source.applied(edits) if (edits := fallbacks(source)) else None
    if taken is not None:
        return taken.text
    pruning = _Pruning(source)
    wrong = places(source)
    gone = [pruning.lose_import(place) for place in wrong]
    if not wrong:
        statement = pruning.at(line)
        gone = [statement is not None and pruning.drop(statement)]
    if not all(gone):
        return None
    pruning.clear()
    changed = source.applied(pruning.edits(wrong)) if pruning.holds() else None
    return None if changed is None else changed.text


class _Pruning:
    """What goes of a source, as far as it is known by now."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._telling = Telling(source.tree, source.scopes)
        self._gone: set[ast.AST] = set()
        self._annotations: list[ast.expr] = []
        self._lost: set[Variable | str] = set()
        self._parent: dict[ast.AST, ast.AST] = {}
        self._readers: dict[Variable | str, list[ast.AST]] = {}
        self._binds: dict[ast.AST, list[Variable]] = {}
        self._binders: dict[Variable | str, list[ast.AST]] = {}
        self._shared: set[str] = set()
        """Names that a function takes from the one around it, which must go on binding them."""
        for node in walk(source.tree):
            self._shared.update(node.names if isinstance(node, ast.Nonlocal) else ())
            self._parent.update(dict.fromkeys(children(node), node))
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Store):
                self._readers.setdefault(node.attr, []).append(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._readers.setdefault(node.value, []).append(node)
        for use in source.scopes.reads:
            read = self._telling.variable(use.node)
            if read is not None:
                self._readers.setdefault(read, []).append(use.node)
        for name, node, scope in source.scopes.bindings:
            variable = scope.owner(name) or scope, name
            self._binds.setdefault(node, []).append(variable)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
                self._readers.setdefault(variable, []).append(node)
            self._binders.setdefault(variable, []).append(node)
        self._dead = unreached(source.tree, source.scopes)

    def at(self, line: int | None) -> ast.stmt | None:
        """The innermost statement on a line."""
        found = None
        for node in self._source.nodes:
            if isinstance(node, ast.stmt) and line is not None:
                last = node.end_lineno or node.lineno
                found = node if node.lineno <= line <= last else found
        return found

    def lose_import(self, place: Place) -> bool:
        """Lose the names of an import that go with it; False if something that stays reads one of them."""
        around = self._parent[place.node]
        if "*" in place.names:
            return False
        if place.text is None:
            self._gone.add(place.node)
        if isinstance(around, ast.Try):
            return self.drop(around)
        return self._lose([found for found in self._binds.get(place.node, ()) if found[1] in place.names])

    def drop(self, node: ast.AST) -> bool:
        """Let what `node` stands in go, with all that reads what is bound there; False if something must stay."""
        bound = self._cut(node)
        return bound is not None and self._lose(bound)

    def _lose(self, variables: Iterable[Variable | str]) -> bool:
        """Let everything go that reads these variables or attributes, and what that binds, and so on."""
        pending = list(variables)
        while pending:
            variable = pending.pop()
            if variable in self._lost:
                continue
            self._lost.add(variable)
            if not isinstance(variable, str) and variable[1] in self._shared:
                return False
            for reader in self._readers.get(variable, ()):
                annotation = self._annotation(reader)
                if annotation is not None:
                    self._annotations.append(annotation)
                if annotation is not None or self._is_bound_again(reader, variable):
                    continue
                bound = self._cut(reader)
                if bound is None:
                    return False
                pending += bound
        return True

    def _cut(self, node: ast.AST) -> list[Variable | str] | None:
        """Let the statement go that `node` stands in, or one around it, and say what it binds; None if all stay."""
        around = list(self._around(node))
        if any(part in self._gone for part in around):
            return []
        holder = next((part for part in around if isinstance(part, _HOLDERS)), None)
        unused = [part for part in around if part in self._dead or is_script(part)]
        goes = (part for part in around if isinstance(part, ast.stmt) and self._goes_alone(part))
        statement = unused[-1] if unused else next(goes, None)
        if statement is None or (not unused and isinstance(holder, ast.ClassDef)):
            return None  # what stands in a class are its attributes
        self._gone.add(statement)
        return self._bound_by(statement)

    def _annotation(self, node: ast.AST) -> ast.expr | None:
        """The annotation in which a name is read, if it is in one that calls nothing."""
        inner, around = node, self._parent.get(node)
        while around is not None and not isinstance(inner, (ast.stmt, ast.Call)):
            whole = (
                around.annotation
                if isinstance(around, (ast.arg, ast.AnnAssign))
                else around.returns
                if isinstance(around, AnyFunction)
                else None
            )
            if whole is inner:
                return whole
            inner, around = around, self._parent.get(around)
        return None

    def _goes_alone(self, node: ast.stmt) -> bool:
        """As `_goes`, for a statement that is refused or reads what is lost: only if that is why it is there."""
        plain = (ast.Assert, ast.Delete, ast.Expr, ast.Import, ast.ImportFrom)
        of_no_effect = isinstance(node.body[0] if isinstance(node, ast.Try) else node, plain)
        return self._goes(node) and (of_no_effect or self._telling.measures(node, self._lost))

    def _goes(self, node: ast.stmt) -> bool:
        """Whether nothing but what it binds would be missed of a statement."""
        harmless = self._telling.is_harmless
        match node:
            case ast.Pass() | ast.Import() | ast.ImportFrom():
                goes = True
            case ast.Expr(value=value):
                goes = isinstance(value, ast.Constant) or self._telling.tells(value)
            case ast.Assert():
                goes = harmless(node)
            case ast.Delete(targets=targets):
                goes = all(map(_is_plain, targets))
            case ast.Assign(targets=targets, value=value):
                goes = all(map(_is_plain, targets)) and harmless(value)
            case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
                goes = _is_plain(target) and harmless(value)
            case ast.If() | ast.For() | ast.With() | ast.Try():
                goes = self._several_go(node)
            case _:
                goes = False
        return goes or node in self._gone

    def _several_go(self, node: ast.If | ast.For | ast.With | ast.Try) -> bool:
        """Whether a statement of several goes: all that is in it, and what it asks for."""
        if self._source.of(node).startswith("elif"):
            return False  # what follows it would go as well
        parts = children(node)
        parts += [
            part for handler in parts if isinstance(handler, ast.ExceptHandler) for part in handler.body
        ]
        statements = [part for part in parts if isinstance(part, ast.stmt)]
        asked = [part for part in parts if not isinstance(part, (ast.stmt, ast.ExceptHandler))]
        return all(map(self._telling.is_harmless, asked)) and all(map(self._goes, statements))

    def _around(self, node: ast.AST) -> Iterator[ast.AST]:
        around: ast.AST | None = node
        while around is not None:
            yield around
            around = self._parent.get(around)

    def _is_gone(self, node: ast.AST) -> bool:
        return any(around in self._gone for around in self._around(node))

    def _bound_by(self, statement: ast.AST) -> list[Variable | str]:
        """The variables, and names of attributes, that a statement gives values to and that outlive it."""
        if is_script(statement):
            return []
        if statement in self._dead:
            return [*self._binds[statement]]
        found: list[Variable | str] = []
        for node in walk(statement):
            found += self._binds.get(node, ())
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.append(node.attr)
        return found

    def _is_bound_again(self, reader: ast.AST, variable: Variable | str) -> bool:
        """Whether a variable is read in a loop that binds it, and in which nothing that goes does so too."""
        binders = self._binders.get(variable, ())
        gone = [set(self._around(node)) for node in binders[:_MOST_BINDERS] if self._is_gone(node)]
        for part, loop in pairwise(self._around(reader)):
            if isinstance(loop, _FUNCTIONS):
                break
            if (
                isinstance(loop, ast.For)
                and part in loop.body
                and set(walk(loop.target)).intersection(binders)
            ):
                return len(binders) <= _MOST_BINDERS and all(loop not in around for around in gone)
        return False

    def holds(self) -> bool:
        """Whether all that reads what is lost is gone, now that it is known what goes."""
        return all(
            self._is_gone(reader) or self._annotation(reader) or self._is_bound_again(reader, variable)
            for variable in self._lost
            for reader in self._readers.get(variable, ())
        )

    def clear(self) -> None:
        """Let those statements go as well of which nothing is left."""
        for node in reversed(self._source.nodes):
            if isinstance(node, _SEVERAL) and any(part in self._gone for part in children(node)):
                left = [part for part in self._bound_by(node) if part not in self._lost]
                if not left and self._goes(node):
                    self._gone.add(node)

    def edits(self, wrong: Iterable[Place]) -> list[Edit]:
        """The edits that take away what goes."""
        edits: list[Edit] = []
        for node in self._source.nodes:
            if node in self._gone and not self._is_gone(self._parent[node]):
                assert isinstance(node, ast.stmt)
                edits.append(self._without(node))
        edits += [
            self._source.over(place.node, place.text)
            for place in wrong
            if place.text is not None and not self._is_gone(place.node)
        ]
        return edits + [
            self._source.over(node, "object")
            for node in dict.fromkeys(self._annotations)
            if not self._is_gone(node)
        ]

    def _without(self, node: ast.stmt) -> Edit:
        """The edit that takes a statement away, or writes `pass` where one is needed."""
        block = self._source.block(node)
        lines = self._source.lines(node)
        bare = node is block[0] and all(part in self._gone for part in block)
        if lines is None or (bare and self._parent[node] is not self._source.tree):
            return self._source.over(node, "pass")
        first = self._source.data.rfind(b"\n", 0, self._source.span(node)[0]) + 1
        return Edit(first, lines[1], "")


def _is_plain(target: ast.expr) -> bool:
    """Whether a target is a name, or something that a policy keeps on its own objects."""
    if isinstance(target, ast.Attribute):
        return isinstance(target.value, ast.Name) and target.value.id in _OWNERS
    return isinstance(target, ast.Name)
