"""Tests of the vocabulary, and of the mutations that exchange and join its terms."""

from __future__ import annotations

import ast

import pytest

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.observables import Unit, observables, observed, of_pipeline
from evo.variation.syntax.scene import Scene, scene_at
from evo.variation.syntax.terms import change_term, join_terms

from .drafts import children, new_lines, scheduler
from .samples import DRAIN, SOURCES

LEFT = "len(p.values) - p.runtime_status().state_counts[OperatorState.COMPLETED]"
SORT = f"s.queue.sort(key=lambda p: {LEFT})"


def test_what_is_at_hand() -> None:
    """In a loop over work there is a pipeline, a pool and the queue; before it only what is bound by then."""
    draft = Draft(DRAIN)
    inside = next(node for node in draft.nodes if isinstance(node, ast.If))
    before = next(node for node in draft.nodes if isinstance(node, ast.For))
    assert scene_at(draft, inside) == Scene("pipeline", "s.executor.pools[0]", "s", ("s.waiting",))
    assert scene_at(draft, before) == Scene(None, "s.executor.pools[0]", "s", ("s.waiting",))


def test_all_that_can_be_observed_is_an_expression() -> None:
    """Every term is valid code of its own, and says what it is."""
    terms = observables(Scene("p", "pool", "s", ("s.queue",)))
    assert {term.unit for term in terms} == set(Unit)
    for term in terms:
        assert isinstance(ast.parse(term.code, mode="eval"), ast.Expression)
        assert term.words


def test_no_term_reads_the_clock() -> None:
    """What changes by itself with time would have a policy called in every tick."""
    for term in observables(Scene("p", "pool", "s", ("s.queue",))):
        assert not {"clock", "tick", "consumed_ram_gb", "ticks_elapsed"} & set(term.code.split("."))


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_what_a_policy_looks_at(name: str) -> None:
    """What is found in a policy stands there as the vocabulary says it, and no part of it is found as well."""
    draft = Draft(SOURCES[name])
    found = observed(draft)
    for node, (term, _) in found.items():
        assert "".join(draft.of(node).split()) == "".join(term.code.split())
        assert not any(around in found for around in draft.above(node))


def test_one_term_for_another() -> None:
    """A count gives way to a count, a class's rank to its importance, and never one to the other."""
    counts = {term.code for term in of_pipeline("p") if term.unit is Unit.COUNT}
    keys = {
        line.split("lambda p: ")[1][:-1].removeprefix("-")
        for line in new_lines(change_term, scheduler(SORT))
        if "lambda" in line
    }
    assert keys == counts - {LEFT}
    lines = new_lines(change_term, scheduler("s.queue.sort(key=lambda p: (len(p.values), p.priority.value))"))
    assert any("p: (len(p.values), (-IMPORTANCE[p.priority])))" in line for line in lines)


def test_terms_are_joined() -> None:
    """A count is weighed by the class, or joined with another count; the words say what became of it."""
    made = children(join_terms, scheduler(SORT), 500)
    assert "operators left → operators left / importance in schedule (line 8)" in made
    texts = "".join(made.values())
    assert f"lambda p: ({LEFT}) * p.priority.value)" in texts
    assert f"lambda p: min({LEFT}, len(p.values)))" in texts
    assert f"lambda p: ({LEFT}) / max(1, len(p.values)))" in texts
    assert f"lambda p: {LEFT} if p.priority == Priority.INTERACTIVE else len(p.values))" in texts


def test_helpers_come_along() -> None:
    """A term that needs a function or a table brings it, once, and what that needs."""
    source = scheduler(SORT, "from eudoxia.workload import OperatorState\n\n")
    for detail, text in children(change_term, source).items():
        assert text.count("def steps_left(pipeline):") == ("steps left" in detail)
        again = Draft(text)
        assert not again.scopes.module.bound & {"IMPORTANCE"}
    weighed = [text for text in children(join_terms, source).values() if "IMPORTANCE[" in text]
    assert weighed
    for text in weighed:
        lines = text.splitlines()
        assert lines.index("from eudoxia.utils import Priority") < next(
            number for number, line in enumerate(lines) if line.startswith("IMPORTANCE = {")
        )
