"""The laws that every child of the two syntax variations keeps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.policy import parse
from evo.population import Individual
from evo.variation import Barren, Proposal, Variation
from evo.variation.syntax import SyntaxCrossover, SyntaxMutation
from evo.variation.syntax.crossover import CROSSINGS
from evo.variation.syntax.draft import Draft
from evo.variation.syntax.mutation import MUTATIONS, default_weights

from .samples import DRAIN, JOBS, SOURCES, parent
from .spread import spread

SEEDS = st.integers(0, 2**32)


def child(variation: Variation, parents: list[Individual], seed: int) -> Proposal | Barren:
    """What a variation proposes for one seed."""
    return variation.propose(parents, np.random.default_rng(seed))


def check(proposal: Proposal | Barren, parents: list[Individual], seed: int, variation: Variation) -> None:
    """A proposal is a policy of its own, says where it comes from, and comes out the same again."""
    assert isinstance(proposal, Proposal)
    assert parse(proposal.policy.source) == proposal.policy
    assert proposal.policy.hash not in {one.policy.hash for one in parents}
    assert proposal.policy.key == parents[0].policy.key
    assert proposal.lineage.parents == tuple(one.id for one in parents)
    assert proposal.lineage.variation
    assert proposal.lineage.detail
    assert proposal.lineage.kinds
    assert set(proposal.lineage.kinds) <= {kind.__name__ for kind in (*MUTATIONS, *CROSSINGS)}
    assert "\n" not in proposal.lineage.detail
    assert proposal.attempts >= 1
    assert child(variation, parents, seed) == proposal


@given(st.sampled_from(sorted(SOURCES)), SEEDS)
@settings(max_examples=50)
def test_mutants(name: str, seed: int) -> None:
    """Whatever the chance, a stock-like policy has a mutant, and it keeps the laws."""
    parents = [parent(SOURCES[name])]
    check(child(SyntaxMutation(), parents, seed), parents, seed, SyntaxMutation())


@given(st.sampled_from(sorted(SOURCES)), SEEDS)
@settings(max_examples=25)
def test_crossed_siblings(name: str, seed: int) -> None:
    """Two different mutants of one policy, the usual couple, have children, or it is said why they have none."""
    first, second = (child(SyntaxMutation(), [parent(SOURCES[name])], seed + more) for more in (1, 2))
    assert isinstance(first, Proposal)
    assert isinstance(second, Proposal)
    parents = [parent(first.policy.source, 1), parent(second.policy.source, 2)]
    proposal = child(SyntaxCrossover(), parents, seed)
    if isinstance(proposal, Barren):
        assert proposal.reason == "nothing of 2 fits into 1"
    else:
        check(proposal, parents, seed, SyntaxCrossover())


@pytest.mark.parametrize("pair", list(itertools.permutations(sorted(SOURCES), 2)), ids="-".join)
def test_crossed_strangers(pair: tuple[str, str]) -> None:
    """Policies of different make have children too, or it is said why they have none."""
    parents = [parent(SOURCES[name], number) for number, name in enumerate(pair)]
    for seed in range(2):
        proposal = child(SyntaxCrossover(), parents, seed)
        if isinstance(proposal, Proposal):
            check(proposal, parents, seed, SyntaxCrossover())
        else:
            assert proposal.reason == "nothing of 1 fits into 0"


def test_strangers_are_seldom_barren() -> None:
    """Most couples of strangers have a child at the first asking."""
    couples = list(itertools.permutations(sorted(SOURCES), 2))
    answers = [
        child(SyntaxCrossover(), [parent(SOURCES[name], number) for number, name in enumerate(pair)], 7)
        for pair in couples
    ]
    assert sum(isinstance(answer, Proposal) for answer in answers) > 0.8 * len(couples)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_expressions_over_several_lines(name: str) -> None:
    """What is written over several lines of a bracket is varied as well, by every mutation and crossing."""
    draft = Draft(spread(SOURCES[name]))
    assert parse(draft.text).hash == parse(SOURCES[name]).hash
    other = Draft(spread(SOURCES["jobs" if name == "drain" else "drain"]))
    done = 0
    for seed in range(3):
        for mutation in MUTATIONS:
            change = mutation(draft, np.random.default_rng(seed))
            done += change is not None and draft.applied(change.edits) is not None
        for crossing in CROSSINGS:
            change = crossing(draft, other, np.random.default_rng(seed))
            done += change is not None and draft.applied(change.edits) is not None
    assert done > 20


@pytest.mark.parametrize("name", ["drain", "jobs", "priority"])
def test_lines_that_nobody_touched(name: str) -> None:
    """A mutant shares nearly all lines with its parent, comments included, byte for byte."""
    lines = SOURCES[name].splitlines()
    for seed in range(10):
        proposal = child(SyntaxMutation(), [parent(SOURCES[name])], seed)
        assert isinstance(proposal, Proposal)
        kept = set(proposal.policy.source.splitlines())
        assert sum(line not in kept for line in lines) <= 12
        assert sum(line.strip().startswith("#") and line not in kept for line in lines) <= 1


def test_crossover_of_one() -> None:
    """One parent is no couple."""
    assert child(SyntaxCrossover(), [parent(DRAIN)], 1) == Barren("crossover needs two parents")


def test_crossover_of_twins() -> None:
    """Twins have no child that differs from both."""
    assert isinstance(child(SyntaxCrossover(), [parent(JOBS, 1), parent(JOBS, 2)], 1), Barren)


def test_a_policy_without_anything_to_change() -> None:
    """Where every draw fails, the variation says so instead of raising."""
    source = (
        '@register_scheduler_init(key="idle")\ndef init(s): pass\n'
        '@register_scheduler(key="idle")\ndef schedule(s, results, pipelines): return [], []\n'
    )
    answer = child(SyntaxMutation(), [parent(source, 5)], 1)
    assert isinstance(answer, Barren)
    assert answer.reason.startswith("no valid mutant of 5")


def test_many_seeds_many_children() -> None:
    """Chance is used: a hundred seeds give almost as many different children."""
    hashes = set()
    for seed in range(60):
        proposal = child(SyntaxMutation(), [parent(DRAIN)], seed)
        assert isinstance(proposal, Proposal)
        hashes.add(proposal.policy.hash)
    assert len(hashes) > 45


def test_weights_say_what_is_done() -> None:
    """Mutations with weight are made, the others never, and what was done stands in the lineage by name."""
    only = SyntaxMutation({"change_constant": 1.0, "delete_statement": 0.0})
    for seed in range(10):
        proposal = child(only, [parent(JOBS)], seed)
        assert isinstance(proposal, Proposal)
        assert set(proposal.lineage.kinds) == {"change_constant"}
        assert len(proposal.lineage.kinds) == proposal.lineage.detail.count("constant ")


def test_the_order_of_weights_is_no_matter() -> None:
    """Equal weights give equal children, in whatever order they are given; without any the defaults count."""
    backwards = dict(reversed(default_weights().items()))
    for seed in range(5):
        expected = child(SyntaxMutation(), [parent(DRAIN)], seed)
        assert child(SyntaxMutation(backwards), [parent(DRAIN)], seed) == expected


@pytest.mark.parametrize("weights", [{"change_nothing": 1.0}, {"change_constant": 0.0}, {}])
def test_weights_that_make_no_mutation(weights: dict[str, float]) -> None:
    """A name that is no mutation's, and weights that leave none, are refused."""
    with pytest.raises(ValueError, match="no mutation"):
        SyntaxMutation(weights)
