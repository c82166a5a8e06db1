"""Decision points: the places at which a policy decides something, whatever it calls what it decides with.

Which pipeline comes next, what is held back, which operators go into a container, how large that is, in which pool,
when what failed is tried again, and what is suspended. Found by what is read and what is done with it, so that they are there in any policy, not only in our own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from evo.policy.trees import walk
from evo.variation.syntax.amounts import sites
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour
from evo.variation.syntax.order import key_lambdas
from evo.variation.syntax.scene import Scene, scene_at


class Decision(Enum):
    """What is decided."""

    ORDER = "sort key"
    GUARD = "guard"
    OPERATORS = "choice of operators"
    CPU = "CPUs"
    RAM = "memory"
    POOL = "pool"
    RETRY = "retry"
    SUSPENSION = "suspension"


_SUSPENDING = frozenset({"Suspend", "can_suspend_container"})
_RESOURCES = {Flavour.CPU: Decision.CPU, Flavour.RAM: Decision.RAM}


@dataclass(frozen=True, slots=True)
class Point:
    """An expression that decides, and what is at hand there."""

    decision: Decision
    node: ast.expr
    scene: Scene


def points(draft: Draft) -> list[Point]:
    """The decision points of a policy, those that follow from more than a plain number or name."""
    found = [*_orders(draft), *_guards(draft), *_choices(draft), *_conditions(draft)]
    found += [
        (_RESOURCES[site.flavour], site.node)
        for site in sites(draft)
        if not isinstance(site.node, ast.Name) and draft.function.get(site.node) is not None
    ]
    return [Point(decision, node, scene_at(draft, node)) for decision, node in found]


def _orders(draft: Draft) -> Iterator[tuple[Decision, ast.expr]]:
    for node in key_lambdas(draft):
        if len(node.args.args) == 1 and draft.kinds.pipeline(node.args.args[0].arg) is not None:
            yield Decision.ORDER, node.body


def _guards(draft: Draft) -> Iterator[tuple[Decision, ast.expr]]:
    """Conditions under which a loop goes on or ends."""
    for node in draft.nodes:
        if isinstance(node, ast.If) and _is_guard(node):
            yield Decision.GUARD, node.test


def _conditions(draft: Draft) -> Iterator[tuple[Decision, ast.expr]]:
    """What is asked about work that failed, and about containers before they are suspended."""
    suspending = {draft.function.get(node) for node in draft.nodes if _word(node) in _SUSPENDING} - {None}
    for node in draft.nodes:
        tests = [node.test] if isinstance(node, (ast.If, ast.IfExp)) and not _is_guard(node) else []
        tests += node.ifs if isinstance(node, ast.comprehension) else []
        for test in tests:
            if draft.function.get(node) in suspending:
                yield Decision.SUSPENSION, test
            elif any(
                _word(part) == "failed"
                for around in (test, *_asked_before(draft, node))
                for part in walk(around)
            ):
                yield Decision.RETRY, test


def _asked_before(draft: Draft, node: ast.AST) -> Iterator[ast.expr]:
    """The conditions around a node."""
    return (around.test for around in draft.above(node) if isinstance(around, ast.If))


def _word(node: ast.AST) -> str:
    """The name or attribute that a node reads."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_guard(node: ast.AST) -> bool:
    """Whether a node only sends a loop on, or ends it."""
    match node:
        case ast.If(body=[ast.Continue() | ast.Break()], orelse=[]):
            return True
    return False


def _choices(draft: Draft) -> Iterator[tuple[Decision, ast.expr]]:
    """Where operators or a pool are chosen and given a name."""
    for node in draft.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                if "get_ops(" in draft.of(value):
                    yield Decision.OPERATORS, value
                elif (name == "pool_id" or draft.kinds.is_pool(name)) and not isinstance(value, ast.Constant):
                    yield Decision.POOL, value
