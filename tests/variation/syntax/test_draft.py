"""Tests of where changes are likely to go."""

from __future__ import annotations

import ast
from collections import Counter

import numpy as np

from evo.variation.syntax.draft import Draft, decides

from .drafts import scheduler
from .samples import STOCK


def functions(draft: Draft) -> dict[str, ast.FunctionDef]:
    """The functions of a draft by name."""
    return {node.name: node for node in draft.nodes if isinstance(node, ast.FunctionDef)}


def test_what_starts_containers_matters_most() -> None:
    """In a policy of many functions, those around Assignment weigh most and suspension least."""
    draft = Draft(STOCK["priority"])
    weights = {name: draft.weight(node.body[-1]) for name, node in functions(draft).items()}
    loop = functions(draft)["start_waiting"].body[2]
    assert draft.weight(loop) == weights["amounts"] == weights["roomiest"] == 3.0
    assert weights["queue_changed"] == 1.0
    assert weights["make_room"] == weights["queue_suspended"] == 0.25


def test_statements_of_one_long_function() -> None:
    """In a policy of one function, its statements are told apart."""
    draft = Draft(
        scheduler("a = 1\nfor p in pipelines:\n    out = Assignment(p)\nfor c in results:\n    Suspend(c)")
    )
    first, second, third, *_ = functions(draft)["schedule"].body
    assert [draft.weight(node) for node in (first, second, third)] == [1.0, 3.0, 0.25]


def test_choices_follow_the_weights() -> None:
    """Over many draws each site comes up as often as its place and its factor say."""
    draft = Draft(STOCK["priority"])
    near, far = functions(draft)["amounts"].body[0], functions(draft)["make_room"].body[0]
    rng = np.random.default_rng(1)
    drawn = Counter(draft.choose(rng, [near, far], [1.0, 4.0]) for _ in range(1000))
    assert 700 < drawn[near] < 800
    assert draft.choose(rng, []) is None


def test_loops_that_decide() -> None:
    """A loop decides if it starts containers or stops early."""
    for text, answer in [
        ("for a in b:\n    c(a)", False),
        ("for a in b:\n    if a:\n        break", True),
        ("for a in b:\n    Assignment(a)", True),
    ]:
        assert decides(ast.parse(text).body[0]) is answer
