"""Pipelines and operators behave as upstream's, seen from outside."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.messages import Arrival, Observation
from evo.simulator.scheduling.nodes import Estimate, Operator
from evo.simulator.states import ASSIGNABLE_STATES, STATES, OperatorState, Priority
from tests.simulator.scheduling.facade import DIAMOND, arrival, mirror, pipeline

PENDING, ASSIGNED, RUNNING, SUSPENDING, COMPLETED, FAILED = STATES


def test_a_pipeline_shows_its_graph() -> None:
    """Roots, parents, children and the order of iteration are those that were sent."""
    made = pipeline(DIAMOND)
    root, left, right, last = made.values
    assert made.values.roots == [root]
    assert root.children == [left, right]
    assert last.parents == [left, right]
    assert last.pipeline is made
    assert len(made.values) == 4
    assert made.values.find_node_by_id(right.id) is right
    assert list(made.values.node_lookup) == made.values.node_ids
    assert made.priority is Priority.QUERY
    assert made.runtime_status() is made.runtime_status()


def test_iteration_goes_by_the_last_parent() -> None:
    """An operator comes when its last parent has been walked, not in order of insertion."""
    made = pipeline(((), (0,), (), (2,), (1, 3)))
    assert [op.evo_number for op in made.values] == [0, 2, 1, 3, 4]
    assert [op.evo_number for op in made.runtime_status().operator_states] == [0, 2, 1, 3, 4]


def test_a_parent_named_twice_yields_its_child_twice() -> None:
    """Upstream counts such an operator as pending once too often, and as one operator everywhere else."""
    made = pipeline(((), (0, 0)))
    status = made.runtime_status()
    assert [op.evo_number for op in made.values] == [0, 1, 1]
    assert status.state_counts[PENDING] == 3
    assert len(made.values) == len(status.operator_states) == 2
    first, second = status.get_ops(PENDING)
    assert status.get_ops(ASSIGNABLE_STATES, require_parents_complete=True) == [first]
    for op in (first, second):
        for state in (ASSIGNED, RUNNING, COMPLETED):
            status.evo_move(op, state)
    assert status.is_pipeline_successful()
    assert (status.state_counts[PENDING], status.state_counts[COMPLETED]) == (1, 2)


def test_hashes_are_numbers_and_equality_is_identity() -> None:
    """Sets of operators iterate the same in every process, and no two operators are equal."""
    a, b = pipeline(((), ())), pipeline(((), ()))
    first, second = a.values
    assert {hash(op) for op in a.values} == {0, 1}
    assert next(iter(a.values)) != next(iter(b.values))
    assert list({second, first}) == [first, second]
    assert (repr(first), repr(a)) == ("<Operator 0>", "<Pipeline 0>")


def test_ids_are_distinct_and_the_same_in_every_run() -> None:
    """Ids are UUIDs that follow from the order of arrival alone."""
    one, two = pipeline(DIAMOND), pipeline(DIAMOND)
    ids = [one.id, one.values.dag_id, *(op.id for op in one.values)]
    assert len(set(ids)) == len(ids)
    assert ids == [two.id, two.values.dag_id, *(op.id for op in two.values)]
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(node)) for node in ids)


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


def test_only_the_executor_completes_operators() -> None:
    """Impossible moves fail in upstream's words, and possible ones other than assigning are not the scheduler's."""
    made = pipeline(DIAMOND)
    root, left, *_ = made.values
    with pytest.raises(AssertionError) as caught:
        root.transition(COMPLETED)
    assert (
        str(caught.value) == f"Cannot transition operator {root.id} in pipeline p from pending to completed"
    )
    root.transition(ASSIGNED)
    with pytest.raises(RuntimeError, match="only the executor moves operators to running"):
        root.transition(RUNNING)
    left.transition(ASSIGNED)
    with pytest.raises(AssertionError, match=r"^Dependencies not satisfied$"):
        left.transition(RUNNING)
    with pytest.raises(KeyError):
        pipeline(DIAMOND).runtime_status().transition(root, ASSIGNED)


def test_deadlines_follow_the_clock_without_a_touch() -> None:
    """A pipeline times out by itself; the engine calls the policy in that tick, so asking is no reading of the clock."""
    facade = mirror(max_job_seconds=0.5)
    _, (made,) = facade.apply(Observation(2, 0, (arrival("p"),)))
    status = made.runtime_status()
    seen = []
    for tick in (6, 7, 8):
        facade.clock.evo_watch.begin(tick)
        seen.append((status.has_timed_out(), made.to_dict()["timed_out"]))
    assert seen == [(False, False), (True, True), (True, True)]
    assert facade.clock.evo_watch.still
    for state in (ASSIGNED, RUNNING, COMPLETED):
        status.evo_move(next(iter(made.values)), state)
    assert not status.has_timed_out()


def test_latency_is_known_once_recorded() -> None:
    """Before its completion is recorded, a pipeline has no latency."""
    facade = mirror()
    _, (made,) = facade.apply(Observation(2, 0, (arrival("p"),)))
    with pytest.raises(AssertionError, match="finish_tick not recorded"):
        made.runtime_status().get_latency_ticks()
    facade.apply(Observation(8, 0, finished=(0,)))
    assert made.runtime_status().get_latency_ticks() == 5


def test_a_pipeline_as_plain_data() -> None:
    """`to_dict` has what upstream's has."""
    made = pipeline(((), (0,)))
    first, second = made.values
    made.runtime_status().evo_move(first, ASSIGNED)
    assert made.to_dict() == {
        "pipeline_id": "p",
        "priority": "QUERY",
        "arrival_tick": 0,
        "is_complete": False,
        "has_failures": False,
        "timed_out": False,
        "operators": [
            {
                "id": str(op.id),
                "state": state,
                "is_assignable_state": assignable,
                "parents_complete": op is first,
                "estimate": {"mem_peak_gb": None},
            }
            for op, state, assignable in ((first, "assigned", False), (second, "pending", True))
        ],
    }


