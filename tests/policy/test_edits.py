"""Tests of edits in answers: what they may look like, where they fit, and what is said of those that don't."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.errors import PolicyError
from evo.policy import parse
from evo.policy.edits import MAX_BLOCKS, after_thoughts, apply_edits
from evo.policy.gate import MAX_CHARACTERS

from .samples import SHORT, SOURCES

OLD = "            out.append(Assignment([op], 1, 2, pipeline.priority, 0, pipeline.pipeline_id))"
NEW = "            out.append(Assignment([op], 4, 60, pipeline.priority, 0, pipeline.pipeline_id))"
EDITED = SHORT.replace(OLD, NEW)


def block(old: str, new: str, length: int = 7) -> str:
    """An edit with markers of some length."""
    return f"{'<' * length} SEARCH\n{old}\n{'=' * length}\n{new}\n{'>' * length} REPLACE\n"


EDIT = block(OLD, NEW)
DIFF = f"""--- a/policy.py
+++ b/policy.py
@@ -12,3 +12,3 @@
     for pipeline in s.queue:
         for op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES)[:1]:
-{OLD}
+{NEW}
     return [], out
"""

ANSWERS = {
    "alone": EDIT,
    "fenced": f"```\n{EDIT}```\n",
    "fenced as Python in prose": f"Give each operator more.\n\n```python\n{EDIT}```\n\nThat's all.\n",
    "in tildes": f"~~~diff\n{EDIT}~~~\n",
    "short markers": block(OLD, NEW, 5),
    "long markers": block(OLD, NEW, 12),
    "markers of other lengths": EDIT.replace("=======", "=========").replace(">>>>>>>", ">>>>>>"),
    "bare markers": EDIT.replace(" SEARCH", "").replace(" REPLACE", ""),
    "other words": EDIT.replace("SEARCH", "ORIGINAL").replace("REPLACE", "UPDATED"),
    "Windows line ends": EDIT.replace("\n", "\r\n"),
    "spaces at line ends": EDIT.replace("\n", "  \n"),
    "indented markers": EDIT.replace("<<<<<<<", "  <<<<<<<").replace(">>>>>>>", "  >>>>>>>"),
    "blank lines around the old": block(f"\n{OLD}\n\n", NEW),
    "moved to the left": block(OLD.strip(), NEW.strip()),
    "moved to the right": block("        " + OLD, "        " + NEW),
    "both parts fenced": block(f"```python\n{OLD}\n```", f"```python\n{NEW}\n```"),
    "after thoughts": f"<think>maybe\n{block(OLD, 'pass')}no</think>\n{EDIT}",
    "after thoughts without a beginning": f"maybe\n{block(OLD, 'pass')}no</think>\n{EDIT}",
    "a name of a file above": f"policy.py\n{EDIT}",
    "a unified diff": DIFF,
    "a fenced diff": f"Here:\n```diff\n{DIFF}```\nDone.",
    "a whole policy": f"I changed it:\n```python\n{EDITED}```\n",
    "a bare whole policy": EDITED,
    "a whole policy as an edit": block("", EDITED),
    "a whole policy beside an edit that fits nowhere": f"{block('x = 17', 'x')}All:\n```python\n{EDITED}```\n",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_one_meaning_one_result(answer: str) -> None:
    """However an edit is written, the same policy comes out, up to spaces at line ends."""
    result = apply_edits(SHORT, answer)
    assert [line.rstrip() for line in result.strip().split("\n")] == EDITED.strip().split("\n")
    assert parse(result).hash == parse(EDITED).hash


def test_several_edits_in_their_order() -> None:
    """A later edit sees what an earlier one made."""
    answer = (
        "First\n"
        + block("    s.queue = []", "    s.line = []")
        + "then\n"
        + block("    s.line = []", "    s.q = []")
    )
    assert apply_edits(SHORT, answer) == SHORT.replace("s.queue = []", "s.q = []")


def test_lines_are_taken_away_and_put_in() -> None:
    """An empty REPLACE deletes; lines that stand in both stay."""
    gone = apply_edits(SHORT, f"<<<<<<< SEARCH\n{OLD}\n=======\n>>>>>>> REPLACE")
    assert gone == SHORT.replace(OLD + "\n", "")
    more = apply_edits(SHORT, block("    out = []", "    out = []\n    free = 3"))
    assert "    out = []\n    free = 3\n    for" in more


def test_a_block_is_indented_as_what_it_replaces() -> None:
    """What a model wrote at the margin lands in its function, deeper lines deeper, blank lines blank."""
    source = "def f(a):\n    if a:\n        b = 1\n        return b\n\n    return 0\n"
    new = "if a:\n    b = 2\n\n    return b + 1"
    answer = block("if a:\n    b = 1\n    return b", new)
    assert apply_edits(source, answer) == (
        "def f(a):\n    if a:\n        b = 2\n\n        return b + 1\n\n    return 0\n"
    )
    deeper = block("            b = 1\n            return b", "            b = 1\n        return b")
    assert "        b = 1\n    return b\n" in apply_edits(source, deeper)
    tabs = block("\tb = 1\n\treturn b", "\tc = 1\n\treturn c")
    assert "        c = 1\n        return c\n" in apply_edits(source, tabs)


def test_where_exact_lines_fit_once_others_do_not_matter() -> None:
    """A line that stands twice, differently indented, is found by its indentation."""
    source = "def f(a):\n    if a:\n        return 1\n    return 1\n"
    assert apply_edits(source, block("    return 1", "    return 2")) == (
        "def f(a):\n    if a:\n        return 1\n    return 2\n"
    )


def test_rules_within_a_docstring() -> None:
    """A heading underlined in a docstring isn't taken for the middle of the edit."""
    source = 'def f():\n    """Title\n    =====\n    """\n    return 1\n'
    answer = block('    """Title\n    =====\n    """', '    """Heading\n    =====\n    """')
    assert "Heading\n    =====" in apply_edits(source, answer)


