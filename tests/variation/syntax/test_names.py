"""Tests of the static check of edits."""

from __future__ import annotations

import pytest

from evo.variation.syntax.names import faults, needed_imports
from evo.variation.syntax.source import Source

from .samples import SOURCES


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES.keys())
def test_whole_policies_have_none(text: str) -> None:
    """Nothing is held against the stock policies."""
    assert faults(Source(text)) == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def f():\n    return nowhere\n", {"nowhere"}),
        ("def f():\n    x = y\n    y = 1\n", {"y in f"}),
        ("def f(a):\n    for b in a:\n        if b:\n            c += 1\n        c = 0\n", set()),
        ("def f(a):\n    x = a\n    a = 1\n", set()),
        ("def f(a):\n    return [b for b in a]\n", set()),
        ("def f():\n    x = lambda: y\n    y = 1\n", set()),
        ("def f(a, b=1): pass\nf(1)\nf(1, 2)\nf(a=1)\nf(*x)\nx = 1\n", set()),
        ("def f(a, b=1): pass\nf()\n", {"f()()"}),
        ("def f(a): pass\nf(1, 2)\n", {"f(1, 2)()"}),
        ("def f(a): pass\nf(b=1)\n", {"f(b=1)()"}),
        ("def f(*a, **b): pass\nf(1, 2, c=3)\n", set()),
        ("x = Assignment, Priority\n", set()),
    ],
)
def test_what_must_fail(text: str, found: set[str]) -> None:
    """Unbound names, locals read too early and calls that don't fit are told; what may work is not."""
    assert faults(Source(text)) == found


def test_imports_for_new_code() -> None:
    """What is missing is imported behind the other imports; a policy without imports stays so."""
    text = "from eudoxia.utils import Priority\nx = 1\n"
    edits = needed_imports(Source(text), "Priority.QUERY, OperatorState.FAILED")
    assert [edit.text for edit in edits] == ["from eudoxia.workload import OperatorState\n"]
    assert needed_imports(Source("x = 1\n"), "OperatorState.FAILED") == ()
