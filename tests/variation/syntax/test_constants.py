"""Tests of the mutation of numbers."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from evo.variation import Proposal
from evo.variation.syntax import SyntaxMutation
from evo.variation.syntax.constants import change_constant, inherited, is_number
from evo.variation.syntax.draft import Draft

from .drafts import children, scheduler
from .samples import DRAIN, SOURCES, parent


def numbers(text: str) -> list[object]:
    """All numbers of a text in order."""
    tree = ast.parse(text)
    nodes = [n for n in ast.walk(tree) if isinstance(n, ast.Constant) and is_number(n)]
    minus = {n.operand for n in ast.walk(tree) if isinstance(n, ast.UnaryOp)}
    nodes.sort(key=lambda n: (n.lineno, n.col_offset))
    return [-n.value if n in minus else n.value for n in nodes]  # type: ignore[operator]


@pytest.mark.parametrize("name", ["drain", "jobs", "priority"])
def test_one_number_changes(name: str) -> None:
    """Exactly one number differs, its kind stays, and it is said which."""
    old = numbers(SOURCES[name])
    for detail, text in children(change_constant, SOURCES[name], 60).items():
        new = numbers(text)
        changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert len(changed) == 1
        assert type(changed[0][0]) is type(changed[0][1])
        assert detail.startswith(f"constant {changed[0][0]} → {changed[0][1]}".replace("-", "")[:12])


def test_shares_are_found() -> None:
    """From a tenth of the pool it is one step to a ninth, and a few more to other shares."""
    texts = children(change_constant, scheduler("ram = pool.max_ram_pool / 10"), 300).values()
    divisors = {number for text in texts for number in numbers(text) if number != 0}
    assert {8, 9, 11, 5, 20} <= divisors


def test_fractions_stay_fractions() -> None:
    """A share between 0 and 1 is tried all over that range."""
    texts = children(change_constant, scheduler("s.share = 0.5"), 300).values()
    shares = {float(str(number)) for text in texts for number in numbers(text)}
    assert any(0 < share < 0.2 for share in shares)
    assert any(0.8 < share < 1 for share in shares)


def test_what_is_no_number() -> None:
    """True, text and None are left alone."""
    assert children(change_constant, scheduler("s.x = True, None, 'a', f'{1}'")) == {}


def test_steps_are_inherited() -> None:
    """Whose constants changed little has children whose constants change little, a bit more or less each."""
    small = [inherited(np.random.default_rng(seed), 0.1) for seed in range(50)]
    assert min(small) < 0.1 < max(small) < 0.4
    assert all(0.05 <= step <= 2.0 for step in small)
    source = scheduler("ram = pool.max_ram_pool / 1000")
    reach = {}
    for step in (0.05, 2.0):
        draft = Draft(source, step)
        found = [change_constant(draft, np.random.default_rng(seed)) for seed in range(200)]
        near = [change for change in found if change is not None and "→ 9" in change.detail]
        reach[step] = len(near)
    assert reach[0.05] > 2 * reach[2.0]


def test_a_step_stays_with_the_text() -> None:
    """What comes after an edit is changed by the same step."""
    draft = Draft(scheduler("x = 1"), 0.125)
    after = draft.applied([])
    assert after is not None
    assert after.step_size == 0.125


def test_children_carry_their_step() -> None:
    """A mutant whose constants were changed says by what step; one whose weren't has its parent's."""
    changed = SyntaxMutation({"change_constant": 1.0}).propose([parent(DRAIN)], np.random.default_rng(1))
    other = SyntaxMutation({"sort_queue": 1.0}).propose([parent(DRAIN)], np.random.default_rng(1))
    assert isinstance(changed, Proposal)
    assert isinstance(other, Proposal)
    assert changed.lineage.step > 0.0
    assert other.lineage.step == 0.0
