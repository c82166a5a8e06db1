"""What is asked about a pipeline's operators is answered as upstream does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.messages import Observation
from evo.simulator.scheduling.nodes import Operator
from evo.simulator.states import ASSIGNABLE_STATES, STATES, OperatorState
from tests.simulator.scheduling.facade import DIAMOND, arrival, mirror, pipeline

PENDING, ASSIGNED, RUNNING, SUSPENDING, COMPLETED, FAILED = STATES


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
