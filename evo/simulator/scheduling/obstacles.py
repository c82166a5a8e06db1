"""What in a policy's source makes it impossible to prove any call idle.

These are things that could change or move without leaving a trace in the instrumented code: modules that act on their
own, code made at run time, special methods, iterators that live on. A policy with any of them is simply called in
every tick.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from evo.simulator.scheduling.iterators import Iterators
from evo.simulator.scheduling.purity import FORBIDDEN, HARMLESS, OPAQUE, READABLE_DUNDERS, SAFE_DUNDERS
from evo.simulator.scheduling.survey import Survey, last_name

ALIEN = sys.stdlib_module_names - HARMLESS
"""Names of modules that act on their own, or reach what can't be watched."""

_DECORATORS = frozenset(
    {"property", "staticmethod", "classmethod", "cached_property", "setter", "abstractmethod"}
)
_NAMING = frozenset({"builtins.setattr", "builtins.delattr", "collections.namedtuple", "typing.NamedTuple"})
_KEEPING = frozenset(
    {"eudoxia.register_scheduler", "eudoxia.register_scheduler_init", "dataclasses.dataclass"}
)
"""Decorators that give back the very function or class."""

_DIRECT = _NAMING | {"builtins.type"}


def obstacles(survey: Survey) -> Iterator[str]:
    """What stands in the way, each with its line."""
    for node in survey.nodes:
        rule = _RULES.get(type(node))
        if rule is not None:
            for reason in rule(node, survey):
                yield f"line {getattr(node, 'lineno', 1)}: {reason}"
    for node in Iterators(survey).escaping():
        yield f"line {getattr(node, 'lineno', 1)}: an iterator that may live on"


def _import(node: ast.Import | ast.ImportFrom, _: Survey) -> Iterator[str]:
    return imported(node)


def _asynchronous(_: ast.AST, __: Survey) -> Iterator[str]:
    yield "asynchronous code"


def _class(node: ast.ClassDef, _: Survey) -> Iterator[str]:
    if node.keywords:
        yield "a metaclass"


def _constant(node: ast.Constant, survey: Survey) -> Iterator[str]:
    text = node.value
    names = isinstance(text, str) and ("evo_" in text or "__" in text)
    if names and not isinstance(survey.parents[node], ast.Expr):
        yield "a text that may name what is hidden"


def _pattern(node: ast.MatchClass, _: Survey) -> Iterator[str]:
    yield from (f"uses .{name}" for name in node.kwd_attrs if is_hidden(name) or name in OPAQUE)


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """What speaks against an import."""
    names = [alias.name for alias in node.names]
    for module in names if isinstance(node, ast.Import) else ["." * node.level + (node.module or "")]:
        if module not in HARMLESS and module.partition(".")[0] not in {"eudoxia", "numpy"}:
            yield f"imports {module}"
        elif isinstance(node, ast.ImportFrom):
            star = "*" in names and not module.startswith("eudoxia")
            if star or any(name.startswith("_") or name in OPAQUE or name in ALIEN for name in names):
                yield f"imports {', '.join(names)} from {module}"


def _name(node: ast.Name, survey: Survey) -> Iterator[str]:
    parent = survey.parents[node]
    hidden = node.id.startswith("__") and node.id not in READABLE_DUNDERS
    if hidden or node.id in FORBIDDEN or node.id in OPAQUE:
        yield f"uses {node.id}"
    elif survey.aliases.get(node.id) and not isinstance(parent, ast.Attribute):
        yield f"hands the module {node.id} around"
    elif survey.meaning(node, survey.scopes.around(node)) in _DIRECT and _not_called(node, survey):
        yield f"hands {node.id} around"


def _elsewhere(node: ast.Global | ast.Nonlocal, _: Survey) -> Iterator[str]:
    yield from (f"binds {name}" for name in node.names if name.startswith("__"))


def _not_called(node: ast.expr, survey: Survey) -> bool:
    parent = survey.parents[node]
    return not (isinstance(parent, ast.Call) and parent.func is node) and node not in _bases(parent)


def _bases(node: ast.AST) -> list[ast.expr]:
    return node.bases if isinstance(node, ast.ClassDef) else []


def _attribute(node: ast.Attribute, survey: Survey) -> Iterator[str]:
    name = node.attr
    hidden = is_hidden(name) or (name.startswith("__") and not isinstance(node.ctx, ast.Load))
    if name == "__init__" and isinstance(node.value, ast.Call):
        hidden = last_name(node.value.func) != "super"
    module = survey.aliases.get(root(node) or "", False)
    if hidden or name in OPAQUE or (module and (name in ALIEN or name.startswith("_"))):
        yield f"uses .{name}"
    elif survey.meaning(node, survey.scopes.around(node)) in _DIRECT and _not_called(node, survey):
        yield f"hands .{name} around"
    elif _sets_at_load(node, survey):
        yield f"sets .{name} while it is loaded"


def is_hidden(name: str) -> bool:
    """Whether an attribute is ours, or one of Python's own."""
    return name.startswith("evo_") or (name.startswith("__") and name not in READABLE_DUNDERS)


def root(node: ast.expr) -> str | None:
    """The name that a dotted name begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _sets_at_load(node: ast.Attribute, survey: Survey) -> bool:
    """Whether it gives an attribute to what is not the policy's own, where no instrument tells of it."""
    if isinstance(node.ctx, ast.Load) or survey.scopes.around(node) is not survey.module:
        return False
    own = survey.defined(node.value, survey.module)
    return own is None or any(
        survey.meaning(d.func if isinstance(d, ast.Call) else d, survey.module) not in _KEEPING
        for d in own.decorator_list
    )


def _function(node: ast.FunctionDef, survey: Survey) -> Iterator[str]:
    if not isinstance(survey.parents[node], ast.ClassDef):
        return
    if node.name.startswith("__") and node.name not in SAFE_DUNDERS:
        yield f"defines {node.name}"
    names = [last_name(decorator) for decorator in node.decorator_list]
    if any(name not in _DECORATORS for name in names) or ("cached_property" in names and len(names) > 1):
        yield f"decorates the method {node.name}"


def _call(node: ast.Call, survey: Survey) -> Iterator[str]:
    meaning = survey.meaning(node.func, survey.scopes.around(node))
    if meaning == "builtins.type" and (len(node.args) != 1 or node.keywords):
        yield "makes a class at run time"
    if meaning == "builtins.iter" and len(node.args) != 1:
        yield "an iterator that calls"
    if meaning in _NAMING and (len(node.args) < 2 or not _is_literal(node.args[1])):
        yield "names attributes at run time"


def _is_literal(expr: ast.expr) -> bool:
    """Whether the words in an expression are written out."""
    match expr:
        case ast.Constant():
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(
                isinstance(p, ast.Constant) or (isinstance(p, ast.Tuple) and _names_itself(p)) for p in parts
            )
    return False


def _names_itself(pair: ast.Tuple) -> bool:
    return bool(pair.elts) and isinstance(pair.elts[0], ast.Constant)


_RULES: Mapping[type[ast.AST], Callable[[Any, Survey], Iterator[str]]] = MappingProxyType(
    {
        **dict.fromkeys((ast.Import, ast.ImportFrom), _import),
        **dict.fromkeys((ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith), _asynchronous),
        ast.Name: _name,
        ast.Attribute: _attribute,
        **dict.fromkeys((ast.Global, ast.Nonlocal), _elsewhere),
        ast.MatchClass: _pattern,
        ast.FunctionDef: _function,
        ast.Call: _call,
        ast.ClassDef: _class,
        ast.Constant: _constant,
    }
)
