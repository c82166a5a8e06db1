"""Tests of the mutations by which policies learn."""

from __future__ import annotations

import numpy as np

from evo.variation.syntax.draft import Draft
from evo.variation.syntax.learning import learn_memory

from .drafts import children, scheduler
from .samples import DRAIN, STOCK


def test_memory_that_was_too_little_is_kept() -> None:
    """The policy keeps with how much memory containers failed, and asks for more than that."""
    for text in children(learn_memory, DRAIN, 20).values():
        assert "    s.too_little = {}  # GB with which a container failed, by class\n" in text
        assert "            known = s.too_little.get(result.priority, 0)\n" in text
        assert "s.too_little.get(pipeline.priority, 0))" in text


def test_it_is_kept_once() -> None:
    """A policy that asks for it already asks by another factor; elsewhere it is only used once more."""
    first = next(iter(children(learn_memory, STOCK["priority"], 20).values()))
    for text in children(learn_memory, first, 20).values():
        assert text.count("s.too_little = {}") == 1
        assert text.count("s.too_little.get(job.pipeline.priority, 0)") == 1
        assert text != first


def test_it_asks_for_no_more_than_is_free() -> None:
    """Where the free memory is at hand, the policy stays below it."""
    texts = children(learn_memory, STOCK["priority"], 20).values()
    assert texts
    assert all("ram = min(max(ram, " in text for text in texts)


def test_without_a_variable_there_is_nothing_to_learn() -> None:
    """An amount that has no name, or no pipeline beside it, is left alone."""
    draft = Draft(scheduler("a = Assignment(ops, 7, 8, 1, 0, 'x')"))
    assert all(learn_memory(draft, np.random.default_rng(seed)) is None for seed in range(10))
