"""What a policy may do with classes: write them, derive from them, ask for the class of an object.

Classes that are made by calling have attributes that nobody has seen, and some of those are code to Python: the fields
of a dataclass, the names that a pattern reads. So what is derived from, and what a pattern names, must be a class that
stands in the text or is imported.
"""

from __future__ import annotations

import ast

from evo.policy import reserved
from evo.policy.ambient import AMBIENT
from evo.policy.scene import Scene, shown
from evo.policy.scopes import BUILTINS

METACLASSES = frozenset({"abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"})
"""Kinds of classes that may be named after `metaclass=`."""

_MAKERS = frozenset({"collections.namedtuple", "typing.NewType", "typing.TypedDict"})
_BASES = frozenset({"typing.NamedTuple"})
_DATACLASS = frozenset({"dataclasses.dataclass"})
NO_METACLASS = (
    "the class of a class may not be taken: with it any class can be made; ask type(x) of an object"
)
_CLASSES = frozenset(
    {
        "BaseException",
        "Exception",
        "bool",
        "bytearray",
        "bytes",
        "complex",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
    }
    | {"cls", "object", "property", "range", "set", "slice", "str", "super", "tuple", "type"}
)


def of_object(scene: Scene, call: ast.Call) -> None:
    """`type(x)` asks for a class, with more arguments it makes one."""
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        scene.refuse(
            call,
            "classes may not be made by calling type; write a class statement, or use types.SimpleNamespace",
        )
    elif is_class(scene, call.args[0]):
        scene.refuse(call, NO_METACLASS)


def is_class(scene: Scene, node: ast.expr) -> bool:
    """Whether an expression looks like a class."""
    match node:
        case ast.Attribute(attr="__class__"):
            return True
        case ast.Call(func=function):
            return "builtins.type" in scene.origins.of(function)
        case ast.Name(id=name):
            variable = scene.literals.bindings.variable(node)
            if variable is None:
                return name in _CLASSES or name in AMBIENT
            return name == "cls" or scene.literals.bindings.is_class(variable) or bool(scene.origins.of(node))
    return False


def named_tuple(scene: Scene, call: ast.Call) -> None:
    """`namedtuple("Name", "a b")`: the fields are names that patterns read."""
    fields = call.args[1] if len(call.args) > 1 else None
    texts = None if fields is None else scene.literals.words(fields)
    if texts is None or any(isinstance(argument, ast.Starred) for argument in call.args):
        scene.refuse(
            call, 'the fields of a namedtuple must be literal names; write namedtuple("Name", ["a", "b"])'
        )
        return
    for text in sorted(texts):
        message = reserved.read(text)
        if message is not None:
            scene.refuse(call, message)


def statement(scene: Scene, node: ast.ClassDef) -> None:
    """What a class statement does beyond its body: bases, metaclass, decorators, fields of a dataclass."""
    for base in node.bases:
        if _named(scene, base, _BASES):
            scene.excused.add(base)
        if not _is_certain(scene, base):
            scene.refuse(
                base, "a class may only derive from classes by their own names; write it as a class statement"
            )
    for word in node.keywords:
        if word.arg is None or (word.arg == "metaclass" and not _named(scene, word.value, METACLASSES)):
            scene.refuse(
                word.value, "a class may only have the metaclass ABCMeta; derive from a base class instead"
            )
        elif word.arg == "metaclass":
            scene.excused.add(word.value)
    makers = [
        place
        for place, decorator in enumerate(node.decorator_list)
        if _named(scene, _called(decorator), _DATACLASS)
    ]
    for place in makers:
        decorator = node.decorator_list[place]
        scene.excused |= {decorator, _called(decorator)}
    if makers:
        scene.follows_classes = True
        _fields(scene, node, node.decorator_list[makers[-1] + 1 :])


def pattern(scene: Scene, node: ast.MatchClass) -> None:
    """A pattern reads attributes: those that it names, and by place those that the class names."""
    for name in node.kwd_attrs:
        scene.read_by_text(None, name, node)
    if node.patterns and not (isinstance(node.cls, ast.Name) and node.cls.id in BUILTINS - scene.bound):
        scene.follows_classes = True
    if node.patterns and not _is_certain(scene, node.cls):
        scene.refuse(
            node, "a pattern with positions may only name a class by its own name; write case Name(field=x)"
        )


def _is_certain(scene: Scene, node: ast.expr) -> bool:
    """Whether an expression can be nothing but a class of the text, what is imported, or a builtin."""
    match node:
        case ast.Subscript(value=value):
            return _is_certain(scene, value)
        case ast.Call(func=function):
            return _named(scene, function, _MAKERS)
        case ast.Name():
            variable = scene.literals.bindings.variable(node)
            return variable is None or all(
                isinstance(binder, (ast.ClassDef, ast.Import, ast.ImportFrom)) or _is_made(scene, binder)
                for binder in scene.literals.bindings.binders(variable)
            )
    return bool(scene.origins.certain(node))


def _is_made(scene: Scene, binder: ast.AST) -> bool:
    """Whether a name is bound to a named tuple or the like."""
    value = scene.literals.bindings.value_of(binder)
    return isinstance(value, ast.Call) and _named(scene, value.func, _MAKERS)


def _fields(scene: Scene, node: ast.ClassDef, inner: list[ast.expr]) -> None:
    """A field is code for the dataclass to come: it may be made, but nobody may get hold of it and change its name."""
    names: set[str] = set()
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=function) as value):
                if "dataclasses.field" in scene.origins.of(function):
                    scene.excused.add(value)
                    names.add(name)
    if not names:
        return
    for word, hook, _ in scene.scopes.bindings:
        if word in reserved.HOOKS:
            scene.refuse(
                hook,
                f"{word} may not be defined beside field(...): write the fields out, or the hook as a call",
            )
    for decorator in inner:
        if not scene.origins.certain(_called(decorator)):
            scene.refuse(
                decorator, "put @dataclass last, right above the class, below decorators of your own"
            )
    for name in sorted(names & scene.read_in(scene.scopes.of[node])):
        scene.refuse(
            node, f"the field {shown(name)} may not be used in the class's own body; use it in methods"
        )


def _called(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _named(scene: Scene, node: ast.expr, origins: frozenset[str]) -> bool:
    """Whether an expression is surely one of these."""
    found = scene.origins.certain(node)
    return bool(found) and found <= origins
