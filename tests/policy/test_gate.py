"""Tests of the gate: text that would hurt a parser is turned away with a reason."""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from evo.errors import PolicyError
from evo.policy.gate import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_PARTS, read

HOSTILE = {
    "too long": "x = 1\n" * MAX_CHARACTERS,
    "parentheses": "x = " + "(" * 5000 + ")" * 5000,
    "brackets": "x = " + "[" * 150 + "]" * 150,
    "subscripts": "x = " + "a[" * 150 + "1" + "]" * 150,
    "attributes": "x = a" + ".a" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "not": "x = " + "not " * 20_000 + "1",
    "minus": "x = " + "-" * 50_000 + "1",
    "sum": "x = " + "1 + " * 20_000 + "1",
    "and": "x = " + "1 and " * 15_000 + "1",
    "elif": "if a:\n  pass\n" + "elif a:\n  pass\n" * 2000,
    "lambda": "x = " + "lambda: " * 5000 + "1",
    "blocks": "".join(" " * depth + "if a:\n" for depth in range(99)) + " " * 99 + "pass",
    "f-string": "x = f'" + "{a}" * 1000 + "'",
    "f-string with strings inside": 'x = f"{' + "'' " * 1000 + '}"',
    "strings side by side": "x = (" + "'a' " * 5000 + ")",
    "bytes side by side": "x = (" + "b'a' " * 5000 + ")",
    "decimal integer": "x = " + "9" * 50_000,
    "hexadecimal integer": "x = 0x" + "f" * 50_000,
    "dotted import": "import a" + ".a" * 5000,
    "dotted from": "from a" + ".a" * 5000 + " import b",
    "mapping patterns": "match a:\n case " + "{1: " * 12 + "1" + "}" * 12 + ": pass",
    "bracketed patterns": "match a:\n case " + "(" * 30 + "1" + ")" * 30 + ": pass",
    "statements": "x\n" * MAX_NODES,
    "elements": "x = [" + "1," * MAX_NODES + "]",
    "null byte": "x = 1\x00",
    "lone surrogate": "x = '\ud800'",
    "byte order mark inside": "x = 1\n\ufeffy = 2",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_refused(text: str) -> None:
    """Each of these crashes, hangs or overflows some parser further in."""
    with pytest.raises(PolicyError):
        read(text)


DEEP = {
    "lists": ("x = ", "[", "]"),
    "subscripts": ("x = ", "a[", "]"),
    "calls": ("x = ", "f(", ")"),
    "lambdas in calls": ("x = ", "f(lambda: ", ")"),
    "comprehensions": ("x = ", "[x for x in ", "]"),
    "slices": ("x = ", "a[:", "]"),
    "calls of calls": ("x = ", "f(a)(", ")"),
}


@pytest.mark.parametrize(("head", "left", "right"), DEEP.values(), ids=DEEP.keys())
def test_what_passes_can_be_walked(head: str, left: str, right: str) -> None:
    """The deepest tree of each kind that passes the gate is read, visited and written by libcst."""
    accepted = None
    for depth in range(MAX_DEPTH + 10):
        text = f"{head}{left * depth}1{right * depth}\n"
        try:
            read(text)
        except PolicyError:
            break
        accepted = text
    assert accepted is not None
    assert accepted.count(left) > 20
    module = cst.parse_module(accepted)
    assert module.visit(cst.CSTTransformer()).code == accepted


def test_ordinary_length_is_no_fault() -> None:
    """Long but flat code passes: many statements, a table, a docstring full of quotes, a warning escape."""
    table = "{" + ", ".join(f"'k{i}': {i}" for i in range(2000)) + "}"
    quotes = "don't " * 500
    text = f'"""{quotes}"""\ntable = {table}\npattern = "\\d"\n' + "x = 1\n" * 2000
    assert isinstance(read(text), ast.Module)


def test_parts_up_to_the_bound() -> None:
    """The bound of parts is exact: so many operands pass, one more doesn't."""
    read("x = " + " and ".join(["a"] * MAX_PARTS))
    with pytest.raises(PolicyError, match="more than"):
        read("x = " + " and ".join(["a"] * (MAX_PARTS + 1)))


def test_a_syntax_error_is_shown() -> None:
    """The message quotes the line and the error names its number."""
    with pytest.raises(PolicyError, match=r"line 2: not valid Python: .*'y = = 2'") as caught:
        read("x = 1\ny = = 2\n")
    assert caught.value.line == 2
