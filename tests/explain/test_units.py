"""Leaving parts out: whatever set of them goes, a module is left, and what stays is as it was."""

from __future__ import annotations

import ast
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.explain.units import code_lines, is_step, units, without
from evo.shipped import read_policy, stock_policies
from evo.variation.syntax.draft import Draft
from tests.explain.samples import SOURCE

FUNCTION = '''
def odd(x):
    """Every kind of block."""
    if x:
        a()
    elif y:
        # why
        b(); c()
    elif z: d()
    else:
        # or not
        e()
    try:
        f()
    except ValueError:
        g()
    else:
        h()
    finally:
        i()
    for k in x: j()
    else:
        k()
    match x:
        case 1:
            m()
        case _:
            n()
    with x as q:
        while q:
            o()
'''
ODD = FUNCTION + SOURCE.replace("BODY\n", "").partition('"""\n')[2]
TEXTS = [ODD, *(read_policy(path) for path in stock_policies().values())]


def left(body: str, *gone: str) -> str:
    """A function's body without the statements that begin so."""
    draft = Draft(f"def f(x):\n{_indented(body)}\n{ODD}")
    first = draft.tree.body[0]
    inside = [unit for unit in units(draft) if draft.function.get(unit.node) is first]
    taken = [unit for unit in inside if draft.of(unit.node).startswith(gone)]
    text = without(draft, taken).partition(f"\n{ODD}")[0].removeprefix("def f(x):\n")
    return dedent(text)


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.splitlines())


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_module_is_left(data: st.DataObject) -> None:
    """Any set of parts can go, from any policy; what is left can be parsed, and keeps only lines that were there."""
    text = data.draw(st.sampled_from(TEXTS))
    draft = Draft(text)
    gone = data.draw(st.lists(st.sampled_from(units(draft)), unique_by=id))
    shorter = without(draft, gone)
    ast.parse(shorter)
    new = {line.strip() for line in shorter.splitlines()} - {line.strip() for line in text.splitlines()}
    assert all("pass" in line for line in new)


@pytest.mark.parametrize(
    ("body", "gone", "expected"),
    [
        ("a()\nb()", "a", "b()"),
        ("if x:\n    a()", "a", "if x:\n    pass"),
        ("if x:\n    # why\n    a()\nb()", "a", "if x:\n    pass\nb()"),
        ("if x:\n    a()\nelse:\n    b()", "b", "if x:\n    a()"),
        ("if x:\n    a()\nelif y:\n    b()\nelse:\n    c()", "elif", "if x:\n    a()\nelse:\n    c()"),
        ("if x:\n    a()\nelif y:\n    b()", "elif", "if x:\n    a()"),
        ("if x: a()\nb()", "a", "if x: pass\nb()"),
        ("a(); b()", "b", "a(); pass"),
        ("for k in x:\n    a()\nelse:\n    b()", "b", "for k in x:\n    a()"),
    ],
)
def test_blocks_stay_blocks(body: str, gone: str, expected: str) -> None:
    """A block that lost everything gets `pass`, an else goes, and an elif leaves what comes after it."""
    assert left(body, gone).rstrip() == expected


def test_what_makes_it_a_policy_stays() -> None:
    """Docstrings, imports and the two registered functions are no parts; helpers and settings are, but no steps."""
    draft = Draft(f"import math\n{ODD}")
    parts = {draft.of(unit.node).split("(")[0].split("\n")[0]: unit for unit in units(draft)}
    assert {"def odd", "SIZE = 100", "s.queue = []"} <= set(parts)
    assert not {"import math", "def init", "def step", '"""Start what fits."""'} & set(parts)
    assert is_step(draft, parts["s.queue = []"])
    assert not is_step(draft, parts["SIZE = 100"])
    assert not is_step(draft, parts["def odd"])


def test_lines_of_code() -> None:
    """Blank lines, comments and docstrings don't count; a string that is used does, with all its lines."""
    assert code_lines('"""Words.\n\nMore."""\n\n# a comment\nx = 1  # one\ny = """\n\n"""\n') == 4
