"""Mutations of where containers go: which pool is looked at first, and how often."""

from __future__ import annotations

import ast

import numpy as np

from evo.variation.syntax.draft import Draft, decides
from evo.variation.syntax.source import Change
from evo.variation.syntax.vocabulary import pick, size

_ORDERS = (
    ("-{0}.avail_ram_pool", "most free memory first"),
    ("{0}.avail_ram_pool", "least free memory first"),
    ("-{0}.avail_cpu_pool", "most free CPUs first"),
    ("{0}.avail_cpu_pool", "least free CPUs first"),
    ("len({0}.active_containers)", "fewest containers first"),
)


def sort_pools(draft: Draft, rng: np.random.Generator) -> Change | None:
    """Pools are looked at in order of what is free in them."""
    loop = draft.choose(rng, _loops(draft))
    if loop is None or not isinstance(loop.target, ast.Name):
        return None
    name = loop.target.id
    code, words = pick(rng, _ORDERS)
    new = f"sorted({draft.of(loop.iter)}, key=lambda {name}: {code.format(name)})"
    return Change((draft.put(loop.iter, new),), f"`{draft.short(loop.iter)}` by {words} {draft.where(loop)}")


def repeat_loop(draft: Draft, rng: np.random.Generator) -> Change | None:
    """A loop over pools is gone through several times, so that a pool may start more than one container at once."""
    loop = draft.choose(rng, _loops(draft))
    if loop is None:
        return None
    times = 1 + size(rng, 15)
    code = f"list({draft.of(loop.iter)}) * {times}"
    return Change(
        (draft.put(loop.iter, code),), f"`{draft.short(loop.iter)}` {times} times {draft.where(loop)}"
    )


def _loops(draft: Draft) -> list[ast.For]:
    """Loops over pools in which something is decided."""
    return [
        node
        for node in draft.nodes
        if isinstance(node, ast.For) and decides(node) and "pools" in draft.of(node.iter)
    ]
