"""One parent, one child that differs in one to a few places.

Each draw makes one or several changes, one after the other, each to the text that the last one left. A change that
breaks the syntax or leaves a name unbound, or a call without its arguments, is dropped, which counts as a repair; a child that breaks the contract or
is its parent's twin is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from evo.errors import PolicyError
from evo.policy import parse
from evo.population import Individual, Lineage
from evo.variation import Barren, Proposal
from evo.variation.syntax.amounts import change_amount, limit_amount, swap_amounts
from evo.variation.syntax.conditions import (
    change_arithmetic,
    change_class,
    change_comparison,
    change_guard,
    change_logic,
    extend_condition,
    negate_condition,
)
from evo.variation.syntax.constants import change_constant, inherited
from evo.variation.syntax.draft import Draft, drafted
from evo.variation.syntax.learning import learn_memory
from evo.variation.syntax.names import faults
from evo.variation.syntax.order import (
    change_end,
    change_key,
    limit_loop,
    reverse_loop,
    share_queue,
    sort_queue,
)
from evo.variation.syntax.placement import repeat_loop, sort_pools
from evo.variation.syntax.simplify import tidied
from evo.variation.syntax.source import Change
from evo.variation.syntax.statements import (
    change_jump,
    change_return,
    delete_statement,
    insert_guard,
    move_statement,
    unwrap_condition,
    wrap_statement,
)
from evo.variation.syntax.terms import change_term, join_terms
from evo.variation.syntax.vocabulary import weighted

Mutation = Callable[[Draft, np.random.Generator], Change | None]

MUTATIONS: MappingProxyType[Mutation, float] = MappingProxyType(
    {
        change_constant: 14.0,
        change_amount: 14.0,
        limit_amount: 5.0,
        swap_amounts: 1.0,
        learn_memory: 7.0,
        sort_queue: 16.0,
        change_key: 8.0,
        change_term: 5.0,
        join_terms: 4.0,
        reverse_loop: 0.5,
        change_end: 0.5,
        share_queue: 1.0,
        limit_loop: 1.5,
        repeat_loop: 1.0,
        sort_pools: 0.5,
        change_class: 4.0,
        change_guard: 6.0,
        change_comparison: 1.5,
        change_arithmetic: 2.0,
        change_logic: 0.5,
        negate_condition: 0.25,
        extend_condition: 2.0,
        insert_guard: 20.0,
        wrap_statement: 0.25,
        unwrap_condition: 0.5,
        delete_statement: 0.5,
        move_statement: 0.5,
        change_jump: 1.5,
        change_return: 1.5,
    }
)
"""Every mutation with its weight: the more, the more often it made a child better than its parent on the suite `quick`."""

MOST_ATTEMPTS = 30
COUNTS = ((3.0, 1), (4.0, 2), (2.5, 3), (0.5, 4))
"""How many changes a child gets, with weights: half of the single ones change nothing that matters, of two or three a quarter."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """A draft after some changes: what they did in words, by which mutations, and how many more were dropped."""

    draft: Draft
    details: tuple[str, ...]
    kinds: tuple[str, ...]
    dropped: int


class SyntaxMutation:
    """Mutation on the syntax tree, offline: a child of the first parent.

    `weights` says how likely each mutation is, by its function's name; one that isn't named is never made. Without
    any the defaults count. Raises ValueError if a name is none, or no weight is positive.
    """

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        named = {mutation.__name__: mutation for mutation in MUTATIONS}
        if weights is None:
            weights = default_weights()
        unknown = sorted(weights.keys() - named.keys())
        if unknown or not sum(weights.values()) > 0:
            raise ValueError(f"no mutations: {unknown}" if unknown else "no mutation has any weight")
        # In the order of the defaults, so that the order in which weights are given changes nothing.
        self._choices = tuple((weights[name], named[name]) for name in named if name in weights)

    def propose(self, parents: Sequence[Individual], rng: np.random.Generator) -> Proposal | Barren:
        """A child with one to four changes; the other parents, if any, are left alone."""
        parent = parents[0]
        try:
            step = inherited(rng, parent.lineage.step)
            tidy, gone = tidied(drafted(parent.policy.source))
            known = {parent.policy.hash, parse(tidy.text).hash if gone else parent.policy.hash}
            draft = tidy.with_step(step)
        except PolicyError as error:
            return Barren(f"the parent can't be read: {error}")
        attempts = 0
        while attempts < MOST_ATTEMPTS:
            changed = self._changed(draft, rng)
            attempts += 1 + changed.dropped
            if not changed.details:
                continue
            child, gone = tidied(changed.draft)
            try:
                policy = parse(child.text)
            except PolicyError:
                continue
            if policy.hash not in known:
                told = "; ".join([*changed.details, *(f"simplified: {what}" for what in gone)])
                passed = step if change_constant.__name__ in changed.kinds else parent.lineage.step
                lineage = Lineage("mutation", (parent.id,), told, kinds=changed.kinds, step=passed)
                return Proposal(policy, lineage, attempts)
        return Barren(f"no valid mutant of {parent.id} in {attempts} attempts")

    def _changed(self, draft: Draft, rng: np.random.Generator) -> _Changed:
        """A draft after one to a few changes."""
        wanted = weighted(rng, COUNTS)
        known = faults(draft)
        details: list[str] = []
        kinds: list[str] = []
        dropped = 0
        for _ in range(wanted):
            mutation = weighted(rng, self._choices)
            change = mutation(draft, rng)
            if change is None:
                continue
            changed = draft.applied(change.edits)
            if changed is None or faults(changed) - known:
                dropped += 1
                continue
            draft = changed
            details.append(" ".join(change.detail.split()))
            kinds.append(mutation.__name__)
        return _Changed(draft, tuple(details), tuple(kinds), dropped)


def default_weights() -> dict[str, float]:
    """The default weight of every mutation, by the name that lineages give it."""
    return {mutation.__name__: weight for mutation, weight in MUTATIONS.items()}
