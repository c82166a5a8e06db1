"""Words for new code: sizes, shares, sort terms and conditions on what a policy handles.

The terms know what matters to any scheduler of pipelines (how much is left, how long it waits, how urgent it is),
not what the simulator's workloads cost. Draws of sizes are log-uniform, so that no machine's size is favoured.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.kinds import Flavour
from evo.variation.syntax.observables import Observable, Unit, of_cluster, of_pipeline
from evo.variation.syntax.scene import Scene, scene_at

T = TypeVar("T")

FACTORS = ("0.5", "0.75", "0.875", "1.125", "1.25", "1.5", "2", "3")
"""Sums of their products are exact: ten times 1.1 shares of a pool are more than the pool by a last bit, and refused."""
_PLACES = (ast.Name, ast.Attribute, ast.Subscript)
LARGEST = {Flavour.RAM: 512, Flavour.CPU: 64}


@dataclass(frozen=True, slots=True)
class Term:
    """A number or a condition in code, with its meaning in words."""

    code: str
    words: str


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of the choices, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def weighted(rng: np.random.Generator, choices: Sequence[tuple[float, T]]) -> T:
    """One of the choices by weight."""
    total = sum(weight for weight, _ in choices)
    left = float(rng.random()) * total
    for weight, choice in choices:
        left -= weight
        if left < 0:
            return choice
    return choices[-1][1]


def size(rng: np.random.Generator, largest: float) -> int:
    """A whole number from 1 to `largest`, log-uniform."""
    return max(1, round(float(np.exp(rng.uniform(0.0, np.log(largest))))))


def term(rng: np.random.Generator, pipeline: str) -> Term:
    """A number by which pipelines can be ordered, smaller first; `pipeline` is an expression for one."""
    choices = of_pipeline(pipeline)
    first = _one(rng, choices)
    falling = not first.rising if rng.random() < 0.9 else first.rising
    if rng.random() < 0.6:
        return _ordered(first.code, first.words, falling=falling)
    # Work by weight, the oldest rule of all, and its kin: a count times a rank, or through an importance.
    counts = [one for one in choices if one.unit is Unit.COUNT and one.rising]
    first = _one(rng, counts)
    second = _one(rng, [one for one in choices if one.unit in {Unit.RANK, Unit.WEIGHT}])
    sign = "*" if second.rising else "/"
    power = pick(rng, ("", " ** 2", " ** 3")) if second.rising else ""
    inner = f"({first.code})" if " " in first.code else first.code
    return _ordered(
        f"{inner} {sign} {second.code}{power}", f"{first.words} {sign} {second.words}{power}", falling=False
    )


def _ordered(code: str, words: str, *, falling: bool) -> Term:
    if not falling:
        return Term(code, f"least {words}")
    return Term(f"-({code})" if " " in code else f"-{code}", f"most {words}")


def _one(rng: np.random.Generator, choices: Sequence[Observable]) -> Observable:
    return weighted(rng, [(choice.weight, choice) for choice in choices])


def key(rng: np.random.Generator, pipeline: str) -> Term:
    """A sort key: one term, or two of which the second decides between equals."""
    first = term(rng, pipeline)
    if rng.random() < 0.65:
        return Term(first.code, f"{first.words} first")
    second = term(rng, pipeline)
    if second.code == first.code:
        return Term(first.code, f"{first.words} first")
    return Term(f"({first.code}, {second.code})", f"{first.words} first, then {second.words}")


def amount(rng: np.random.Generator, flavour: Flavour, most: str | None) -> Term:
    """An amount of a resource: a share of all that a pool has, or a plain number."""
    if most is not None and rng.random() < 0.6:
        parts = int(rng.integers(2, 17))
        return Term(f"{most} // {parts}", f"1/{parts} of the pool")
    number = size(rng, LARGEST[flavour])
    return Term(str(number), str(number))


def condition(rng: np.random.Generator, draft: Draft, here: ast.AST) -> Term | None:
    """A condition that can be asked at a statement: about a pipeline, the cluster, or an amount at hand."""
    scene = scene_at(draft, here)
    amounts = amounts_at(draft, here)
    cluster = of_cluster(scene)
    choices: list[tuple[float, str]] = []
    choices += [(2.0, "pipeline"), (3.0, "class")] if scene.pipeline is not None else []
    choices += [(2.0, "amount")] if amounts else []
    choices += [(1.5, "cluster")] if cluster else []
    if not choices:
        return None
    kind = weighted(rng, choices)
    if kind == "amount":
        flavour, code = pick(rng, amounts)
        bound = amount(rng, flavour, draft.kinds.most(flavour, here))
        sign = "<" if rng.random() < 0.75 else ">"
        found = Term(f"{code} {sign} {bound.code}", f"{code} {sign} {bound.words}")
    elif kind == "cluster":
        found = compared(rng, _one(rng, cluster))
    elif kind == "pipeline":
        assert scene.pipeline is not None
        counts = [one for one in of_pipeline(scene.pipeline) if one.unit is Unit.COUNT]
        found = compared(rng, _one(rng, counts))
    else:
        return about_class(rng, scene)
    if scene.pipeline is None or rng.random() < 0.75:
        return found
    limited = about_class(rng, scene)
    return Term(f"{limited.code} and {found.code}", f"{limited.words} and {found.words}")


def about_class(rng: np.random.Generator, scene: Scene) -> Term:
    """Whether the pipeline at hand, which there must be, is of a class, or of another."""
    rank = weighted(
        rng,
        (
            (3.0, "== Priority.BATCH_PIPELINE"),
            (3.0, "== Priority.INTERACTIVE"),
            (2.0, "!= Priority.QUERY"),
            (1.0, "== Priority.QUERY"),
        ),
    )
    return Term(f"{scene.pipeline}.priority {rank}", f"{scene.pipeline}.priority {rank}")


def compared(rng: np.random.Generator, observed: Observable) -> Term:
    """A comparison of something observable with a number of its size."""
    rare = "FAILED" in observed.code or "RUNNING" in observed.code
    if observed.unit is Unit.SHARE:
        bound = f"{round(float(rng.uniform(0.02, 0.98)), 2)}"
    else:
        bound = str(size(rng, 4 if rare else 20))
    sign = ">=" if rare else pick(rng, (">", ">", "<"))
    return Term(f"{observed.code} {sign} {bound}", f"{observed.words} {sign} {bound}")


def amounts_at(draft: Draft, here: ast.AST) -> list[tuple[Flavour, str]]:
    """Expressions of the function that are amounts and can be evaluated before the statement at `here`."""
    function = draft.function.get(here)
    known = set(draft.kinds.bound(here))
    found: dict[str, Flavour] = {}
    for node in draft.nodes:
        if draft.function.get(node) is not function or not isinstance(node, _PLACES):
            continue
        flavour = draft.kinds.flavour(node)
        if flavour is not None and {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} <= known:
            found.setdefault(ast.unparse(node), flavour)
    return [(flavour, code) for code, flavour in found.items()]
