"""Mutations of what a policy looks at: a term of the vocabulary gives way to another, or is joined with one.

Units are kept: what counts operators is replaced by, added to, or compared with what counts operators. Ranks and
importances are there to be multiplied with and divided by.
"""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.observables import Observable, Unit, observables, observed
from evo.variation.syntax.scene import Scene
from evo.variation.syntax.source import Change
from evo.variation.syntax.supplies import needed
from evo.variation.syntax.vocabulary import Term, about_class, pick, weighted

_SCALES = frozenset({Unit.RANK, Unit.WEIGHT})


def change_term(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another observable of the same unit in place of one."""
    sites = observed(draft)
    node = draft.choose(rng, list(sites))
    if node is None:
        return None
    old, scene = sites[node]
    units = _SCALES if old.unit in _SCALES else {old.unit}
    others = [term for term in observables(scene) if term.unit in units and term.code != old.code]
    if not others:
        return None
    new = weighted(rng, [(term.weight, term) for term in others])
    code = f"-{new.code}" if new.rising is not old.rising and " " not in new.code else new.code
    return _put(draft, node, old, Term(code, new.words))


def join_terms(draft: Draft, rng: np.random.Generator) -> Change | None:
    """An observable weighed by the class of its pipeline, or joined with another of its unit."""
    sites = {node: site for node, site in observed(draft).items() if site[0].unit not in _SCALES}
    node = draft.choose(rng, list(sites))
    if node is None:
        return None
    old, scene = sites[node]
    new = _joined(rng, old, scene)
    return None if new is None else _put(draft, node, old, new)


def _joined(rng: np.random.Generator, old: Observable, scene: Scene) -> Term | None:
    inner = f"({old.code})" if " " in old.code else old.code
    about = [term for term in observables(scene) if term.code != old.code]
    scales = [term for term in about if term.unit in _SCALES]
    if scales and rng.random() < 0.6:
        scale = weighted(rng, [(term.weight, term) for term in scales])
        sign = pick(rng, ("*", "/"))
        return Term(f"{inner} {sign} {scale.code}", f"{old.words} {sign} {scale.words}")
    alike = [term for term in about if term.unit is old.unit]
    if not alike:
        return None
    other = weighted(rng, [(term.weight, term) for term in alike])
    second = f"({other.code})" if " " in other.code else other.code
    how = pick(rng, ("+", "-", "/", "min", "max", "if"))
    if how == "if" and scene.pipeline is not None:
        asked = about_class(rng, scene)
        joined = "{0} if {1} else {2}"
        return Term(
            joined.format(old.code, asked.code, other.code),
            joined.format(old.words, asked.words, other.words),
        )
    if how == "/":
        return Term(f"{inner} / max(1, {other.code})", f"{old.words} / {other.words}")
    if how in {"min", "max"}:
        return Term(f"{how}({old.code}, {other.code})", f"{how}({old.words}, {other.words})")
    sign = "-" if how == "-" else "+"
    return Term(f"{inner} {sign} {second}", f"{old.words} {sign} {other.words}")


def _put(draft: Draft, node: ast.expr, old: Observable, new: Term) -> Change:
    words = f"{old.words} → {new.words} {draft.where(node)}"
    return Change((draft.put(node, new.code), *needed(draft, new.code)), words)
