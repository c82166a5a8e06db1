"""Pipelines behave as upstream's, seen from outside, though little of them is there at first."""

from __future__ import annotations

import copy
import re

from evo.simulator.messages import Observation
from evo.simulator.states import ASSIGNABLE_STATES, OperatorState, Priority
from tests.simulator.scheduling.facade import DIAMOND, arrival, mirror, pipeline

ASSIGNED = OperatorState.ASSIGNED


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


def test_ids_are_distinct_and_the_same_in_every_run() -> None:
    """Ids are UUIDs that follow from the order of arrival alone."""
    one, two = pipeline(DIAMOND), pipeline(DIAMOND)
    ids = [one.id, one.values.dag_id, *(op.id for op in one.values)]
    assert len(set(ids)) == len(ids)
    assert ids == [two.id, two.values.dag_id, *(op.id for op in two.values)]
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(node)) for node in ids)


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


def test_nothing_is_made_before_somebody_looks() -> None:
    """A pipeline that only waits costs next to nothing, and of its operators there are those that were asked for."""
    facade = mirror()
    _, (one, two) = facade.apply(Observation(0, 0, (arrival("p", DIAMOND), arrival("q", DIAMOND))))
    assert facade.run.operators == {}
    (root,) = two.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True)
    assert facade.run.operators == {4: root}
    root.transition(ASSIGNED)
    assert next(op.state() for op in two.values) is ASSIGNED
    assert list(facade.run.operators) == [4, 5, 6, 7]
    assert two.values.roots[0] is root
    assert one.pipeline_id == "p"
    assert list(facade.run.operators) == [4, 5, 6, 7]


def test_the_status_tells_of_the_arrival_whenever_it_is_made() -> None:
    """It is made later than upstream's, and says the same."""
    facade = mirror(max_job_seconds=0.5)
    _, (made,) = facade.apply(Observation(2, 0, (arrival("p"),)))
    facade.apply(Observation(7, 0))
    assert made.runtime_status().arrival_tick == 2
    assert made.runtime_status().has_timed_out()


def test_a_copy_shares_graph_and_status() -> None:
    """A shallow copy is one more name for the same operators, even if nobody had looked at them."""
    made = pipeline(DIAMOND)
    twin = copy.copy(made)
    assert twin.runtime_status() is made.runtime_status()
    assert list(twin.values) == list(made.values)
