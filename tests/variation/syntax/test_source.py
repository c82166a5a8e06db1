"""Tests of places and edits in a text."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.variation.syntax.source import Edit, Source

from .samples import SOURCES

TEXT = '''\
é = "ü"  # ö
def f(a):
    # about b
    # and more
    b = (a +
         1)  # behind
    if a: return b
    text = """ä
  stays
"""; c = 1
    while b:
        b -= 1
    if a:
        pass
    elif b:
        pass
    return b
'''


def statement(source: Source, begin: str) -> ast.stmt:
    """The statement whose text begins so."""
    return next(n for n in source.nodes if isinstance(n, ast.stmt) and source.of(n).startswith(begin))


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES.keys())
def test_spans_hold_the_nodes(text: str) -> None:
    """What a node's span holds is that node again, accents before it notwithstanding."""
    source = Source("é = 'é'\n" + text)
    for node in source.nodes:
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Slice, ast.Tuple, ast.Starred)):
            again = ast.dump(ast.parse(source.of(node), mode="eval").body)
            assert again.replace("Store()", "Load()") == ast.dump(node).replace("Store()", "Load()")


def test_whole_lines() -> None:
    """A statement's lines take along the comments above and behind it; shared lines and elifs have none."""
    source = Source(TEXT)
    place = source.lines(statement(source, "b = "))
    assert place is not None
    assert source.between(*place) == "    # about b\n    # and more\n    b = (a +\n         1)  # behind\n"
    assert source.lines(statement(source, "return b")) is None
    assert source.lines(statement(source, "text")) is None
    assert source.lines(statement(source, "c = 1")) is None
    assert source.lines(statement(source, "elif b")) is None


def test_another_indentation() -> None:
    """Lines move, lines inside of strings stay."""
    source = Source('def f(a):\n    if a:\n        x = """one\n    two\n"""\n        # why\n        y = 2\n')
    inner = statement(source, "if a")
    assert source.reindented(inner, "") == 'if a:\n    x = """one\n    two\n"""\n    # why\n    y = 2\n'


def test_edits_from_back_to_front() -> None:
    """Several edits are applied together; none may touch another's bytes, and the result must parse."""
    source = Source("x = 1 + 2\n")
    after = source.applied([Edit(4, 5, "10"), Edit(8, 9, "20"), Edit(0, 0, "y = ")])
    assert after is not None
    assert after.text == "y = x = 10 + 20\n"
    assert source.applied([Edit(4, 6, "1"), Edit(5, 9, "2")]) is None
    assert source.applied([Edit(4, 5, "(")]) is None


@given(st.sampled_from(sorted(SOURCES)), st.data())
def test_writing_a_node_over_itself(name: str, data: st.DataObject) -> None:
    """An edit that changes nothing changes nothing."""
    source = Source(SOURCES[name])
    nodes = [node for node in source.nodes if isinstance(node, ast.expr) and node in source.parent]
    node = data.draw(st.sampled_from(nodes))
    after = source.applied([source.over(node, source.of(node))])
    assert after is not None
    assert after.text == source.text


@pytest.mark.parametrize(
    ("text", "old", "new", "result"),
    [
        ("x = a * b\n", "a", "c + d", "x = (c + d) * b\n"),
        ("x = a * b\n", "a", "f(c)", "x = f(c) * b\n"),
        ("x = f(a)\n", "a", "c + d", "x = f(c + d)\n"),
        ("x = f(k=a)\n", "a", "c + d", "x = f(k=c + d)\n"),
        ("x = a[b]\n", "b", "c + d", "x = a[c + d]\n"),
        ("x = a[b]\n", "a", "c + d", "x = (c + d)[b]\n"),
        ("if a:\n    pass\n", "a", "c or d", "if c or d:\n    pass\n"),
        ("x = not a\n", "a", "c or d", "x = not (c or d)\n"),
        ("x = 1 - a\n", "a", "-2", "x = 1 - (-2)\n"),
    ],
)
def test_parentheses_where_needed(text: str, old: str, new: str, result: str) -> None:
    """New code gets parentheses where its neighbours would tear it apart, and only there."""
    source = Source(text)
    node = next(n for n in source.nodes if isinstance(n, ast.Name) and n.id == old)
    after = source.applied([source.put(node, new)])
    assert after is not None
    assert after.text == result


def test_text_that_does_not_parse() -> None:
    """A source is made of valid text only."""
    with pytest.raises(PolicyError, match="not valid Python"):
        Source("x = (")
