"""Functions that a policy may call, but only so that it can be seen what they do.

They read attributes whose names are given as texts, make classes, or open files if told to. Each may be called where it
is named, in the ways that are allowed here; none may be kept as a value, for then nobody would see how it is called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from evo.policy import classes
from evo.policy.scene import FORMATS, Scene, shown
from evo.policy.scopes import BUILTINS

Rule = Callable[[Scene, ast.Call], None]

_COMPUTED = (
    "its name is computed where nobody can see it; write x.name, or give the name as a literal text or from a tuple of"
    " literal texts"
)


def _by_name(scene: Scene, call: ast.Call, *, write: bool) -> None:
    """`getattr` and its kin: an attribute by name."""
    if len(call.args) < 2 or call.keywords or any(isinstance(arg, ast.Starred) for arg in call.args):
        scene.refuse(call, f"an attribute is asked for by name, but {_COMPUTED}")
        return
    receiver, name = call.args[:2]
    _judged(scene, receiver, name, call, write=write)


def _judged(scene: Scene, receiver: ast.expr | None, name: ast.expr, call: ast.Call, *, write: bool) -> None:
    texts = scene.texts(name)
    if texts is None:
        if not scene.begins_harmlessly(receiver, name) and not (write and scene.write_any(receiver, call)):
            scene.refuse(call, f"an attribute is asked for by name, but {_COMPUTED}")
        return
    for text in sorted(texts):
        if write and receiver is not None:
            scene.write(receiver, text, call)
        else:
            scene.read_by_text(receiver, text, call)


def _attrgetter(scene: Scene, call: ast.Call) -> None:
    """`operator.attrgetter`: dotted names."""
    for name in call.args:
        texts = None if call.keywords else scene.texts(name)
        if texts is None:
            scene.refuse(call, f"attrgetter is given a name, but {_COMPUTED}")
            return
        for text in sorted(texts):
            for part in text.split("."):
                scene.read_by_text(None, part, call)


def _methodcaller(scene: Scene, call: ast.Call) -> None:
    if not call.args:
        scene.refuse(call, "methodcaller needs the name of a method as a literal text; or write a lambda")
        return
    _judged(scene, None, call.args[0], call, write=False)


def _wraps(scene: Scene, call: ast.Call) -> None:
    """`functools.wraps` hands over all that one object has to another: only to a function, and no names of one's own."""
    starred = any(isinstance(arg, ast.Starred) for arg in call.args)
    if call not in scene.excused or len(call.args) != 1 or call.keywords or starred:
        scene.refuse(call, "wraps may only decorate a function; write @functools.wraps(function) above it")


def _only(words: frozenset[str], positional: int, mend: str, scene: Scene, call: ast.Call) -> None:
    """Only these keywords, and so many arguments by position."""
    starred = any(isinstance(arg, ast.Starred) for arg in call.args)
    if starred or len(call.args) > positional or not {word.arg for word in call.keywords} <= words:
        scene.refuse(call, mend)


def _out_of_place(mend: str, scene: Scene, call: ast.Call) -> None:
    """What may only stand where a rule for classes has found and excused it."""
    if call not in scene.excused:
        scene.refuse(call, mend)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "builtins.getattr": partial(_by_name, write=False),
        "builtins.hasattr": partial(_by_name, write=False),
        "builtins.setattr": partial(_by_name, write=True),
        "builtins.delattr": partial(_by_name, write=True),
        "builtins.type": classes.of_object,
        "collections.namedtuple": classes.named_tuple,
        "operator.attrgetter": _attrgetter,
        "operator.methodcaller": _methodcaller,
        "functools.wraps": _wraps,
        "logging.basicConfig": partial(
            _only,
            frozenset({"level", "format", "datefmt", "force"}),
            0,
            "logging goes nowhere but to what a policy prints; call logging.basicConfig(level=..., format=...)",
        ),
        "logging.Formatter": partial(
            _only,
            frozenset({"fmt", "datefmt", "validate"}),
            2,
            'records are formatted with %; write logging.Formatter("%(levelname)s %(message)s")',
        ),
        "dataclasses.field": partial(
            _out_of_place,
            "field(...) may only stand behind `name: type =` in a class decorated with @dataclass",
        ),
        "dataclasses.dataclass": partial(
            _out_of_place, "dataclass may only decorate a class statement; write @dataclass above it"
        ),
        "typing.NamedTuple": partial(
            _out_of_place,
            "NamedTuple is a base class; write class Name(NamedTuple): with a line for each field",
        ),
        **dict.fromkeys(
            classes.METACLASSES,
            partial(_out_of_place, "classes may not be made by calling; write a class statement"),
        ),
    }
)
"""What is looked at in a call, by the origin of the function."""


def by_special_method(scene: Scene, call: ast.Call, function: ast.Attribute) -> None:
    """`object.__setattr__(x, name, value)`, `super().__getattribute__(name)` and their kin."""
    scene.judged.add(function)
    write = function.attr in {"__setattr__", "__delattr__"}
    whole = 3 if function.attr == "__setattr__" else 2
    starred = any(isinstance(arg, ast.Starred) for arg in call.args)
    if starred or call.keywords or len(call.args) not in {whole, whole - 1}:
        scene.refuse(call, f"an attribute is asked for by name, but {_COMPUTED}")
        return
    explicit = len(call.args) == whole
    receiver = call.args[0] if explicit else function.value
    _judged(scene, receiver, call.args[int(explicit)], call, write=write)


def formatted(scene: Scene, function: ast.Attribute, arguments: list[ast.expr]) -> None:
    """`template.format(...)`, where the template may name attributes."""
    scene.judged.add(function)
    template: ast.expr | None = function.value
    if isinstance(template, ast.Name) and template.id in {"self", "cls"} and scene.is_own(function.attr):
        return
    if isinstance(template, ast.Name) and template.id == "str":
        template = arguments[0] if arguments else None
    texts = None if template is None else scene.literals.templates(template)
    if texts is None:
        mend = 'a template that is computed may read any attribute; write f"{x}" or "{}".format(x) with a literal text'
        scene.refuse(function, f"{function.attr} is called on what is no literal text: {mend}")
        return
    for name in sorted({name for text in texts for name in scene.read_by(text)}):
        if name in FORMATS:
            scene.refuse(function, f"a template may not read the attribute {shown(name)}; write an f-string")
        else:
            scene.read(None, name, function)


def is_builtin(scene: Scene, node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression is one of these builtins, whatever happens."""
    return isinstance(node, ast.Name) and node.id in names & BUILTINS and node.id not in scene.bound