def test_an_empty_source_is_filled() -> None:
    """Where there is nothing yet, nothing is to be quoted."""
    assert apply_edits("", block("", "x = 1")) == "x = 1\n"


REFUSED = {
    "prose": ("I'd rather not.", "neither an edit nor a whole policy"),
    "nothing": ("", "neither an edit nor a whole policy"),
    "part of a line": (
        block("@register", "@x"),
        r"edit 1: its SEARCH part \(`@register`\) isn't in the policy",
    ),
    "second edit not found": (EDIT + EDIT, r"edit 2: its SEARCH part \(`out.append.*no line reads so"),
    "differs later": (
        block("    s.queue.extend(pipelines)\n    outs = []", "pass"),
        "line 9 reads `out = \\[\\]` where the block has `outs = \\[\\]`",
    ),
    "indented otherwise": (
        block(
            "for pipeline in s.queue:\nfor op in pipeline.runtime_status().get_ops(ASSIGNABLE_STATES)[:1]:",
            "x",
        ),
        "from line 10 on it is indented otherwise",
    ),
    "never closed": (EDIT[: EDIT.index(">>>")], r"edit 1 \(`out.append.*is never closed"),
    "another begins": ("<<<<<<< SEARCH\na\n=======\nb\n" + EDIT, r"edit 1 \(`a`\) is never closed"),
    "no middle": ("<<<<<<< SEARCH\na\nb\n>>>>>>> REPLACE", r"edit 1 \(`a`\) has no line ======="),
    "empty search": (block("", "x = 1"), "edit 1: its SEARCH part is empty"),
    "too many": (block("a", "b") * (MAX_BLOCKS + 1), "more than 100 edits"),
    "too long": (block(OLD, "#" * MAX_CHARACTERS), "edit 1 makes the policy longer"),
    "endless": ("a" * 1_000_001, "an answer of more than"),
    "the parent quoted before": (
        f"From\n```python\n{SHORT}```\n{block('x = 17', 'x')}",
        "isn't in the policy",
    ),
}


@pytest.mark.parametrize(("answer", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_meant_in_one_way(answer: str, words: str) -> None:
    """What is refused is told with the number of the edit and its first line, so that a model can mend it."""
    with pytest.raises(PolicyError, match=words) as caught:
        apply_edits(SHORT, answer)
    assert caught.value.kind == "syntax"
    assert "\n" not in caught.value.message


def test_several_places_are_named() -> None:
    """An edit that fits twice says where."""
    source = "a = 1\nb = 2\nc = 3\nb = 2\n"
    with pytest.raises(PolicyError, match=r"\(`b = 2`\) fits several places \(lines 2, 4\)"):
        apply_edits(source, block("b = 2", "b = 3"))
    assert apply_edits(source, block("c = 3\nb = 2", "b = 3")) == "a = 1\nb = 2\nb = 3\n"


def test_thoughts_alone_are_all_there_is() -> None:
    """Where a model says nothing after its thoughts, they are looked at."""
    assert after_thoughts(f"{EDIT}</think>\n") == f"{EDIT}</think>\n"
    assert apply_edits(SHORT, f"{EDIT}</think>\n") == EDITED


MARKS = ["<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "```python\n", "```\n", "<think>", "</think>"]
CODE = ["@@ -1 +1 @@\n", OLD, NEW, SHORT, "out = []\n", "s.queue\n"]
PIECES = st.sampled_from([*MARKS, *CODE, "-", "+", " ", "\n", "\r\n", "\0", "\ud800", "    ", "\t"])
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=12).map("".join)


@settings(max_examples=150)
@given(source=TEXTS | st.sampled_from(SOURCES), answer=TEXTS)
def test_any_text_ends_in_a_text_or_a_refusal(source: str, answer: str) -> None:
    """Whatever a model says about whatever source, nothing else comes of it."""
    with suppress(PolicyError):
        assert isinstance(apply_edits(source, answer), str)


@settings(max_examples=60)
@given(source=st.sampled_from(SOURCES), data=st.data())
def test_any_lines_of_a_policy_can_be_replaced(source: str, data: st.DataObject) -> None:
    """Quoting lines that stand once, at any indentation, changes these lines and no others."""
    lines = source.split("\n")
    start = data.draw(st.integers(0, len(lines) - 2))
    stop = data.draw(st.integers(start + 1, min(len(lines), start + 12)))
    old = lines[start:stop]
    if not any(line.strip() for line in old) or ("\n" + source).count("\n" + "\n".join(old) + "\n") != 1:
        return
    expected = "\n".join([*lines[:start], "changed = 1", *lines[stop:]])
    assert apply_edits(source, block("\n".join(old), "changed = 1")) == expected


def test_hostile_sizes_take_no_time() -> None:
    """A source of nothing but equal lines, and a block of nearly as many, are compared as strings."""
    source = "a\n" * (MAX_CHARACTERS // 2)
    with pytest.raises(PolicyError, match="fits several"):
        apply_edits(source, block("\n".join(["a"] * 20_000), "b"))
    with pytest.raises(PolicyError, match="isn't in the policy"):
        apply_edits(source, block("\n".join(["a"] * 20_000 + ["b"]), "b"))
    with pytest.raises(PolicyError, match="never closed"):
        apply_edits(source, "<<<<<<<\n" * 100_000)
