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

T = TypeVar("T")

FACTORS = ("0.5", "0.75", "0.8", "0.9", "1.1", "1.25", "1.5", "2", "3")
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
    status = f"{pipeline}.runtime_status()"
    left = f"len({pipeline}.values) - {status}.state_counts[OperatorState.COMPLETED]"
    power = pick(rng, ("", " ** 2", " ** 3"))
    return weighted(
        rng,
        (
            (3.0, Term(left, "fewest operators left first")),
            (3.0, Term(f"({left}) * {pipeline}.priority.value{power}", "least work left by weight first")),
            (2.0, Term(f"{pipeline}.priority.value", "most urgent class first")),
            (2.0, Term(f"{status}.arrival_tick", "oldest first")),
            (1.0, Term(f"-{status}.arrival_tick", "youngest first")),
            (1.0, Term(f"len({pipeline}.values)", "shortest pipeline first")),
            (1.0, Term(f"-{status}.state_counts[OperatorState.COMPLETED]", "most operators done first")),
            (1.0, Term(f"{status}.state_counts[OperatorState.RUNNING]", "fewest running operators first")),
            (0.5, Term(f"-({left})", "most operators left first")),
            (0.5, Term(f"{status}.state_counts[OperatorState.FAILED]", "fewest failures first")),
        ),
    )


def key(rng: np.random.Generator, pipeline: str) -> Term:
    """A sort key: one term, or two of which the second decides between equals."""
    first = term(rng, pipeline)
    if rng.random() < 0.65:
        return first
    second = term(rng, pipeline)
    if second.code == first.code:
        return first
    return Term(f"({first.code}, {second.code})", f"{first.words}, then {second.words}")


def amount(rng: np.random.Generator, flavour: Flavour, most: str | None) -> Term:
    """An amount of a resource: a share of all that a pool has, or a plain number."""
    if most is not None and rng.random() < 0.6:
        parts = int(rng.integers(2, 17))
        return Term(f"{most} / {parts}", f"1/{parts} of the pool")
    number = size(rng, LARGEST[flavour])
    return Term(str(number), str(number))


def condition(rng: np.random.Generator, draft: Draft, here: ast.AST) -> Term | None:
    """A condition that can be asked at a statement: about a pipeline at hand, or about an amount."""
    kinds = draft.kinds
    names = kinds.bound(here)
    pipelines = [path for name in names if (path := kinds.pipeline(name)) is not None]
    amounts = amounts_at(draft, here)
    choices: list[tuple[float, Term]] = []
    if pipelines:
        choices.append((1.0, _about_pipeline(rng, pipelines[-1])))
    if amounts:
        flavour, code = pick(rng, amounts)
        bound = amount(rng, flavour, kinds.most(flavour, here))
        sign = "<" if rng.random() < 0.75 else ">"
        choices.append((1.5, Term(f"{code} {sign} {bound.code}", f"{code} {sign} {bound.words}")))
    return weighted(rng, choices) if choices else None


def _about_pipeline(rng: np.random.Generator, pipeline: str) -> Term:
    counts = f"{pipeline}.runtime_status().state_counts"
    few, many = size(rng, 4), size(rng, 20)
    left = f"len({pipeline}.values) - {counts}[OperatorState.COMPLETED]"
    rank = pick(
        rng,
        ("== Priority.BATCH_PIPELINE", "!= Priority.QUERY", "== Priority.QUERY", "== Priority.INTERACTIVE"),
    )
    code = weighted(
        rng,
        (
            (2.0, f"{pipeline}.priority {rank}"),
            (2.0, f"{left} > {many}"),
            (2.0, f"len({pipeline}.values) > {many}"),
            (1.0, f"{left} < {few}"),
            (1.0, f"{counts}[OperatorState.FAILED] >= {few}"),
            (1.0, f"{counts}[OperatorState.RUNNING] >= {few}"),
        ),
    )
    return Term(code, code)


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
