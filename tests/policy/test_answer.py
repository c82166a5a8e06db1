"""Tests of finding the code in what models answer."""

from __future__ import annotations

import pytest

from evo.errors import PolicyError
from evo.policy import extract
from evo.policy.answer import MAX_ANSWER

from .samples import SHORT, SOURCES

INIT, SCHEDULER = SHORT.split("\n\n\n")
FENCED = f"```python\n{SHORT}```\n"
LONGER = SHORT + "\n\ndef unused():\n    return 1\n"


def indented(text: str) -> str:
    """The text four columns to the right."""
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def quoted(text: str) -> str:
    """The text as mail quotes it."""
    return "".join(f"> {line}" for line in text.splitlines(keepends=True))


ANSWERS = {
    "plain": SHORT,
    "windows line ends": SHORT.replace("\n", "\r\n"),
    "old line ends": SHORT.replace("\n", "\r"),
    "byte order mark": "\ufeff" + SHORT,
    "blank lines around": f"\n\n  \n{SHORT}\n\n \n",
    "a declared encoding": f"# -*- coding: latin-1 -*-\n{SHORT}",
    "a declared encoding below": f"\n\n\n# coding: utf-7\n\n# vim: set fileencoding=utf-16:\n{SHORT}",
    "fence": f"```python\n{SHORT}```",
    "fence in prose": f"Sure! Here:\n\n```py\n{SHORT}```\n\nIt doesn't starve anyone.",
    "tildes": f"~~~python\n{SHORT}~~~\n",
    "long fence": f"````\n{SHORT}````\n",
    "indented fence": f"1. The policy:\n\n{indented(FENCED)}\n",
    "quoted fence": f"As you said:\n\n{quoted(FENCED)}\n",
    "fence never closed": f"Here it is:\n```python\n{SHORT}",
    "thoughts first": f"<think>maybe ```python\nx = 1\n``` or\n{LONGER}</think>\n```python\n{SHORT}```",
    "thoughts without a beginning": f"well ```python\n{LONGER}```\n</think>\n```python\n{SHORT}```",
    "thoughts and bare code": f"<thinking>\nlet me see\n</thinking>\n{SHORT}",
    "another block first": f"Install:\n```bash\npip install x\n```\nThen:\n```python\n{SHORT}```",
    "an example after": f"```python\n{SHORT}```\nUse:\n```python\nrun()\n" + "# more\n" * 200 + "```",
    "a broken block first": f"```python\n{LONGER}(\n```\nOops:\n```python\n{SHORT}```",
    "prose around bare code": f"Here is the policy:\n\n{SHORT}\nIt's quick, isn't it?",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_the_policy_is_found(answer: str) -> None:
    """However the answer is wrapped, the same module comes out."""
    assert extract(answer) == SHORT


def test_the_longest_of_several_is_meant() -> None:
    """Where two blocks are policies, the longer one is the answer and the other a sketch."""
    assert extract(f"```python\n{SHORT}```\nbetter:\n```python\n{LONGER}```\n") == LONGER
    assert extract(f"```python\n{LONGER}```\nshorter:\n```python\n{SHORT}```\n") == LONGER


def test_two_halves_make_one() -> None:
    """An init function and a scheduler in blocks of their own are put together."""
    code = extract(f"First\n```python\n{INIT}\n```\nand then\n```python\n{SCHEDULER}```\n")
    assert INIT in code
    assert SCHEDULER in code


@pytest.mark.parametrize("source", SOURCES)
def test_a_module_comes_back_as_it_is(source: str) -> None:
    """A file that is already a module isn't touched."""
    assert extract(source) == source


def test_fences_inside_a_docstring() -> None:
    """A module that shows a fenced example in its docstring is taken whole."""
    source = f'"""An example:\n\n```python\n{SHORT}```\n"""\n{LONGER}'
    assert extract(source) == source


def test_too_long_to_look_at() -> None:
    """An endless answer is refused at once."""
    with pytest.raises(PolicyError, match="characters"):
        extract("a" * (MAX_ANSWER + 1))


def test_the_first_of_endless_blocks() -> None:
    """Of an answer that has no end, its beginning is looked at."""
    assert extract(f"```python\n{SHORT}```\n" + ("```\n" + "x = 1\n" * 5000 + "```\n") * 30) == SHORT


def test_many_tags_take_no_time() -> None:
    """Thoughts opened a hundred thousand times and never closed are just text."""
    assert extract("<think>" * 100_000).startswith("<think>")
