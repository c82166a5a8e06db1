"""What a policy may name, import and reach: the first wall before hostile code, decided on the syntax tree.

Refused is what leads out of a scheduler's business: other modules, files, clocks, text run as code, Python's insides,
the objects of what runs the policy, an operator's true cost. What can't be seen (names of attributes that are computed)
is refused where it matters. It is not the only wall: the policy runs in a cage. The tree must have passed the gate.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from evo.policy import calls, classes, reserved
from evo.policy.allowed import ALLOWED, STARRED, SUBMODULES
from evo.policy.origins import is_local
from evo.policy.scene import FORMATS, Scene, shown, unknown_module, unknown_name
from evo.policy.scopes import Kind, Scopes
from evo.policy.trees import children, walk

_TOO_MUCH = frozenset(
    {
        "ForwardRef",
        "NamedTuple",
        "get_args",
        "get_origin",
        "get_overloads",
        "get_protocol_members",
        "get_type_hints",
    }
    | {"evaluate_forward_ref"}
)
"""What a star of `typing` brings beside what is allowed; NamedTuple is followed, so it must be imported by its name."""

_IDENTITY = (ast.Is, ast.IsNot)
_TYPES = frozenset({"isinstance", "issubclass"})


def check(tree: ast.Module, scopes: Scopes) -> None:
    """Raise PolicyError, of kind "forbidden", for the first thing in the text that a policy may not do."""
    scene = Scene(tree, scopes)
    for name, node in scene.origins.crowded.items():
        scene.refuse(node, f"{shown(name)} is imported from too many places; give each its own name")
    _names(scene)
    for node in walk(tree):
        judge = _JUDGES.get(type(node))
        if judge is not None:
            judge(scene, node)
    for name in sorted(scene.literals.assumed):
        where = scene.by_text(name)
        if where is None:
            continue
        scene.refuse(
            where, f"the method {shown(name)} is given names, so it may not be taken by name; call it"
        )
    error = scene.first()
    if error is not None:
        raise error


def _names(scene: Scene) -> None:
    """Judge the names that are read and bound, whatever they stand for."""
    for use in scene.scopes.reads:
        word = use.node.id
        if word in reserved.BUILTINS or word.startswith(("_", "evo_")):
            own = is_local(use.scope, word) or (word in reserved.MILD and word in scene.bound)
            message = None if own else reserved.name(word)
            if message is not None:
                scene.refuse(use.node, message)
    for word, node, scope in scene.scopes.bindings:
        if word.startswith(("_", "evo_")):
            message = reserved.bind(word)
            if message is None and word == "__match_args__" and not _is_tuple_of_texts(scene, node):
                message = "__match_args__ must be a tuple of literal names, assigned in the class"
            if message is not None:
                scene.refuse(node, message)
        if scope.kind is Kind.CLASS:
            _name_in_class(scene, word, node)


def _name_in_class(scene: Scene, word: str, node: ast.AST) -> None:
    """Judge a name that becomes an attribute of a class."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        scene.refuse(node, "a class may not import for itself; move the import to the top of the module")
    elif word in reserved.HARMFUL:
        scene.refuse(node, f"{word} may not be defined: {reserved.HARMFUL[word]}")


def _is_tuple_of_texts(scene: Scene, node: ast.AST) -> bool:
    """Whether what is assigned to a name is a tuple of names that may be read as attributes."""
    value = scene.literals.bindings.value_of(node)
    if not isinstance(value, ast.Tuple):
        return False
    for part in value.elts:
        if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
            return False
        scene.read_by_text(None, part.value, part)
    return True


def _import(scene: Scene, node: ast.Import) -> None:
    for alias in node.names:
        if alias.name not in ALLOWED:
            scene.refuse(node, partial(unknown_module, alias.name))


def _import_from(scene: Scene, node: ast.ImportFrom) -> None:
    module = node.module or ""
    if node.level:
        scene.refuse(
            node,
            "a policy is one module: nothing can be imported from beside it; write what you need into it",
        )
        return
    if module not in ALLOWED:
        scene.refuse(node, partial(unknown_module, module))
        return
    for alias in node.names:
        scene.streams |= module == "sys" and alias.name in {"stderr", "stdout"}
        if alias.name == "*":
            if module == "typing":
                _starred_typing(scene)
            elif module not in STARRED:
                scene.refuse(node, f"from {module} import * brings in too much; name what you need of it")
        elif alias.name not in ALLOWED[module] and f"{module}.{alias.name}" not in SUBMODULES:
            scene.refuse(node, partial(unknown_name, module, alias.name))


