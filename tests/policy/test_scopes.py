"""Tests of name resolution, against what Python itself does with the same code."""

from __future__ import annotations

import ast
import symtable
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evo.policy.scopes import Kind, Scope, analyse

from .honest import HONEST, module
from .samples import SOURCES

TRICKY = """\
import a.b, c as d
from e import f, g as h
x = 1
def outer(p, /, q, *r, s=x, **t):
    global made
    made = y = 2
    def inner():
        nonlocal y
        y = p
        return y, made, x, free
    class K(q):
        z = y
        def m(self):
            return z, self, __class__
    try:
        import i.j
    except ValueError as e:
        del e
    with open(x) as (u, [v, *w]):
        pass
    for k in (l for l in range(y) if (walrus := l)):
        print(k, walrus)
    match q:
        case [first, *others] | {"a": first, **others}:
            pass
        case K(z=attr) as whole:
            pass
    return lambda n, m=y: n + m + k
def reads_later():
    return later
later: int = 3
"""


def python_says(table: symtable.SymbolTable) -> Iterator[tuple[str, list[str]]]:
    """Each function of a module with the names that it owns, as the interpreter sees it."""
    for child in table.get_children():
        if isinstance(child, symtable.Function):
            owned = {name for name in child.get_locals() if not name.startswith(".")}
            yield child.get_name(), sorted(owned)
        yield from python_says(child)


def we_say(source: str) -> Iterator[tuple[str, list[str]]]:
    """The same by our own analysis."""
    names = {"Lambda": "lambda", "GeneratorExp": "genexpr"}
    for node, scope in analyse(ast.parse(source)).of.items():
        if scope.kind in {Kind.FUNCTION, Kind.COMPREHENSION}:
            name = (
                getattr(node, "name", None) or names.get(type(node).__name__) or type(node).__name__.lower()
            )
            yield name, sorted(scope.bound - scope.outside.keys())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="comprehensions are merged into what is around them")
@pytest.mark.parametrize("source", [TRICKY, *SOURCES])
def test_functions_own_what_python_says(source: str) -> None:
    """Every function, lambda and comprehension owns exactly the names that the interpreter gives it."""
    assert sorted(we_say(source)) == sorted(python_says(symtable.symtable(source, "policy", "exec")))


@pytest.mark.parametrize(
    "source", [TRICKY, *map(module, HONEST.values()), Path(analyse.__code__.co_filename).read_text()]
)
def test_no_name_is_overlooked(source: str) -> None:
    """The gate relies on it: every name that is read, and everything that binds one, is found."""
    tree = ast.parse(source)
    scopes = analyse(tree)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = {node for node in names if isinstance(node.ctx, ast.Load)}
    definitions = (ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bind = {node for node in ast.walk(tree) if isinstance(node, definitions)} | (set(names) - read)
    assert {use.node for use in scopes.reads} == read
    assert bind <= {node for _, node, _ in scopes.bindings}


def scope_of(source: str, name: str) -> Scope:
    """The scope of the function of that name."""
    return next(
        scope for node, scope in analyse(ast.parse(source)).of.items() if getattr(node, "name", "") == name
    )


def test_reaching_out() -> None:
    """A nonlocal name ends in the function around, a global one in the module, and classes are looked through."""
    inner, outer, method = (scope_of(TRICKY, name) for name in ("inner", "outer", "m"))
    for name in ("y", "p"):
        owner = inner.owner(name)
        assert owner is not None
        assert owner.kind is Kind.FUNCTION
        assert owner is inner.parent
    made = outer.owner("made")
    assert made is not None
    assert made.kind is Kind.MODULE
    assert inner.owner("free") is None
    assert method.owner("z") is None


def test_what_nobody_binds() -> None:
    """Unbound names are found wherever they are read, builtins aside."""
    names = [use.node.id for use in analyse(ast.parse(TRICKY)).unbound()]
    assert names == ["free", "z", "__class__"]
