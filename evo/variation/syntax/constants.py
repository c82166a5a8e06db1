"""Mutations of numbers."""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.draft import STEP, Draft
from evo.variation.syntax.source import Change
from evo.variation.syntax.vocabulary import pick, size, weighted

_SHORTEST, _LONGEST = 0.05, 2.0
_SCALES = (ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)


def change_constant(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another number in place of one; factors, divisors, bounds and settings more often than indices."""
    sites = [node for node in draft.nodes if isinstance(node, ast.Constant) and is_number(node)]
    node = draft.choose(rng, sites, [_factor(draft, site) for site in sites])
    if node is None:
        return None
    new = _another(rng, node.value, draft.step_size)
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


def inherited(rng: np.random.Generator, step: float) -> float:
    """A child's step: its parent's, a little longer or shorter, so that lineages find the one with which they thrive.

    Drawn before it is used, as in evolution strategies (Schwefel 1981): a step that leads to survivors survives.
    """
    new = (step or STEP) * float(np.exp(rng.normal(0.0, 0.3)))
    return float(f"{min(max(new, _SHORTEST), _LONGEST):.3g}")


def _another(rng: np.random.Generator, old: object, step: float) -> int | float:
    """A number that differs from the old one, near more often than far."""
    for _ in range(20):
        new = _whole(rng, old, step) if isinstance(old, int) else _fraction(rng, float(str(old)), step)
        if new != old:
            return new
    return int(str(old)) + 1 if isinstance(old, int) else float(str(old)) + 1.0


def _whole(rng: np.random.Generator, old: int, step: float) -> int:
    kind = weighted(rng, ((3.0, "next"), (6.0, "scale"), (1.0, "any")))
    if kind == "next":
        return old + pick(rng, (-1, 1)) * int(rng.geometric(0.6))
    if kind == "scale":
        return round(old * float(np.exp(rng.normal(0.0, step))))
    return size(rng, max(10, 4 * abs(old)))


def _fraction(rng: np.random.Generator, old: float, step: float) -> float:
    if 0 < old < 1 and rng.random() < 0.25:
        return round(float(rng.uniform(0.02, 1.0)), 2)
    new = old * float(np.exp(rng.normal(0.0, step))) if old else float(rng.uniform(0.05, 1.0))
    # Sums of products with sixteenths are exact, so that amounts which fill a pool don't overfill it by a last bit.
    return round(16 * new) / 16 if abs(new) > 0.5 else float(f"{new:.2g}")