def _starred_typing(scene: Scene) -> None:
    """A star of `typing` is common, so what it brings too much is refused where it is used."""
    for use in scene.scopes.reads:
        if use.node.id in _TOO_MUCH:
            scene.refuse(use.node, unknown_name("typing", use.node.id))


def _attribute(scene: Scene, node: ast.Attribute) -> None:
    if node in scene.judged:
        return
    if not isinstance(node.ctx, ast.Load):
        scene.write(node.value, node.attr, node)
        return
    scene.read(node.value, node.attr, node)
    if node.attr == "__class__" and classes.is_class(scene, node.value):
        scene.refuse(node, classes.NO_METACLASS)
    if node.attr in FORMATS:
        calls.formatted(scene, node, [])
    _value(scene, node)


def _name(scene: Scene, node: ast.Name) -> None:
    if isinstance(node.ctx, ast.Load):
        _value(scene, node)


def _value(scene: Scene, node: ast.Name | ast.Attribute) -> None:
    """Judge a name or an attribute that is taken as a value: kept, passed, compared."""
    if node in scene.excused:
        return
    for origin in sorted(scene.origins.of(node)):
        if origin in calls.RULES:
            name = origin.removeprefix("builtins.")
            scene.refuse(
                node,
                f"{name} may not be kept or passed as a value; call it where it stands, or write a lambda",
            )
        elif origin in SUBMODULES:
            scene.refuse(
                node,
                f"the module {origin} may not be kept or passed as a value; write {origin}.name where you need it",
            )


def _call(scene: Scene, node: ast.Call) -> None:
    function = node.func
    for origin in sorted(scene.origins.of(function)):
        if origin in calls.RULES:
            scene.excused.add(function)
            calls.RULES[origin](scene, node)
    if isinstance(function, ast.Attribute):
        scene.costs.called.add(function)
        if function.attr in FORMATS:
            calls.formatted(scene, function, node.args)
        elif function.attr in reserved.BY_NAME:
            calls.by_special_method(scene, node, function)
    elif calls.is_builtin(scene, function, _TYPES) and len(node.args) == 2:
        kinds = node.args[1]
        scene.excused.update(kinds.elts if isinstance(kinds, ast.Tuple) else [kinds])


def _keyword(scene: Scene, node: ast.keyword) -> None:
    message = None if node.arg is None else reserved.keyword(node.arg)
    if message is not None:
        scene.refuse(node, message)


def _compare(scene: Scene, node: ast.Compare) -> None:
    if all(isinstance(operator, _IDENTITY) for operator in node.ops):
        scene.excused.update([node.left, *node.comparators])


def _parameter(scene: Scene, node: ast.arg) -> None:
    _annotation(scene, node.annotation)


def _annotated(scene: Scene, node: ast.AnnAssign) -> None:
    _annotation(scene, node.annotation)


def _function(scene: Scene, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    _annotation(scene, node.returns)
    scene.excused.update(
        decorator
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call) and "functools.wraps" in scene.origins.of(decorator.func)
    )


def _annotation(scene: Scene, node: ast.expr | None) -> None:
    """An annotation may name what may not be had as a value: nobody gets hold of it."""
    scene.excused.update(part for part in _plain_parts(node) if isinstance(part, (ast.Name, ast.Attribute)))


def _plain_parts(node: ast.AST | None) -> Iterator[ast.AST]:
    """The parts of an annotation, but for what is called or computed in it."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Name, ast.Attribute)):
            yield node
        elif isinstance(node, (ast.BinOp, ast.Subscript, ast.Tuple, ast.List)):
            pending += children(node)


_JUDGES: Mapping[type[ast.AST], Callable[[Scene, Any], None]] = MappingProxyType(
    {
        ast.AnnAssign: _annotated,
        ast.AsyncFunctionDef: _function,
        ast.Attribute: _attribute,
        ast.Call: _call,
        ast.ClassDef: classes.statement,
        ast.Compare: _compare,
        ast.FunctionDef: _function,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
        ast.MatchClass: classes.pattern,
        ast.Name: _name,
        ast.arg: _parameter,
        ast.keyword: _keyword,
    }
)
