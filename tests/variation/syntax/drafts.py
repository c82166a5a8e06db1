"""Small drafts, and all that a mutation may make of them."""

from __future__ import annotations

import textwrap

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.mutation import Mutation


def scheduler(body: str, opening: str = "") -> str:
    """A policy whose scheduler has this body; `opening` stands at its top."""
    return (
        f"{textwrap.dedent(opening)}"
        '@register_scheduler_init(key="small")\n'
        "def init(s):\n"
        "    s.queue = []\n\n\n"
        '@register_scheduler(key="small")\n'
        "def schedule(s, results, pipelines):\n"
        f"{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
        "    return [], []\n"
    )


def children(mutation: Mutation, source: str, seeds: int = 150) -> dict[str, str]:
    """The texts that a mutation makes of a source over many seeds, by what it says of each."""
    draft = Draft(source)
    made: dict[str, str] = {}
    for seed in range(seeds):
        change = mutation(draft, np.random.default_rng(seed))
        if change is not None:
            after = draft.applied(change.edits)
            assert after is not None, change
            made[change.detail] = after.text
    return made


def new_lines(mutation: Mutation, source: str, seeds: int = 150) -> set[str]:
    """The lines that a mutation puts into a source, over many seeds."""
    old = set(source.splitlines())
    return {
        line.strip()
        for text in children(mutation, source, seeds).values()
        for line in text.splitlines()
        if line not in old
    }
