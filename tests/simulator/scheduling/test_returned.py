"""Whatever a policy returns is read as upstream would, up to where upstream would stumble."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from evo.simulator.messages import Observation, Order
from evo.simulator.scheduling.actions import Assignment, Suspend
from evo.simulator.scheduling.mirror import Mirror
from evo.simulator.scheduling.nodes import Operator
from evo.simulator.scheduling.returned import Reading, nothing
from evo.simulator.states import Priority
from tests.simulator.scheduling.facade import arrival, mirror, pipeline


@dataclass
class Lookalike:
    """Something with the attributes of an Assignment."""

    ops: Any
    cpu: Any = 1
    ram: Any = 2
    pool_id: Any = 0
    pipeline_id: Any = "p"
    priority: Any = None


def world() -> tuple[Mirror, list[Operator]]:
    """A facade with three operators, the first of which runs as "c1"."""
    facade = mirror()
    _, (made,) = facade.apply(Observation(0, 0, (arrival("p", ((), (), ())),)))
    first, *rest = made.values
    assignment = Assignment([first], 1, 1, Priority.QUERY, 0, "p")
    facade.answered(0, [assignment], [Order((0,), 1, 1, 0, "p")])
    facade.apply(Observation(1, 0, started=((1, 0),)))
    return facade, rest


def read(returned: Any) -> Reading:
    """A reading in that world."""
    facade, _ = world()
    reading = facade.reading()
    reading.read(returned)
    return reading


def failing(returned: Any) -> tuple[str, str, str]:
    """Where and how reading fails."""
    facade, _ = world()
    reading = facade.reading()
    with pytest.raises((AttributeError, TypeError, ValueError)) as caught:
        reading.read(returned)
    return reading.phase, caught.type.__name__, str(caught.value)


@pytest.mark.parametrize("returned", [([], []), [[], []]])
def test_two_empty_lists_are_nothing(returned: Any) -> None:
    """The plain way of doing nothing."""
    assert nothing(returned)


@pytest.mark.parametrize(
    "returned", [None, [], ((), ()), ([], [1]), ([1], []), ([], [], []), "ab", ({}, {}), iter([[], []])]
)
def test_anything_else_is_looked_at(returned: Any) -> None:
    """What is not plainly nothing goes through the reading."""
    assert not nothing(returned)


@pytest.mark.parametrize(
    "name",
    [
        "c0",
        "c2",
        "c01",
        "C1",
        "1",
        "c",
        "c-1",
        "c+1",
        "c 1",
        "c1 ",
        "c\u0661",
        "c" + "1" * 5000,
        "",
        b"c1",
        1,
        None,
    ],
)
def test_only_the_ids_of_containers_name_containers(name: Any) -> None:
    """An id is compared as text: whatever else would be read as the same number names nothing."""
    assert read(([Suspend("c1", 0), Suspend(name, 0)], [])).suspensions == ((1, 0), (None, 0))


def test_actions_become_numbers() -> None:
    """Operators and containers are known by their numbers; kinds of number stay."""
    facade, (second, third) = world()
    reading = facade.reading()
    made = Assignment([third, second], 1.5, 2, Priority.QUERY, 1, "p")
    reading.read(((Suspend("c1", 0), Suspend("c9", 1), Suspend(["c1"], None)), [made]))
    assert reading.suspensions == ((1, 0), (None, 1), (None, None))
    assert (reading.assignments, reading.orders) == ([made], (Order((2, 1), 1.5, 2, 1, "p"),))
    order = reading.orders[0]
    assert (type(order.cpu), type(order.ram)) == (float, int)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (True, 1),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(1), 1),
        (2**70, float(2**70)),
        (10**400, float("inf")),
        (-0.0, -0.0),
    ],
)
def test_numbers_become_pythons(given: Any, kept: float) -> None:
    """Scalars of numpy and bools are numbers; what no message can hold is the nearest float."""
    order = read(([], [Lookalike([], cpu=given)])).orders[0]
    assert (order.cpu, type(order.cpu)) == (kept, type(kept))


@pytest.mark.parametrize("given", [Decimal(1), "1", None, np.zeros(1), 1j])
def test_other_kinds_of_number_are_faults(given: Any) -> None:
    """Only ints and floats, of Python and of numpy, are amounts."""
    phase, kind, message = failing(([], [Lookalike([], ram=given)]))
    assert (phase, kind) == ("executor", "TypeError")
    assert message == f"ram of an assignment must be an int or a float, got {type(given).__name__}"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (1, 1),
        (1.0, 1.0),
        (0.5, 0.5),
        ("0", "0"),
        (None, None),
        (True, 1),
        (np.int64(1), 1),
        (Decimal(0), 0),
        ((0,), None),
        (2**80, None),
    ],
)
def test_a_pool_is_named_by_whatever_equals_its_number(given: Any, kept: Any) -> None:
    """Upstream compares with ==; what equals no pool is kept if it can be, and is none otherwise."""
    order = read(([], [Lookalike([], pool_id=given)])).orders[0]
    assert (order.pool, type(order.pool)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("returned", "failure"),
    [
        (None, ("policy", "TypeError", "cannot unpack non-iterable NoneType object")),
        ([], ("policy", "ValueError", "not enough values to unpack (expected 2, got 0)")),
        ((None, None), ("executor", "TypeError", "'NoneType' object is not iterable")),
        (
            ("suspensions", "assignments"),
            ("executor", "AttributeError", "'str' object has no attribute 'pool_id'"),
        ),
        (([], {"a": 1}), ("executor", "AttributeError", "'str' object has no attribute 'pool_id'")),
        ((iter([]), []), ("bookkeeping", "TypeError", "object of type 'list_iterator' has no len()")),
    ],
)
def test_stumbling_as_upstream(returned: Any, failure: tuple[str, str, str]) -> None:
    """The phase, the type and the words of what can't be read."""
    assert failing(returned) == failure


def test_a_generator_is_read_and_then_not_counted() -> None:
    """Upstream's first pool takes from a generator what is its own; the run fails at the count, after the executor."""
    facade, _ = world()
    reading = facade.reading()
    with pytest.raises(TypeError, match="object of type 'generator' has no len"):
        reading.read(([], (Lookalike([], pool_id=pool) for pool in (0, 1, 0.0))))
    assert reading.phase == "bookkeeping"
    assert [order.pool for order in reading.orders] == [0, 0.0]


def test_operators_of_another_run_are_faults() -> None:
    """An operator must be the very object that arrived."""
    stranger, *_ = pipeline(((), (), ())).values
    phase, kind, message = failing(([], [Lookalike([stranger])]))
    assert (phase, kind, message) == (
        "executor",
        "AttributeError",
        "'Operator' object is no operator of this run",
    )
    assert failing(([], [Lookalike(["o"])]))[1:] == (
        "AttributeError",
        "'str' object is no operator of this run",
    )
