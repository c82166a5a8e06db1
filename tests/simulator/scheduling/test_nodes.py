"""Operators and graphs behave as upstream's, seen from outside."""

from __future__ import annotations

import pytest

from evo.simulator.messages import Arrival, Observation
from evo.simulator.scheduling.nodes import Estimate
from tests.simulator.scheduling.facade import mirror, pipeline


def test_iteration_goes_by_the_last_parent() -> None:
    """An operator comes when its last parent has been walked, not in order of insertion."""
    made = pipeline(((), (0,), (), (2,), (1, 3)))
    assert [op.evo_number for op in made.values] == [0, 2, 1, 3, 4]
    assert [op.evo_number for op in made.runtime_status().operator_states] == [0, 2, 1, 3, 4]


def test_hashes_are_numbers_and_equality_is_identity() -> None:
    """Sets of operators iterate the same in every process, and no two operators are equal."""
    a, b = pipeline(((), ())), pipeline(((), ()))
    first, second = a.values
    assert {hash(op) for op in a.values} == {0, 1}
    assert next(iter(a.values)) != next(iter(b.values))
    assert list({second, first}) == [first, second]
    assert (repr(first), repr(a)) == ("<Operator 0>", "<Pipeline 0>")


def test_the_true_cost_is_not_there() -> None:
    """What an operator will need is not in the policy's process, and asking says so."""
    (op,) = pipeline(((),)).values
    assert not hasattr(op, "values")
    with pytest.raises(AttributeError, match="hidden from schedulers"):
        op.get_segments()
    with pytest.raises(RuntimeError, match="can't add operators"):
        op.pipeline.new_operator()


def test_estimates_arrive_with_the_pipeline() -> None:
    """Each operator has its own estimate, of the kind of number that was sent."""
    facade = mirror()
    _, (made,) = facade.apply(Observation(3, 0, (Arrival("p", 2, ((), ()), (7, None)),)))
    first, second = made.values
    assert first.estimate == Estimate(7)
    assert isinstance(first.estimate.mem_peak_gb, int)
    assert second.estimate.to_dict() == {"mem_peak_gb": None}
    assert made.runtime_status().arrival_tick == 3
