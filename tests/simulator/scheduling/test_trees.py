"""Trees are walked as by the standard library, without what tells nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from evo.simulator.scheduling.trees import children, walk

SOURCES = sorted(Path(__file__).parent.glob("*.py"))[:8]
TOLD_BY_PARENTS = (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_node_is_met_once_level_by_level(path: Path) -> None:
    """Nothing but contexts and operators is left out, and the order is that of `ast.walk`."""
    tree = ast.parse(path.read_text())
    assert walk(tree) == [node for node in ast.walk(tree) if not isinstance(node, TOLD_BY_PARENTS)]


def test_children_stand_in_order() -> None:
    """The nodes right below, in order of the fields, of which some may be missing."""
    (statement,) = ast.parse("def f(a, *, b=1) -> c:\n    return a\n").body
    assert [type(child).__name__ for child in children(statement)] == ["arguments", "Return", "Name"]
    (pattern,) = ast.parse("match x:\n    case {'k': C(a=1), **rest}: pass\n").body
    assert [node for node in walk(pattern) if isinstance(node, ast.pattern)] == [
        node for node in ast.walk(pattern) if isinstance(node, ast.pattern)
    ]
