"""Tests of the parts of crossover: differences, exchanges, and what comes along."""

from __future__ import annotations

import ast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.policy.normal import normal_form
from evo.variation import Proposal
from evo.variation.syntax import SyntaxMutation
from evo.variation.syntax.alignment import differences
from evo.variation.syntax.crossover import (
    Crossing,
    exchange_block,
    exchange_constants,
    exchange_function,
    merge,
)
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.grafts import with_needs
from evo.variation.syntax.names import faults
from evo.variation.syntax.simplify import tidied

from .drafts import scheduler
from .samples import SOURCES, parent


def crossed(crossing: Crossing, left: str, right: str, seeds: int = 40) -> set[str]:
    """The texts that a crossing makes of two, over many seeds."""
    texts: set[str] = set()
    for seed in range(seeds):
        change = crossing(Draft(left), Draft(right), np.random.default_rng(seed))
        if change is not None:
            after = Draft(left).applied(change.edits)
            assert after is not None
            texts.add(after.text)
    return texts


def form(draft: Draft) -> str:
    """A draft's normal form without its imports, whose order is no matter."""
    tree = ast.parse(draft.text)
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
    return normal_form(tree)


@given(st.sampled_from(sorted(SOURCES)), st.integers(0, 2**32))
@settings(max_examples=25)
def test_all_differences_together(name: str, seed: int) -> None:
    """Whoever takes over every difference from a mutant of his becomes that mutant, but for what nobody uses any more."""
    mutant = SyntaxMutation().propose([parent(SOURCES[name])], np.random.default_rng(seed))
    assert isinstance(mutant, Proposal)
    left, right = Draft(SOURCES[name]), Draft(mutant.policy.source)
    after = left.applied([edit for change in differences(left, right) for edit in change.edits])
    assert after is not None
    fed = with_needs(after, right, faults(right))
    assert fed is not None
    assert form(tidied(fed[0])[0]) == form(tidied(right)[0])


def test_methods_differ_too() -> None:
    """A class that both have is compared method by method."""
    job = "class Job:\n    def __init__(self):\n        self.tries = 0\n"
    left = Draft(scheduler("Job()", job))
    right = Draft(scheduler("Job()", job.replace("0", "3")))
    assert [change.detail for change in differences(left, right)] == [
        "`self.tries = 3` instead of `self.tries = 0` in __init__ (line 3)"
    ]


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("a = 1", "a = 2", "`a = 2` instead of `a = 1` in schedule (line 8)"),
        ("if a:\n    b()", "if c:\n    b()", "`c` instead of `a` in schedule (line 8)"),
        (
            "for a in b:\n    c()\n    d()",
            "for a in b:\n    c()\n    e()",
            "`e()` instead of `d()` in schedule (line 10)",
        ),
        ("a()", "a()\nb()", "`b()` more in schedule (line 9)"),
        ("a()\nb()", "a()", "nothing instead of `b()` in schedule (line 9)"),
    ],
)
def test_differences_are_small(ours: str, theirs: str, words: str) -> None:
    """A difference is as small as the structure allows, and says what it is."""
    found = differences(Draft(scheduler(ours)), Draft(scheduler(theirs)))
    assert [change.detail for change in found] == [words]


def test_half_of_each() -> None:
    """A merge takes some differences over and leaves others, in every combination."""
    left, right = scheduler("a = 1\nkeep()\nb = 1"), scheduler("a = 2\nkeep()\nb = 2")
    assert crossed(merge, left, right) == {
        left.replace("a = 1", "a = 2"),
        left.replace("b = 1", "b = 2"),
    }


def test_functions_by_role_and_name() -> None:
    """The scheduler takes the other's place whatever it is called; helpers go by name; the key stays."""
    left = scheduler("a()") + "\n\ndef help(x):\n    return 1\n"
    right = (scheduler("b()") + "\n\ndef help(x):\n    return 2\n").replace("schedule(s", "other(s")
    assert crossed(exchange_function, left, right) == {
        left.replace("a()", "b()"),
        left.replace("return 1", "return 2"),
    }


def test_blocks_of_one_shape() -> None:
    """A loop takes the place of a loop that handles similar names, at the right depth."""
    left = scheduler("if results:\n    for p in pipelines:\n        s.queue.append(p)")
    right = scheduler("for p in pipelines:\n    # first\n    s.queue.insert(0, p)")
    texts = crossed(exchange_block, left, right)
    assert (
        left.replace(
            "        for p in pipelines:\n            s.queue.append(p)\n",
            "        for p in pipelines:\n            # first\n            s.queue.insert(0, p)\n",
        )
        in texts
    )


def test_numbers_at_matching_places() -> None:
    """Numbers come over one by one, where both have as many."""
    left, right = scheduler("a = 1\nb = 2"), scheduler("x(10)\ny = 20")
    assert crossed(exchange_constants, left, right) == {
        left.replace("= 1", "= 10"),
        left.replace("= 2", "= 20"),
        left.replace("= 1", "= 10").replace("= 2", "= 20"),
    }
    assert crossed(exchange_constants, left, scheduler("a = 5")) == set()


def test_what_comes_along() -> None:
    """A transplanted call brings its function, that one's setting and import, and the attribute it reads."""
    donor = Draft(
        scheduler(
            "assist(s)", "import math\nfrom eudoxia.utils import Priority as P, DagShape\n\nSHARE = 3\n"
        ).replace("s.queue = []", "s.queue = []\n    s.seen = {}  # by id")
        + "\n\ndef assist(s):\n    return s.seen, s.executor, SHARE, math.pi, P.QUERY\n"
    )
    bare = scheduler("pass", "import heapq\n\n")
    taken = Draft(bare.replace("    pass\n", "    assist(s)\n"))
    fed = with_needs(taken, donor, set())
    assert fed is not None
    draft, brought = fed
    assert faults(draft) == set()
    assert draft.text.startswith("import heapq\n")
    assert "\nimport math\n" in draft.text
    assert "\nfrom eudoxia.utils import Priority as P\n" in draft.text
    assert "    s.queue = []\n    s.seen = {}  # by id\n" in draft.text
    assert brought == ["assist", "P", "SHARE", "math", "seen"]


def test_what_can_not_come_along() -> None:
    """Code that needs what the donor doesn't have either is refused."""
    taken = Draft(scheduler("nowhere(s)"))
    assert with_needs(taken, Draft(scheduler("pass")), set()) is None
