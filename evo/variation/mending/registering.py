"""Decorators and keys: a policy whose two functions are there, but not registered as they should be.

Which function is meant is told by its parameters, and it must be the only one; the key says nothing of how a policy
schedules. Signatures are left as they are, and so is everything where two functions could be meant.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass

from evo.errors import PolicyError
from evo.policy.contract import INIT, MAX_KEY, SCHEDULER
from evo.policy.gate import read
from evo.policy.scopes import Kind
from evo.variation.syntax.source import Edit, Source

_KEY = "mended"
_RESULTS = frozenset({"results", "execution_results"})
_PIPELINES = frozenset({"pipelines", "new_pipelines"})
_GIVEN = frozenset({"executor", "clock", "params", "algo_name", "algo_func"})
"""What the first argument of a scheduler has of itself."""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class _Place:
    """A function that is to be registered, and the decorator that does it, or was meant to."""

    function: ast.FunctionDef
    decorator: ast.expr | None
    known: bool = True
    """Whether there is such a decorator."""


def registered(text: str) -> str | None:
    """The text with its two functions registered under one key; None if it isn't plain which they are."""
    try:
        read(text)
    except PolicyError:
        return None
    source = Source(text)
    if not any(isinstance(node, ast.FunctionDef) for node in source.nodes):
        return _quoted(source)
    if any(_is_bound_otherwise(source, name) for name in (INIT, SCHEDULER)):
        return None
    scheduler = _scheduler(source)
    if scheduler is None:
        return None
    inits = _inits(source, scheduler)
    if len(inits) > 1 or (not inits and not _needs_no_init(source, scheduler.function)):
        return None
    key = _key(scheduler) or next(filter(None, map(_key, inits)), _KEY)
    changes = [_registration(source, SCHEDULER, scheduler, key)]
    changes.append(
        _registration(source, INIT, inits[0], key) if inits else _empty_init(source, scheduler, key)
    )
    edits = [edit for edit in changes if edit is not None]
    changed = source.applied(edits) if len(edits) == len(changes) else None
    return None if changed is None else changed.text


def _quoted(source: Source) -> str | None:
    """The one text in the source that holds a policy: an answer as JSON, or a policy written as a string."""
    texts = {
        node.value
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and f"@{SCHEDULER}" in node.value
    }
    return texts.pop() if len(texts) == 1 else None


def _is_bound_otherwise(source: Source, name: str) -> bool:
    """Whether a decorator's name stands for something of the policy's own."""
    return any(
        bound == name and not isinstance(node, ast.ImportFrom) for bound, node, _ in source.scopes.bindings
    )


def _scheduler(source: Source) -> _Place | None:
    places = _decorated(source, SCHEDULER)
    if places is None or len(places) > 1:
        return None
    if places:
        return places[0]
    found = [place for place in _candidates(source) if _is_scheduler(place.function)]
    return found[0] if len(found) == 1 else None


def _inits(source: Source, scheduler: _Place) -> list[_Place]:
    """Who may be meant as the init function; two if that is not plain."""
    places = _decorated(source, INIT)
    if places is None:
        return [scheduler, scheduler]
    if places:
        return places
    first = _names(scheduler.function)[:1]
    found = [
        place
        for place in _candidates(source)
        if _names(place.function) == first and place.function is not scheduler.function
    ]
    return [place for place in found if "init" in place.function.name.lower()] or found


def _decorated(source: Source, which: str) -> list[_Place] | None:
    """The functions at the top that are decorated so; None if something else is."""
    renamed = {
        alias.asname
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == which and alias.asname
    }
    places: list[_Place] = []
    for node in source.nodes:
        for decorator in getattr(node, "decorator_list", ()):
            if _called(decorator) not in {which, *renamed}:
                continue
            if not isinstance(node, ast.FunctionDef) or node not in source.tree.body:
                return None
            places.append(_Place(node, decorator))
    return places


def _candidates(source: Source) -> list[_Place]:
    """The functions at the top that nothing calls and nothing decorates, but for a decorator that there isn't."""
    used = {use.node.id for use in source.scopes.reads}
    bound = {name for name, _, scope in source.scopes.bindings if scope.kind is Kind.MODULE}
    places: list[_Place] = []
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name in used or not _is_plain(node.args):
            continue
        decorators = node.decorator_list
        if not decorators:
            places.append(_Place(node, None))
        elif len(decorators) == 1 and isinstance(_function(decorators[0]), ast.Name):
            name = _called(decorators[0])
            if name not in {*bound, INIT, SCHEDULER} and "regist" in name:
                places.append(_Place(node, decorators[0], known=False))
    return places


def _is_plain(args: ast.arguments) -> bool:
    return not (args.vararg or args.kwarg or args.kwonlyargs or args.defaults)


def _is_scheduler(function: ast.FunctionDef) -> bool:
    names = _names(function)
    return len(names) == 3 and names[1] in _RESULTS and names[2] in _PIPELINES


def _names(function: ast.FunctionDef) -> list[str]:
    return [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]


def _function(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _called(decorator: ast.expr) -> str:
    """The last name of what decorates."""
    function = _function(decorator)
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _key(place: _Place) -> str | None:
    """The key that is written in a decorator, if it is a good one."""
    texts = [
        part.value
        for part in (ast.walk(place.decorator) if place.decorator is not None else ())
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    good = len(texts) == 1 and texts[0].strip() and texts[0].isprintable() and len(texts[0]) <= MAX_KEY
    return texts[0] if good else None


def _registration(source: Source, which: str, place: _Place, key: str) -> Edit | None:
    """The edit that registers a function; None if its decorator does more than naming it."""
    literal = json.dumps(key, ensure_ascii=False)
    if place.decorator is None:
        start = source.span(place.function)[0]
        return Edit(start, start, f"@{which}(key={literal})\n")
    decorator = place.decorator
    if isinstance(decorator, ast.Call):
        given = [*decorator.args, *(word.value for word in decorator.keywords)]
        if any(isinstance(part, (ast.Call, ast.NamedExpr)) for value in given for part in ast.walk(value)):
            return None
    name = source.of(_function(decorator)) if place.known else which
    return source.over(decorator, f"{name}(key={literal})")


def _empty_init(source: Source, scheduler: _Place, key: str) -> Edit | None:
    """The edit that puts an init function before the scheduler that needs none."""
    bound = source.scopes.module.bound
    name = next((name for name in ("init", "init_scheduler", "initialise") if name not in bound), None)
    if name is None:
        return None
    first = min([scheduler.function.lineno, *(node.lineno for node in scheduler.function.decorator_list)])
    above = source.data.split(b"\n")[: first - 1]
    start = sum(len(line) + 1 for line in above)
    literal = json.dumps(key, ensure_ascii=False)
    return Edit(start, start, f"@{INIT}(key={literal})\ndef {name}(s):\n    pass\n\n\n")


def _needs_no_init(source: Source, scheduler: ast.FunctionDef) -> bool:
    """Whether the scheduler asks for each thing that it keeps on its first argument whether it is there."""
    names = _names(scheduler)
    if not names:
        return False
    asked = {
        call.args[1].value
        for call, _ in source.scopes.calls
        if isinstance(call.func, ast.Name)
        and (call.func.id == "hasattr" or (call.func.id == "getattr" and len(call.args) == 3))
        and len(call.args) > 1
        and isinstance(call.args[1], ast.Constant)
    }
    return all(
        node.attr in _GIVEN or node.attr in asked
        for node in source.nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == names[0]
        if isinstance(node.ctx, ast.Load)
    )
