"""Mutations of numbers."""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.source import Change
from evo.variation.syntax.vocabulary import pick, size, weighted

_SCALES = (ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)


def change_constant(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another number in place of one; factors, divisors, bounds and settings more often than indices."""
    sites = [node for node in draft.nodes if isinstance(node, ast.Constant) and is_number(node)]
    node = draft.choose(rng, sites, [_factor(draft, site) for site in sites])
    if node is None:
        return None
    new = _another(rng, node.value)
    old = draft.of(node)
    return Change((draft.put(node, repr(new)),), f"constant {old} → {new!r} {draft.where(node)}")


def is_number(node: ast.AST) -> bool:
    """Whether a node is a literal int or float."""
    return isinstance(node, ast.Constant) and type(node.value) in {int, float}


def _factor(draft: Draft, node: ast.Constant) -> float:
    """Factors, divisors, bounds and settings count more than indices and the usual zeros and ones."""
    parent = draft.parent[node]
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, _SCALES):
        factor = 4.0
    elif isinstance(parent, (ast.Compare, ast.Assign)):
        factor = 3.0
    else:
        factor = 0.25 if isinstance(parent, ast.Subscript) else 1.0
    return factor / 3 if node.value in {0, 1} else factor


def _another(rng: np.random.Generator, old: object) -> int | float:
    """A number that differs from the old one, near more often than far."""
    for _ in range(20):
        new = _whole(rng, old) if isinstance(old, int) else _fraction(rng, float(str(old)))
        if new != old:
            return new
    return int(str(old)) + 1 if isinstance(old, int) else float(str(old)) + 1.0


def _whole(rng: np.random.Generator, old: int) -> int:
    kind = weighted(rng, ((5.0, "step"), (3.0, "scale"), (1.0, "any")))
    if kind == "step":
        return old + pick(rng, (-1, 1)) * int(rng.geometric(0.6))
    if kind == "scale":
        return round(old * float(pick(rng, ("0.25", "0.5", "0.8", "1.25", "2", "4"))))
    return size(rng, max(10, 4 * abs(old)))


def _fraction(rng: np.random.Generator, old: float) -> float:
    if 0 < old < 1 and rng.random() < 0.5:
        return round(float(rng.uniform(0.02, 1.0)), 2)
    new = old * float(np.exp(rng.normal(0.0, 0.4))) if old else float(rng.uniform(0.05, 1.0))
    # Sums of products with sixteenths are exact, so that amounts which fill a pool don't overfill it by a last bit.
    return round(16 * new) / 16 if abs(new) > 0.5 else float(f"{new:.2g}")