def by_definition(made: list[Operator], states: list[OperatorState], *, ready: bool) -> list[Operator]:
    """`get_ops` as upstream defines it."""
    return [
        op
        for op in made
        if op.state() in states and not (ready and any(parent.state() != COMPLETED for parent in op.parents))
    ]


@settings(max_examples=60)
@given(
    parents=st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            *(st.lists(st.integers(0, max(i - 1, 0)), max_size=2 * (i > 0)).map(tuple) for i in range(n))
        )
    ),
    moves=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(STATES)), max_size=25),
    looked=st.booleans(),
)
def test_questions_are_answered_from_the_states(
    parents: tuple[tuple[int, ...], ...], moves: list[tuple[int, OperatorState]], *, looked: bool
) -> None:
    """Whatever happens, in whatever order and however often one asks, the answers are those of the definitions."""
    made = pipeline(parents)
    status = made.runtime_status()
    repeats = len(list(made.values)) - len(made.values)
    ops = list(dict.fromkeys(made.values))
    for place, state in moves:
        op = ops[place % len(ops)]
        possible, _ = status.check_transition(op, state)
        if possible:
            status.evo_move(op, state)
        if looked:
            assert status.state_counts[state] >= 0
            assert status.operator_states[op] is op.state()
        for ready in (False, True):
            for wanted in ([PENDING], [FAILED, COMPLETED], list(ASSIGNABLE_STATES)):
                assert status.get_ops(wanted, ready) == by_definition(ops, wanted, ready=ready)
            assert status.get_ops(ASSIGNABLE_STATES, ready) == by_definition(
                ops, [PENDING, FAILED], ready=ready
            )
            assert status.get_ops(PENDING, ready) == by_definition(ops, [PENDING], ready=ready)
        assert status.is_pipeline_successful() == all(op.state() is COMPLETED for op in ops)
    counted = {state: sum(op.state() is state for op in ops) for state in STATES}
    counted[PENDING] += repeats
    assert status.state_counts == counted
    assert status.operator_states == {op: op.state() for op in ops}


def test_the_list_of_ready_operators_is_the_callers() -> None:
    """Taking operators out of the list that `get_ops` gives changes nothing else."""
    status = pipeline(DIAMOND).runtime_status()
    status.get_ops(ASSIGNABLE_STATES).clear()
    assert len(status.get_ops(ASSIGNABLE_STATES)) == 4
