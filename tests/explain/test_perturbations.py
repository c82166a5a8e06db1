"""Small changes of a policy: each kind of part is changed in its ways, and nothing that is no policy comes out."""

from __future__ import annotations

from textwrap import dedent

import pytest

from evo.explain.perturbations import Part, chosen, perturbations
from evo.policy import parse
from evo.population import Policy
from evo.shipped import read_policy, stock_policies
from tests.explain.samples import DEAD, policy


def changes(body: str, part: Part) -> set[tuple[str, str]]:
    """The code and the change of every change of that sort in a body, without those of the policy around it."""
    around = {(one.code, one.change) for one in perturbations(policy())}
    found = {(one.code, one.change) for one in perturbations(policy(body)) if one.part is part}
    return found - around


def made(body: str, change: str) -> list[str]:
    """The body after each change of that name, without those of the policy around it."""
    start, end = policy().source.split("    pool = ")
    texts = [one.policy.source for one in perturbations(policy(body)) if one.change == change]
    inside = [text for text in texts if text.startswith(start) and text.endswith(f"    pool = {end}")]
    return [dedent(text.removeprefix(start).partition("    pool = ")[0]).rstrip() for text in inside]


@pytest.mark.parametrize(
    ("body", "part", "expected"),
    [
        ("s.calls = 2.5", Part.CONSTANT, {("s.calls = 2.5", "2.5 → 1.25"), ("s.calls = 2.5", "2.5 → 5.0")}),
        ("s.calls = 2", Part.CONSTANT, {("s.calls = 2", "2 → 1"), ("s.calls = 2", "2 → 3")}),
        ("s.calls = 50", Part.CONSTANT, {("s.calls = 50", "50 → 25"), ("s.calls = 50", "50 → 100")}),
        ("s.calls = True", Part.CONSTANT, {("s.calls = True", "True → False")}),
        (
            "s.calls = s.queue[2:][0]",
            Part.CONSTANT,
            {("s.calls = s.queue[2:][0]", "2 → 1"), ("s.calls = s.queue[2:][0]", "2 → 3")},
        ),
        ("s.calls = 'text'", Part.CONSTANT, set()),
        ("s.calls = 2", Part.STATEMENT, {("s.calls = 2", "left out")}),
        ("if results:\n    s.calls = 1", Part.BRANCH, {("if results: s.calls = 1", "always")}),
        (
            "if results and s.queue:\n    s.calls = 1",
            Part.CONDITION,
            {("results and s.queue", "without results"), ("results and s.queue", "without s.queue")},
        ),
        (
            "s.calls = min(s.calls, len(results))",
            Part.CONDITION,
            {
                ("min(s.calls, len(results))", "without s.calls"),
                ("min(s.calls, len(results))", "without len(results)"),
            },
        ),
        ("s.calls = [x for x in results if x.failed()]", Part.CONDITION, {("x.failed()", "no filter")}),
        (
            "s.calls = 'a' if results else 'b'",
            Part.CONDITION,
            {("'a' if results else 'b'", "always results"), ("'a' if results else 'b'", "never results")},
        ),
        (
            "s.queue.sort(key=lambda p: (p.priority.value, p.pipeline_id))",
            Part.CONDITION,
            {
                ("(p.priority.value, p.pipeline_id)", "without p.priority.value"),
                ("(p.priority.value, p.pipeline_id)", "without p.pipeline_id"),
            },
        ),
    ],
)
def test_every_sort_of_part(body: str, part: Part, expected: set[tuple[str, str]]) -> None:
    """Numbers are halved and doubled or moved by one, flags turned over, conditions loosened, statements left out."""
    assert changes(body, part) == expected


CHAIN = "if results:\n    s.calls = 1\nelif pipelines:\n    s.calls = 2\nelse:\n    s.calls = 3"


@pytest.mark.parametrize(
    ("body", "change", "expected"),
    [
        (CHAIN, "always", "if results:\n    s.calls = 1\nelse:\n    s.calls = 2"),
        (CHAIN, "never", "if pipelines:\n    s.calls = 2\nelse:\n    s.calls = 3"),
        ("if results:\n    s.calls = 1\nelse:\n    s.calls = 2", "never", "s.calls = 2"),
        ("if results:\n    s.calls = 1\nelse:\n    s.calls = 2", "always", "s.calls = 1"),
        ("s.calls = [x for x in results if x.failed()]", "no filter", "s.calls = [x for x in results]"),
        (
            "s.calls = [x for x in results if (x.failed())]",
            "no filter",
            "s.calls = [x for x in results if (True)]",
        ),
        (
            "s.queue.sort(key=lambda p: (p.priority.value, p.pipeline_id))",
            "without p.pipeline_id",
            "s.queue.sort(key=lambda p: (p.priority.value))",
        ),
    ],
)
def test_what_comes_out(body: str, change: str, expected: str) -> None:
    """A condition decided for good leaves the branch that is taken, in its place."""
    assert expected in made(body, change)


@pytest.mark.parametrize("name", ["naive", "overbook"])
def test_each_is_another_policy(name: str) -> None:
    """Every change of a stock policy is a policy, differs from it as a program, and says where it is."""
    stock = parse(read_policy(stock_policies()[name]))
    found = perturbations(stock)
    assert len(found) > 40
    for one in found:
        assert isinstance(one.policy, Policy)
        assert one.policy.hash != stock.hash
        assert 1 <= one.line <= len(stock.source.splitlines())
    assert [one.line for one in found] == sorted(one.line for one in found)


def test_what_is_tried_if_not_all_can_be() -> None:
    """Statements come first, and what doesn't fit whole is spread evenly from the first line on; order stays."""
    found = perturbations(policy(DEAD))
    statements = [one for one in found if one.part is Part.STATEMENT]
    assert chosen(found, len(found)) == found
    assert chosen(found, len(statements)) == statements
    few = chosen(found, 4)
    assert few == [statements[k * len(statements) // 4] for k in range(4)]
    assert len(chosen(found, len(statements) + 1)) == len(statements) + 1
