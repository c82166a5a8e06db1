"""Two parents, one child: the first parent with something of the second in it.

Relatives are merged difference by difference; strangers exchange functions of one role or name, blocks of one
shape, or numbers at matching places. What transplanted code needs comes along. The child keeps the key of the
first parent.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from types import MappingProxyType

import numpy as np

from evo.errors import PolicyError
from evo.policy import parse
from evo.population import Individual, Lineage, Policy
from evo.variation import Barren, Proposal
from evo.variation.syntax.alignment import Swap, differences, exchanged, pairs, plain
from evo.variation.syntax.constants import is_number
from evo.variation.syntax.draft import Draft, drafted
from evo.variation.syntax.grafts import with_needs
from evo.variation.syntax.homology import exchange_decision
from evo.variation.syntax.names import faults
from evo.variation.syntax.simplify import tidied
from evo.variation.syntax.source import Change, Edit, Source
from evo.variation.syntax.vocabulary import pick, weighted

Crossing = Callable[[Draft, Draft, np.random.Generator], Change | None]

MOST_ATTEMPTS = 20

_SHAPES = (ast.For, ast.While, ast.If, ast.Assign, ast.AugAssign, ast.Return, ast.Expr)
_ALIKE = 0.3


def merge(left: Draft, right: Draft, rng: np.random.Generator) -> Change | None:
    """About half of the differences, taken over one by one."""
    found = differences(left, right)
    if not found:
        return None
    chosen = [change for change in found if rng.random() < 0.5] or [pick(rng, found)]
    if len(chosen) == len(found) and len(found) > 1:
        chosen.remove(pick(rng, chosen))
    return Change(
        tuple(edit for change in chosen for edit in change.edits),
        "; ".join(change.detail for change in chosen),
    )


def exchange_function(left: Draft, right: Draft, rng: np.random.Generator) -> Change | None:
    """The other's function of the same role or name."""
    differing = [
        (ours, theirs) for ours, theirs in pairs(left, right) if plain(left, ours) != plain(right, theirs)
    ]
    if not differing:
        return None
    ours, theirs = pick(rng, differing)
    text = right.of(theirs)
    head = f"def {theirs.name}"
    if ours.name != theirs.name and text.startswith(head):
        text = f"def {ours.name}{text.removeprefix(head)}"
    return Change((left.over(ours, text),), f"the function {ours.name}")


def exchange_block(left: Draft, right: Draft, rng: np.random.Generator) -> Change | None:
    """A statement that only the other has, in place of one of the same kind that handles similar names."""
    known = {plain(left, node) for node in left.nodes if isinstance(node, _SHAPES)}
    givers = [
        node
        for node in right.nodes
        if isinstance(node, _SHAPES)
        and right.function.get(node) is not None
        and right.lines(node) is not None
        and plain(right, node) not in known
    ]
    giver = right.choose(rng, givers)
    if giver is None:
        return None
    words = _words(giver)
    takers = [
        (likeness, node)
        for node in left.nodes
        if type(node) is type(giver)
        and isinstance(node, ast.stmt)
        and left.function.get(node) is not None
        and left.lines(node) is not None
        and (likeness := _likeness(words, _words(node))) >= _ALIKE
    ]
    if not takers:
        return None
    taker = weighted(rng, [(likeness**2, node) for likeness, node in takers])
    edits = exchanged(left, right, Swap([taker], [giver], taker))
    text = f"`{right.short(giver)}` instead of `{left.short(taker)}` {left.where(taker)}"
    return None if edits is None else Change(edits, text)


def exchange_constants(left: Draft, right: Draft, rng: np.random.Generator) -> Change | None:
    """Numbers of the other at places where both have one."""
    found: list[tuple[Edit, str]] = []
    for ours, theirs in [*pairs(left, right), (left.tree, right.tree)]:
        found.extend(_numbers(left, right, ours, theirs))
    if not found:
        return None
    chosen = [entry for entry in found if rng.random() < 0.5] or [pick(rng, found)]
    edits = {edit.start: edit for edit, _ in chosen}
    return Change(tuple(edits.values()), "; ".join(dict.fromkeys(words for _, words in chosen)))


CROSSINGS: MappingProxyType[Crossing, float] = MappingProxyType(
    {merge: 5.0, exchange_decision: 4.0, exchange_block: 3.0, exchange_function: 2.0, exchange_constants: 1.5}
)
"""Every way of crossing with its weight."""


class SyntaxCrossover:
    """Crossover on the syntax tree, offline: a child of the first two parents."""

    def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal | Barren:
        """The first parent with parts of the second; Barren if nothing of it fits."""
        if len(parents) < 2:
            return Barren("crossover needs two parents")
        first, second = parents[0], parents[1]
        try:
            left, right = drafted(first.policy.source), drafted(second.policy.source)
        except PolicyError as error:
            return Barren(f"a parent can't be read: {error}")
        ways = [(weight, way) for way, weight in CROSSINGS.items()]
        known = {first.policy.hash, second.policy.hash}
        for attempt in range(1, MOST_ATTEMPTS + 1):
            way = weighted(rng, ways)
            change = way(left, right, rng)
            child = None if change is None else _child(left, right, change)
            if child is not None and child[0].hash not in known:
                policy, detail = child
                detail = f"from {second.id}: {detail}"
                lineage = Lineage(
                    "crossover", (first.id, second.id), detail, kinds=(way.__name__,), step=first.lineage.step
                )
                return Proposal(policy, lineage, attempt)
        return Barren(f"nothing of {second.id} fits into {first.id}")


def _child(left: Draft, right: Draft, change: Change) -> tuple[Policy, str] | None:
    """The child and what came over, in words; None if it can't live."""
    changed = left.applied(change.edits)
    fed = None if changed is None else with_needs(changed, right, faults(left))
    if fed is None:
        return None
    draft, brought = fed
    child, gone = tidied(draft)
    try:
        policy = parse(child.text)
    except PolicyError:
        return None
    parts = [" ".join(change.detail.split())]
    parts += [f"with {', '.join(brought)}"] if brought else []
    return policy, "; ".join([*parts, *(f"simplified: {what}" for what in gone)])


def _numbers(left: Source, right: Source, ours: ast.AST, theirs: ast.AST) -> list[tuple[Edit, str]]:
    """Numbers of two functions or modules in order, if they have as many; those of inner functions aside."""
    mine, others = _own_numbers(left, ours), _own_numbers(right, theirs)
    if len(mine) != len(others):
        return []
    return [
        (left.put(one, right.of(other)), f"constant {left.of(one)} → {right.of(other)} {left.where(one)}")
        for one, other in zip(mine, others, strict=True)
        if left.of(one) != right.of(other)
    ]


def _own_numbers(source: Source, root: ast.AST) -> list[ast.AST]:
    function = root if isinstance(root, ast.FunctionDef) else None
    return [node for node in source.nodes if is_number(node) and source.function.get(node) is function]


def _words(node: ast.AST) -> set[str]:
    """The names and attributes that a statement handles."""
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names | {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def _likeness(one: set[str], other: set[str]) -> float:
    """The share of the words that both have."""
    return len(one & other) / len(one | other) if one | other else 0.0
