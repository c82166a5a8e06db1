"""What is at hand at a place of a policy: the code by which its work, its pool and its queues can be reached there.

Guessed from names and attributes, as all that `kinds` knows. Says nothing of what could be asked about them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from evo.variation.syntax.draft import Draft


@dataclass(frozen=True, slots=True)
class Scene:
    """Expressions that can be evaluated at a place; None where nothing of the kind seems to be at hand."""

    pipeline: str | None = None
    pool: str | None = None
    scheduler: str | None = None
    queues: tuple[str, ...] = ()
    """Lists that the scheduler object holds from the start."""


def scene_at(draft: Draft, here: ast.AST) -> Scene:
    """What is at hand before the statement at `here`, or inside the lambda there."""
    kinds = draft.kinds
    names = kinds.bound(here)
    inside = [part for part in draft.above(here) if isinstance(part, ast.Lambda)]
    nearest = [*names, *(arg.arg for part in reversed(inside) for arg in part.args.args)]
    paths = [path for name in nearest if (path := kinds.pipeline(name)) is not None]
    scheduler = next((name for name in names if kinds.is_scheduler(name)), None)
    return Scene(
        paths[-1] if paths else None,
        kinds.pool(here),
        scheduler,
        () if scheduler is None else tuple(f"{scheduler}.{queue}" for queue in _queues(draft)),
    )


def _queues(draft: Draft) -> list[str]:
    """Attributes that the init function sets to an empty list."""
    init = draft.registered.init.function
    found: list[str] = []
    for node in ast.walk(init):
        match node:
            case ast.Assign(targets=[ast.Attribute(attr=name)], value=ast.List(elts=[])):
                found.append(name)
    return found
