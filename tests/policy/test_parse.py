"""Tests of the room's front door: any text ends in a policy or in a PolicyError."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.policy import parse
from evo.population import Policy

from .samples import SHORT, SOURCES

PIECES = [
    *(
        "def f(x):\n",
        "    return x\n",
        "```python\n",
        "```\n",
        "~~~\n",
        "<think>",
        "</think>",
        "\n",
        "\t",
        "\x00",
    ),
    *("@register_scheduler_init(key='k')\n", "@register_scheduler('k')\n", "def g(a, b, c):\n    pass\n"),
    *(
        "(",
        "[",
        "{",
        ")",
        '"""',
        "'",
        "\\",
        "\ufeff",
        "\r\n",
        "\r",
        "\ud800",
        "lambda: ",
        "if x:\n",
        "else:\n",
    ),
    *("1e999", "0x" + "f" * 300, "f'{x!r:>{y}}'", "# coding: utf-7\n", "match x:\n case [1, *y]: pass\n"),
    *("class C:\n  def m(self): nonlocal z\n", "yield ", "await ", "*", "**", ":=", "->", ";", "global x\n"),
]


def answered(text: str) -> None:
    """Parsing answers, and an error is one line that names a line of the text."""
    answer = outcome(text)
    if isinstance(answer, PolicyError):
        assert "\n" not in str(answer)
        assert answer.kind in {"syntax", "contract", "forbidden"}
        assert answer.line is None or 1 <= answer.line <= len(text.splitlines()) + 1
    else:
        assert parse(answer.source) == answer


def outcome(text: str | bytes) -> Policy | PolicyError:
    """What parsing gives; anything but a policy or a PolicyError is an error of the test."""
    try:
        return parse(text)
    except PolicyError as error:
        return error


@given(st.text(max_size=300))
@settings(max_examples=200)
def test_any_text(text: str) -> None:
    """Whatever a model or a user sends, parsing answers."""
    answered(text)


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_any_bytes(data: bytes) -> None:
    """Neither are bytes that are no text an accident."""
    assert isinstance(outcome(data), PolicyError)
    assert outcome(SHORT.encode() + b"# " + data) is not None


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=300)
def test_any_pieces_of_code(text: str) -> None:
    """Neither does a heap of code, fences and stray bytes get another answer."""
    answered(text)


@given(st.data())
@settings(max_examples=150)
def test_any_damage(data: st.DataObject) -> None:
    """A real policy with pieces cut out, doubled or inserted anywhere is a policy or says what is wrong."""
    text = data.draw(st.sampled_from(SOURCES))
    for _ in range(data.draw(st.integers(1, 4))):
        start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        piece = data.draw(st.sampled_from([*PIECES, "", text[start:stop]]))
        text = text[:start] + piece + text[data.draw(st.sampled_from([start, stop])) :]
    answered(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("def f(:\n", "syntax"),
        ("def f(): x = " + "(" * 300 + ")" * 300, "syntax"),
        ("def f(): pass\x00", "syntax"),
        ("x" * 2_000_000, "syntax"),
        (b"def f(): '\xff'", "syntax"),
        ("no code", "contract"),
        ("def f(): pass\n", "contract"),
        (SHORT.replace('"short"', "short"), "contract"),
        ("import os\n" + SHORT, "forbidden"),
        (f"```python\nimport os\n{SHORT}```", "forbidden"),
    ],
)
def test_kinds(text: str | bytes, kind: str) -> None:
    """What can't be read, what is no policy, and what may not be are told apart."""
    answer = outcome(text)
    assert isinstance(answer, PolicyError)
    assert answer.kind == kind


@pytest.mark.parametrize("text", SOURCES)
def test_what_was_parsed_parses_again(text: str) -> None:
    """A policy's source is itself a text that gives the same policy."""
    policy = parse(text)
    assert parse(policy.source) == policy


def test_all_parts_are_filled() -> None:
    """A policy knows its source, its key and its hash."""
    policy = parse(SHORT)
    assert policy.source == SHORT
    assert policy.key == "short"
    assert len(bytes.fromhex(policy.hash)) == 32


def test_the_line_counts_in_the_text_as_given() -> None:
    """An error in a fenced block names the line of the whole answer."""
    answer = "Here you are.\n\n```python\n" + SHORT.replace("results, pipelines)", "results)") + "```\n"
    error = outcome(answer)
    assert isinstance(error, PolicyError)
    assert error.line is not None
    assert answer.splitlines()[error.line - 1].startswith("def schedule")


def test_prose_alone() -> None:
    """An answer without code says what to give instead."""
    with pytest.raises(PolicyError, match="no Python function"):
        parse("I am sorry, but I can't do that.")
