"""Credit: who brought more for less is tried more often, and nobody never again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.credit import EVEN, Account, Kinds, gain, shifted
from evo.metric import Metric
from evo.population import Failure, FailureKind, Fitness, Individual, Lineage, Policy
from evo.records import RunState

ACCOUNTS = st.lists(
    st.builds(Account, st.integers(0, 50), st.floats(0, 5), st.floats(0, 50)), min_size=1, max_size=6
)


@given(ACCOUNTS, st.floats(0.1, 10))
def test_weights_stay_weights(accounts: list[Account], usual: float) -> None:
    """They sum to 1, and everybody keeps a tenth of what it had."""
    even = (1 / len(accounts),) * len(accounts)
    moved = shifted(even, accounts, usual)
    assert sum(moved) == pytest.approx(1.0)
    assert min(moved) >= EVEN * even[0] - 1e-12


def test_what_was_brought_for_what_it_cost() -> None:
    """More for the same, or the same for less, is tried more often; where nothing was brought all stays as it was."""
    assert shifted((0.5, 0.5), [Account(9, 3.0, 9.0), Account(9, 1.0, 9.0)])[0] > 0.6
    assert shifted((0.5, 0.5), [Account(9, 1.0, 3.0), Account(9, 1.0, 9.0)])[0] > 0.6
    assert shifted((0.2, 0.8), [Account(9, 0.0, 3.0), Account(9, 0.0, 9.0)]) == (0.2, 0.8)
    assert shifted((0.2, 0.8), [Account(0, 0.0, 0.0), Account(0, 0.0, 0.0)]) == (0.2, 0.8)


def born(number: int, value: float | None, parents: tuple[str, ...] = (), *kinds: str) -> Individual:
    """An individual of generation `number` // 2 that came about by these mutations."""
    outcome = Failure(FailureKind.EXCEPTION, "") if value is None else Fitness(Metric.LATENCY, value, ())
    lineage = Lineage("mutation", parents, kinds=kinds)
    return Individual(number, number // 2, Policy("", str(number), "k"), lineage, outcome)


def state(*individuals: Individual) -> RunState:
    """A run with these."""
    run = RunState(lambda _: "")
    run.individuals = {one.number: one for one in individuals}
    return run


def test_a_gain_is_over_the_better_parent() -> None:
    """A tenth better than the better of two; nothing for who is between them, fails, or has no parents."""
    known = state(born(0, 100.0), born(1, 200.0)).individuals
    assert gain(born(2, 90.0, ("0", "1")), known) == pytest.approx(0.1)
    assert gain(born(2, 150.0, ("0", "1")), known) == 0.0
    assert gain(born(2, None, ("0",)), known) == 0.0
    assert gain(born(2, 1.0), known) == 0.0


def test_mutations_that_brought_something_are_tried_more_often() -> None:
    """By what was known when a generation was complete: later ones count later; strangers' names don't."""
    run = state(
        born(0, 100.0),
        born(1, 100.0),
        born(2, 50.0, ("0",), "good"),
        born(3, None, ("0",), "bad"),
        born(4, 50.0, ("0",), "bad", "merge"),
    )
    kinds = Kinds({"good": 3.0, "bad": 1.0}, run)
    assert kinds.weights(0) == {"good": 0.75, "bad": 0.25}
    assert kinds.weights(1)["good"] > 0.75
    assert kinds.weights(2)["good"] < kinds.weights(1)["good"]
    assert sum(kinds.weights(2).values()) == pytest.approx(1.0)
