"""Tests of the mutations of conditions and arithmetic."""

from __future__ import annotations

import pytest

from evo.variation.syntax.conditions import (
    change_arithmetic,
    change_class,
    change_comparison,
    change_guard,
    change_logic,
    extend_condition,
    negate_condition,
)
from evo.variation.syntax.mutation import Mutation

from .drafts import children, new_lines, scheduler


@pytest.mark.parametrize(
    ("mutation", "before", "after"),
    [
        (change_comparison, "x = (a + 1) < (b)", {f"x = (a + 1) {sign} (b)" for sign in ("<=", ">", ">=")}),
        (change_comparison, "x = a == 1", {"x = a != 1", "x = a <= 1", "x = a >= 1"}),
        (change_comparison, "x = a == b", {"x = a != b"}),
        (change_comparison, "x = a in b or a is b", set()),
        (
            change_arithmetic,
            "x = a / b",
            {"x = a", "x = b", "x = a * b", "x = a + b", "x = a - b", "x = a // b"},
        ),
        (change_logic, "x = a and b", {"x = a", "x = b", "x = a or b"}),
        (change_logic, "x = not (a or b)", {"x = not (a)", "x = not (b)", "x = not (a and b)"}),
        (
            change_logic,
            "x = a or b and c",
            {"x = a", "x = b and c", "x = a and (b and c)", "x = a or b", "x = a or c", "x = a or (b or c)"},
        ),
        (negate_condition, "x = a if b > 1 else c", {"x = a if (not (b > 1)) else c"}),
        (negate_condition, "x = a if not b else c", {"x = a if b else c"}),
    ],
)
def test_all_that_can_come(mutation: Mutation, before: str, after: set[str]) -> None:
    """Each mutation has so many ways and no other."""
    assert new_lines(mutation, scheduler(before)) == after


def test_an_operator_behind_a_comment() -> None:
    """Where a comment stands between operands, the operator isn't looked for."""
    assert children(change_comparison, scheduler("x = (a  # < b\n     < b)")) == {}


def test_another_class() -> None:
    """What held interactive pipelines back may hold back any others, or all but them; other comparisons stay."""
    lines = new_lines(
        change_class, scheduler("if p.priority == Priority.INTERACTIVE and p.x == 1:\n    use(p)")
    )
    assert lines == {
        f"if p.priority {sign} Priority.{name} and p.x == 1:"
        for sign in ("==", "!=")
        for name in ("QUERY", "INTERACTIVE", "BATCH_PIPELINE")
    } - {"if p.priority == Priority.INTERACTIVE and p.x == 1:"}


def test_another_guard() -> None:
    """A guard asks something else, something more, or either of two things; what is no guard stays."""
    body = "for p in pipelines:\n    if p.x:\n        continue\n    if p.y:\n        use(len(p.values), p.priority)"
    lines = new_lines(change_guard, scheduler(body), 400)
    assert {
        "if p.priority == Priority.INTERACTIVE:",
        "if p.x and p.priority == Priority.INTERACTIVE:",
        "if p.x or p.priority == Priority.INTERACTIVE:",
    } <= lines
    assert not any("p.y" in line for line in lines)


@pytest.mark.parametrize("test", ["p is None", "not p", "p.x > 1 or not p"])
def test_guards_that_protect(test: str) -> None:
    """What asks whether there is anything at all goes on asking so; only more is skipped."""
    body = f"for p in pipelines:\n    if {test}:\n        continue\n    use(p.runtime_status())"
    lines = new_lines(change_guard, scheduler(body), 60)
    assert lines
    assert all(line.startswith((f"if {test} or ", f"if ({test}) or ")) for line in lines if "if p" in line)


def test_one_more_condition() -> None:
    """A condition is extended by a question about the work or the memory at hand."""
    lines = new_lines(
        extend_condition,
        scheduler("for p in pipelines:\n    ram = pool.avail_ram_pool\n    if p.x:\n        use(p)"),
    )
    assert any(line.startswith("if p.x and ram < ") for line in lines)
    assert any(line.startswith("if p.x or len(p.values)") for line in lines)


def test_names_come_with_their_imports() -> None:
    """New code imports what it needs if the policy imports at all."""
    text = scheduler(
        "for p in pipelines:\n    if p.x:\n        use(p)", "from eudoxia.utils import Priority\n"
    )
    changed = [text for text in children(extend_condition, text).values() if "OperatorState." in text]
    assert changed
    assert all(
        text.startswith("from eudoxia.utils import Priority\nfrom eudoxia.workload import OperatorState\n@")
        for text in changed
    )
