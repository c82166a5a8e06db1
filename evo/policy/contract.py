"""What every policy owes: one init function and one scheduler, registered under one literal key.

The rules are Eudoxia's (`eudoxia/scheduler/decorators.py`, `scheduler.py`). Each error says what is expected,
where it is missing, and how to mend it, in words that a model can act on. Everything else is left to the run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from evo.errors import PolicyError
from evo.policy.trees import children

INIT = "register_scheduler_init"
SCHEDULER = "register_scheduler"
MAX_KEY = 100

_SHAPES = {INIT: "def init(s):", SCHEDULER: "def scheduler(s, results, pipelines):"}
_ARITY = {INIT: 1, SCHEDULER: 3}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_HOLDERS = (ast.stmt, ast.ExceptHandler, ast.match_case)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Registration:
    """A registered function, the decorator that registers it, and the node of its literal key."""

    function: ast.FunctionDef
    decorator: ast.Call
    key: ast.Constant


@dataclass(frozen=True, slots=True)
class Registrations:
    """The two functions of a policy."""

    init: Registration
    scheduler: Registration

    @property
    def key(self) -> str:
        """The name under which both are registered."""
        return str(self.init.key.value)


def registrations(tree: ast.Module) -> Registrations:
    """The two registered functions of a module; a broken contract raises `PolicyError`."""
    definitions, aliases = _statements(tree)
    found = _Found({INIT: [], SCHEDULER: []}, aliases)
    top = set(tree.body)
    for node in definitions:
        _collect(node, node in top, found)
    init = _one(INIT, found)
    scheduler = _one(SCHEDULER, found)
    if init.key.value != scheduler.key.value:
        raise PolicyError(
            f"{INIT} has key {init.key.value!r} but {SCHEDULER} has key {scheduler.key.value!r};"
            " give both the same key",
            scheduler.key.lineno,
        )
    return Registrations(init, scheduler)


@dataclass(frozen=True, slots=True)
class _Found:
    registered: dict[str, list[Registration]]
    aliases: dict[str, str]


def _statements(tree: ast.Module) -> tuple[list[_Definition], dict[str, str]]:
    """All functions and classes, and the local names of the two decorators, which an import may rename."""
    definitions: list[_Definition] = []
    names = {INIT: INIT, SCHEDULER: SCHEDULER}
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, _DEFINITIONS):
            definitions.append(node)
        elif isinstance(node, ast.ImportFrom):
            names |= {a.asname: a.name for a in node.names if a.asname and a.name in _ARITY}
        pending += [child for child in children(node) if isinstance(child, _HOLDERS)]
    definitions.sort(key=lambda node: node.lineno)
    return definitions, names


def _collect(node: _Definition, top: bool, found: _Found) -> None:
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", None)
        which = found.aliases.get(str(name))
        if which is None:
            continue
        if not isinstance(node, ast.FunctionDef):
            raise PolicyError(
                f"@{which} decorates a class or an async function; write {_SHAPES[which]}", node.lineno
            )
        if not top:
            raise PolicyError(
                f"{node.name} is registered inside another block; move it to the top level of the module",
                node.lineno,
            )
        key = _key(which, decorator)
        assert isinstance(decorator, ast.Call)
        found.registered[which].append(Registration(node, decorator, key))


def _key(which: str, decorator: ast.expr) -> ast.Constant:
    mend = f'write @{which}(key="my-policy") with a literal string'
    if not isinstance(decorator, ast.Call):
        raise PolicyError(f"@{which} is not called; {mend}", decorator.lineno)
    values = [*decorator.args, *(word.value for word in decorator.keywords)]
    if len(values) != 1 or any(word.arg != "key" for word in decorator.keywords):
        raise PolicyError(f"@{which} takes exactly one argument, the key; {mend}", decorator.lineno)
    value = values[0]
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        raise PolicyError(f"the key of @{which} is not a literal string; {mend}", value.lineno)
    if not value.value.strip() or not value.value.isprintable() or len(value.value) > MAX_KEY:
        raise PolicyError(
            f"the key of @{which} must have 1 to {MAX_KEY} printable characters; {mend}", value.lineno
        )
    return value


def _one(which: str, found: _Found) -> Registration:
    candidates = found.registered[which]
    if not candidates:
        raise PolicyError(
            f"no function is decorated with @{which}; add"
            f' @{which}(key="my-policy") above {_SHAPES[which]} at the top level of the module'
        )
    if len(candidates) > 1:
        names = " and ".join(f"{c.function.name} (line {c.function.lineno})" for c in candidates[:3])
        raise PolicyError(
            f"{len(candidates)} functions are decorated with @{which}, {names}; keep exactly one",
            candidates[1].function.lineno,
        )
    _check_shape(which, candidates[0].function)
    return candidates[0]


def _check_shape(which: str, function: ast.FunctionDef) -> None:
    if not _takes(function.args, _ARITY[which]):
        plural = "argument" if _ARITY[which] == 1 else "arguments"
        raise PolicyError(
            f"{function.name} can't be called with {_ARITY[which]} positional {plural}; write {_SHAPES[which]}",
            function.lineno,
        )
    for node in own_nodes(function):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            raise PolicyError(
                f"{function.name} contains yield, so calling it only makes a generator;"
                " collect into lists and return them",
                node.lineno,
            )


def _takes(args: ast.arguments, count: int) -> bool:
    positional = len(args.posonlyargs) + len(args.args)
    required = positional - len(args.defaults)
    keywords_required = any(default is None for default in args.kw_defaults)
    return required <= count and (count <= positional or args.vararg is not None) and not keywords_required


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function's body that run when it runs: not those of functions inside it."""
    pending: list[ast.AST] = list(reversed(function.body))
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, _INNER):
            continue
        pending.extend(children(node))
