"""Recognises policies whose first lines return at once when there are no results and no arrivals.

The first statements of the function are evaluated with both lists known to be empty. Only what surely has no effect
is evaluated; if that reaches a return of two empty things, a call without news does nothing, whatever the rest of
the function would do, and need not be made. Proven is the code of a function: at run time the same code must
still be there to be called.
"""

from __future__ import annotations

import ast
import inspect
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

from evo.simulator.scheduling.reach import FUNCTION, reaches
from evo.simulator.scheduling.survey import last_name
from evo.simulator.scheduling.trees import walk

_KNOWN = MappingProxyType({kind.__name__: kind for kind in (len, bool, any, all, list, tuple, dict)})
_COMPARED: MappingProxyType[type, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
    }
)
_REGISTER = "register_scheduler"
_UNPLAIN = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_LATER = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_PARAMETERS = 3


@dataclass(frozen=True, slots=True)
class Guard:
    """A function that does nothing without news; `needs` are the builtins that this rests on."""

    name: str
    line: int
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resting:
    """The compiled function of a guard."""

    code: CodeType
    needs: frozenset[str]

    def is_of(self, function: Any) -> bool:
        """Whether this is the code of a function."""
        return type(function) is FunctionType and function.__code__ is self.code

    def applies(self, function: Any) -> bool:
        """Whether a call of `function` with two empty lists does nothing."""
        if type(function) is not FunctionType or function.__code__ is not self.code:
            return False
        if not self.needs:
            return True
        names = function.__globals__
        builtins = names["__builtins__"]
        return all(name not in names and builtins[name] is _KNOWN[name] for name in self.needs)


def guards(tree: ast.Module) -> list[Guard]:
    """The guards of all functions that the source registers as schedulers; none unless every one has one.

    Nor are there any where the source might get hold of Python's own machinery, and so see calls from outside.
    """
    found = [
        Guard(node.name, min(d.lineno for d in node.decorator_list), needs)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and _is_registered(node)
        if (needs := _needs(node)) is not None
    ]
    return found if found and _mentions(tree) == len(found) and not reaches(tree) else []


def resting(guards: Iterable[Guard], module: CodeType) -> tuple[Resting, ...]:
    """What became of the guards in the compiled module."""
    made = (_compiled(guard, module) for guard in guards)
    return tuple(found for found in made if found is not None)


def _compiled(guard: Guard, module: CodeType) -> Resting | None:
    codes = [
        const
        for const in module.co_consts
        if isinstance(const, CodeType) and (const.co_name, const.co_firstlineno) == (guard.name, guard.line)
    ]
    if len(codes) != 1:
        return None
    [code] = codes
    plain = code.co_argcount == _PARAMETERS and not code.co_kwonlyargcount
    own = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    if not plain or code.co_flags & (_UNPLAIN | _LATER) or own & guard.needs:
        return None
    return Resting(code, guard.needs)


def _is_registered(function: ast.FunctionDef) -> bool:
    match function.decorator_list:
        case [ast.Call(func=func)]:
            return last_name(func) == _REGISTER
    return False


def _mentions(tree: ast.Module) -> int:
    """How often the source names what registers a scheduler; many times more if it handles the function itself."""
    names = [last_name(node) for node in walk(tree) if isinstance(node, ast.Name | ast.Attribute)]
    return names.count(_REGISTER) + len(names) * names.count(FUNCTION)


def _needs(function: ast.FunctionDef) -> frozenset[str] | None:
    """The builtins by which a function does nothing without news; None if that is not plain to see."""
    arguments = function.args
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    elsewhere = {
        name for node in walk(function) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    }
    if len(names) != _PARAMETERS:
        return None
    head = _Head({names[1]: [], names[2]: []}, elsewhere)
    try:
        returned = next(head.returned(function.body), None)
    except (_Unknown, TypeError, RecursionError):
        return None
    if not isinstance(returned, list | tuple) or len(returned) != 2:
        return None
    empty = all(isinstance(part, list | tuple | dict) and not part for part in returned)
    return frozenset(head.needs) if empty else None


class _Unknown(Exception):  # noqa: N818 - no error, but a way out
    """A statement or expression that is not plain enough."""


class _Head:
    """The first statements of a function, and the names that they are sure of."""

    def __init__(self, names: dict[str, Any], elsewhere: set[str]) -> None:
        self.names = names
        self.elsewhere = elsewhere
        self.needs: set[str] = set()

    def returned(self, body: list[ast.stmt]) -> Iterator[Any]:
        """What the statements return, if they do; raises _Unknown where that can't be told."""
        for statement in body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Assign(targets=targets, value=value):
                    given = self._value(value)
                    for target in targets:
                        self._bind(target, given)
                case ast.AnnAssign(target=target, value=ast.expr() as value, simple=1):
                    self._bind(target, self._value(value))
                case ast.If(test=test, body=then, orelse=otherwise):
                    yield from self.returned(then if self._value(test) else otherwise)
                case ast.Return(value=ast.expr() as value):
                    yield self._value(value)
                case _:
                    raise _Unknown

    def _bind(self, target: ast.expr, value: Any) -> None:
        match target:
            case ast.Name(id=name) if name not in self.elsewhere:
                self.names[name] = value
            case ast.Tuple(elts=parts) if isinstance(value, list | tuple) and len(parts) == len(value):
                for part, given in zip(parts, value, strict=True):
                    self._bind(part, given)
            case _:
                raise _Unknown

    def _value(self, expr: ast.expr) -> Any:
        value: Any
        match expr:
            case ast.Constant(value=value):
                pass
            case ast.Name(id=name) if name in self.names:
                value = self.names[name]
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                made = map(self._value, parts)
                value = list(made) if isinstance(expr, ast.List) else tuple(made)
            case ast.Dict(keys=[]):
                value = {}
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = not self._value(operand)
            case ast.BoolOp(op=kind, values=parts):
                value = self._either(parts, stop=isinstance(kind, ast.Or))
            case ast.Compare():
                value = self._compared(expr)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                value = self._value(left) + self._value(right)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _KNOWN:
                value = self._called(name, arguments)
            case _:
                raise _Unknown
        return value

    def _either(self, parts: list[ast.expr], *, stop: bool) -> Any:
        """The value of `or` (which a true part stops) or `and` (which a false one does)."""
        value: Any = None
        for part in parts:
            value = self._value(part)
            if bool(value) is stop:
                break
        return value

    def _compared(self, expr: ast.Compare) -> bool:
        left = self._value(expr.left)
        for kind, part in zip(expr.ops, expr.comparators, strict=True):
            right = self._value(part)
            if isinstance(kind, ast.Is | ast.IsNot) and (left is None or right is None):
                holds = (left is right) is isinstance(kind, ast.Is)
            elif type(kind) in _COMPARED:
                holds = _COMPARED[type(kind)](left, right)
            else:
                raise _Unknown
            if not holds:
                return False
            left = right
        return True

    def _called(self, name: str, arguments: list[ast.expr]) -> Any:
        if name in self.names:
            raise _Unknown
        self.needs.add(name)
        return _KNOWN[name](*map(self._value, arguments))
