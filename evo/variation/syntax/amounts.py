"""Mutations of how much CPU and memory a container is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour
from evo.variation.syntax.scene import scene_at
from evo.variation.syntax.source import Change, Edit, expression, guarded
from evo.variation.syntax.supplies import needed
from evo.variation.syntax.vocabulary import FACTORS, Term, about_class, amount, amounts_at, pick

_ORDER = ("ops", "cpu", "ram")
"""The first arguments of an Assignment (eudoxia/executor/assignment.py)."""


@dataclass(frozen=True, slots=True)
class Site:
    """An expression whose value becomes an amount, and the name under which it goes on."""

    node: ast.expr
    flavour: Flavour
    name: str


def change_amount(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Another amount where one is set or asked for: a share, a factor, a bound."""
    site = _choose(draft, rng, list(sites(draft)))
    if site is None:
        return None
    old = draft.of(site.node)
    new = _another(draft, rng, site.node, site.flavour, old)
    words = f"{site.name} {draft.short(site.node)} → {' '.join(new.words.split())} {draft.where(site.node)}"
    return Change((draft.put(site.node, new.code), *needed(draft, new.code)), words)


def limit_amount(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A line that changes the variable from which an Assignment takes an amount, before anything else reads it.

    The variable goes on to the policy's own book-keeping, so that both stay in step.
    """
    sites = [
        Site(node, flavour, flavour.value)
        for node, flavour in given_amounts(draft)
        if isinstance(node, ast.Name)
    ]
    site = _choose(draft, rng, sites)
    statement = None if site is None else draft.statement(site.node)
    if site is None or statement is None:
        return None
    name = draft.of(site.node)
    reader = draft.first_reader(statement, name)
    place = draft.lines(reader)
    if place is None:
        return None
    new = _within(draft, rng, reader, site.flavour, _another(draft, rng, reader, site.flavour, name))
    line = f"{draft.indent(reader)}{name} = {new.code}\n"
    words = f"{name} = {new.words} {draft.where(reader)}"
    return Change((Edit(place[0], place[0], line), *needed(draft, new.code)), words)


def _within(draft: Draft, rng: np.random.Generator, here: ast.AST, flavour: Flavour, new: Term) -> Term:
    """An amount that was checked before is kept below what is free, if that is at hand."""
    free = [code for kind, code in amounts_at(draft, here) if kind is flavour and is_free(code)]
    if not free or new.code.startswith("min("):
        return new
    most = pick(rng, free)
    return Term(f"min({new.code}, {most})", f"min({new.words}, {most})")


def is_free(code: str) -> bool:
    """Whether an amount seems to be what is still free, by how it is called."""
    return "free" in code or "avail" in code


def swap_amounts(draft: Draft, rng: np.random.Generator) -> Change | None:
    """One amount of the function in place of another of the same resource."""
    site = _choose(draft, rng, list(sites(draft)))
    if site is None:
        return None
    here = draft.statement(site.node)
    others = [code for flavour, code in amounts_at(draft, here) if flavour is site.flavour] if here else []
    others = [code for code in others if code != draft.of(site.node)]
    if not others:
        return None
    new = pick(rng, others)
    words = f"{site.name} {draft.short(site.node)} → {new} {draft.where(site.node)}"
    return Change((draft.put(site.node, new),), words)


def _choose(draft: Draft, rng: np.random.Generator, sites: list[Site]) -> Site | None:
    """A site; memory more often than CPU, since too little of it kills and too little CPU only delays."""
    factors = [2.0 if site.flavour is Flavour.RAM else 1.0 for site in sites]
    node = draft.choose(rng, [site.node for site in sites], factors)
    return next((site for site in sites if site.node is node), None)


def _another(draft: Draft, rng: np.random.Generator, here: ast.AST, flavour: Flavour, old: str) -> Term:
    """A new value for an amount, most often made of the old one."""
    fresh = amount(rng, flavour, draft.kinds.most(flavour, here))
    inner = guarded(old, expression(old))
    kind = pick(rng, ("new", "max", "max", "min", "factor", "factor", "free", "class"))
    scene = scene_at(draft, here)
    if kind == "class" and scene.pipeline is not None:
        limited = about_class(rng, scene)
        return Term(f"{fresh.code} if {limited.code} else {old}", f"{fresh.words} if {limited.words}")
    if kind == "factor":
        factor = pick(rng, FACTORS)
        return Term(f"{inner} * {factor}", f"{old} * {factor}")
    if kind == "free":
        free = [code for kind_, code in amounts_at(draft, here) if kind_ is flavour and code != old]
        if free:
            other = pick(rng, free)
            least = pick(rng, ("min", "max"))
            return Term(f"{least}({old}, {other})", f"{least}({old}, {other})")
    if kind in {"max", "min"}:
        return Term(f"{kind}({old}, {fresh.code})", f"{kind}({old}, {fresh.words})")
    return fresh


def sites(draft: Draft) -> Iterator[Site]:
    """Values of assignments to amounts, arguments of Assignment, and amounts that are compared."""
    for node in draft.nodes:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, value in zip(targets, values, strict=False):
                    yield from _site(draft, target, value)
            case ast.Assign(targets=[target], value=value):
                yield from _site(draft, target, value)
            case ast.Return(value=ast.Tuple(elts=parts)):
                for part in parts:
                    yield from _site(draft, part, part)
            case ast.Call():
                for value, flavour in _arguments(draft, node):
                    yield Site(value, flavour, flavour.value)


def _site(draft: Draft, target: ast.expr, value: ast.expr) -> Iterator[Site]:
    flavour = draft.kinds.flavour(target)
    if flavour is not None and not isinstance(
        value, (ast.Tuple, ast.List, ast.Dict, ast.ListComp, ast.DictComp)
    ):
        yield Site(value, flavour, ast.unparse(target))


def given_amounts(draft: Draft) -> Iterator[tuple[ast.expr, Flavour]]:
    """What Assignments are given: the arguments that are amounts."""
    for node in draft.nodes:
        if isinstance(node, ast.Call):
            yield from _arguments(draft, node)


def _arguments(draft: Draft, call: ast.Call) -> Iterator[tuple[ast.expr, Flavour]]:
    if not isinstance(call.func, ast.Name) or call.func.id != "Assignment":
        return
    given = dict(zip(_ORDER, call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg is not None}
    for flavour in Flavour:
        value = given.get(flavour.value)
        if value is not None and draft.function.get(call) is not None:
            yield value, flavour
