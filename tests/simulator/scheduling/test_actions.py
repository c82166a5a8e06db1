"""Assignments check themselves and move their operators at once, as upstream's do."""

from __future__ import annotations

from typing import Any

import pytest

from evo.simulator.scheduling.actions import Assignment, ExecutionResult, Suspend
from evo.simulator.states import OperatorState, Priority
from tests.simulator.scheduling.facade import DIAMOND, pipeline


@pytest.mark.parametrize(
    ("ops", "cpu", "ram", "message"),
    [
        ([], 0, 0, "assignments cannot have zero operators"),
        ([None], 0, 0, "must assign positive CPU allocation, got 0"),
        ([None], 0.5, -1.5, "must assign positive RAM allocation, got -1.5"),
        ([None], float("nan"), 1, "must assign positive CPU allocation, got nan"),
    ],
)
def test_checks_come_in_upstreams_order(ops: list[Any], cpu: float, ram: float, message: str) -> None:
    """Operators are counted first, then CPUs and RAM are looked at, all before anything is moved."""
    with pytest.raises(AssertionError) as caught:
        Assignment(ops, cpu, ram, Priority.QUERY, 0, "p")
    assert str(caught.value) == message


def test_operators_are_assigned_at_once_and_in_order() -> None:
    """If the second operator can't be assigned, the first stays assigned; the host is told of it."""
    made = pipeline(DIAMOND)
    first, second, third, _ = made.values
    ops = [first, second]
    kept = Assignment(ops, 1, 1, made.priority, 0, "p")
    assert kept.ops is ops
    with pytest.raises(AssertionError, match="from assigned to assigned"):
        Assignment(ops=[third, second], cpu=1, ram=1, priority=made.priority, pool_id=0, pipeline_id="p")
    assert [op.state() for op in (first, second, third)] == [OperatorState.ASSIGNED] * 3
    watch = made.runtime_status().clock.evo_watch
    assert watch.assigned == [0, 1, 2]
    assert not watch.still


def test_what_is_no_operator_fails_as_upstream() -> None:
    """Anything without a `transition` is met where upstream meets it."""
    with pytest.raises(AttributeError, match="'str' object has no attribute 'transition'"):
        Assignment("ab", 1, 1, Priority.QUERY, 0, "p")
    (op,) = pipeline(((),)).values
    with pytest.raises(TypeError, match="object of type 'Operator' has no len"):
        Assignment(op, 1, 1, Priority.QUERY, 0, "p")


def test_objects_read_as_upstreams() -> None:
    """Attributes, texts and plain data."""
    (op,) = pipeline(((),)).values
    made = Assignment([op], 2, 3.5, Priority.QUERY, 1, "p", None, True)
    assert repr(made) == "Assignment: allocate container with 2 CPUs, 3.5GB RAM for pipeline p"
    assert (made.container_id, made.is_resume, made.force_run) == (None, True, False)
    suspend = Suspend("c1", 0)
    assert (suspend.container_id, suspend.pool_id) == ("c1", 0)
    good = ExecutionResult([op], 2, 3.5, Priority.QUERY, 1, "c1")
    bad = ExecutionResult([op], 2, 3.5, Priority.QUERY, 1, "c1", "OOM")
    assert (good.failed(), bad.failed()) == (False, True)
    assert repr(good) == "container succeeded: container=c1 cpus=2 ram_gb=3.5"
    assert repr(bad) == "container failed OOM: container=c1 cpus=2 ram_gb=3.5"
    assert bad.to_dict() == {
        "ops": [str(op.id)],
        "cpu": 2,
        "ram": 3.5,
        "priority": "QUERY",
        "pool_id": 1,
        "container_id": "c1",
        "error": "OOM",
    }
