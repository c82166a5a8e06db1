"""Tests of the mutations of whole statements."""

from __future__ import annotations

import ast

from evo.variation.syntax.statements import (
    change_jump,
    change_return,
    delete_statement,
    insert_guard,
    move_statement,
    unwrap_condition,
    wrap_statement,
)

from .drafts import children, new_lines, scheduler
from .samples import DRAIN, JOBS


def test_one_statement_less() -> None:
    """A statement goes with its comments; a block is never left empty."""
    source = scheduler("# why\na = 1\nif a:\n    b = 2")
    texts = set(children(delete_statement, source).values())
    assert source.replace("    # why\n    a = 1\n", "") in texts
    assert source.replace("b = 2", "pass") in texts


def test_a_drained_queue_is_drained_to_the_end() -> None:
    """What a while loop needs to end is not left out."""
    texts = [text for text in children(delete_statement, DRAIN).values() if "while s.waiting" in text]
    assert texts
    assert all("s.waiting.pop(0)" in text for text in texts)


def test_neighbours_change_places() -> None:
    """Two statements are swapped whole, comments and all."""
    made = children(move_statement, scheduler("a = 1  # one\n# two\nb = 2"))
    assert any("    # two\n    b = 2\n    a = 1  # one\n" in text for text in made.values())


def test_other_ends() -> None:
    """A function gives back what it gives back elsewhere; one that has a single end is left alone."""
    helper = (
        "def size(a):\n    if a:\n        return a, 1\n    return None\n\n\ndef one():\n    return 1\n\n\n"
    )
    source = scheduler("pass", helper)
    assert set(children(change_return, source).values()) == {
        source.replace("return a, 1", "return None"),
        source.replace("return None", "return a, 1"),
    }


def test_later() -> None:
    """A statement moves behind what may end the turn, so that the work is not yet struck off."""
    body = (
        "for p in pipelines:\n    done(p)\n    size = f(p)\n    if not size:\n        continue\n    use(size)"
    )
    texts = children(move_statement, scheduler(body), 300).values()
    later = (
        "for p in pipelines:\n    size = f(p)\n    if not size:\n        continue\n    done(p)\n    use(size)"
    )
    assert scheduler(later) in texts


def test_under_a_condition_and_out_of_it() -> None:
    """A statement is put under a condition; what is under one is freed of it."""
    source = scheduler("for p in pipelines:\n    use(p.values,\n        1)")
    wrapped = children(wrap_statement, source, 300)
    [text] = [text for detail, text in wrapped.items() if "only if p.priority == Priority.QUERY in" in detail]
    assert "        if p.priority == Priority.QUERY:\n            use(p.values,\n                1)\n" in text
    [back] = children(unwrap_condition, text).values()
    assert ast.dump(ast.parse(back)) == ast.dump(ast.parse(source))


def test_either_branch() -> None:
    """Of an if with an else, one branch stays."""
    texts = children(unwrap_condition, scheduler("if a:\n    b = 1\n    c = 1\nelse:\n    b = 2")).values()
    assert {text.split(":\n")[-1] for text in texts} == {
        "    b = 1\n    c = 1\n    return [], []\n",
        "    b = 2\n    return [], []\n",
    }


def test_guards() -> None:
    """A loop over work skips some of it, or ends, for reasons that the policy could have had."""
    lines = new_lines(insert_guard, JOBS, 400)
    assert {"continue", "break"} <= lines
    assert any(line.startswith('if len(job["pipeline"].values) > ') for line in lines)
    assert any(line.startswith("if ram < pool.max_ram_pool // ") for line in lines)


def test_jumps() -> None:
    """`break` and `continue` change places, but not where a while loop depends on them."""
    assert new_lines(change_jump, scheduler("for a in b:\n    break")) == {"continue"}
    assert children(change_jump, scheduler("while a:\n    break")) == {}
