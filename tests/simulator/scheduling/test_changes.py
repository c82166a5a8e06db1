"""Changes of the policy's own state are told from changes of anything else."""

from __future__ import annotations

import collections
import types
from typing import Any

import pytest

from evo.simulator.messages import Observation
from evo.simulator.scheduling.actions import ExecutionResult
from evo.simulator.scheduling.changes import ALTER, CHANGE, REPLACE, TOUCH, hooks
from evo.simulator.scheduling.loading import MODULE
from evo.simulator.scheduling.shadows import shadows
from evo.simulator.scheduling.watch import Watch
from tests.simulator.scheduling.facade import arrival, mirror

OWN = type("Own", (), {"__module__": MODULE})


def told(name: str, value: Any) -> tuple[bool, bool]:
    """Whether the call stays calm, and still, when this is told."""
    watch = Watch()
    watch.begin(0)
    hooks(watch)[name](value)
    return watch.calm, watch.still


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        collections.deque(),
        collections.Counter(),
        OWN(),
        OWN,
        ExecutionResult([], 1, 1, None, 0),
        mirror().scheduler,
    ],
)
def test_the_policys_own_state(value: Any) -> None:
    """Lists, dicts, objects and classes of the policy's can be looked at afterwards."""
    assert told(CHANGE, value) == (True, False)


@pytest.mark.parametrize(
    "value", [set(), bytearray(), types.SimpleNamespace(), object(), mirror().executor, print, None]
)
def test_anything_else(value: Any) -> None:
    """What can't be looked at, or not in full (the order of a set), spoils the call."""
    assert told(CHANGE, value) == (False, False)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        (1, (True, True)),
        ("a", (True, True)),
        ((), (True, True)),
        ([], (True, False)),
        (set(), (False, False)),
    ],
)
def test_replacing(value: Any, result: tuple[bool, bool]) -> None:
    """`x += 1` leaves a number alone, but may change a list in place."""
    assert told(REPLACE, value) == result


def test_the_object_is_given_back() -> None:
    """The instrumented code goes on with the very object."""
    watch = Watch()
    value: list[int] = []
    assert hooks(watch)[CHANGE](value) is value
    hooks(watch)[ALTER]()
    assert watch.calm
    hooks(watch)[TOUCH]()
    assert not watch.calm


def test_the_stand_in_for_defaultdict_is_a_container() -> None:
    """It may be filled and emptied like any dict."""
    watch = Watch()
    defaultdict = shadows(watch)["collections"]["defaultdict"]
    hooks(watch, defaultdict)[CHANGE](defaultdict(list))
    assert watch.calm


def test_marked_objects_of_the_facade_are_remembered() -> None:
    """What a policy ties to a pipeline is part of its state from then on."""
    facade = mirror()
    _, (pipeline,) = facade.apply(Observation(0, 0, (arrival("p"),)))
    watch = facade.clock.evo_watch
    hooks(watch)[CHANGE](pipeline)
    assert list(watch.tagged.values()) == [pipeline]
    assert not watch.lost
    hooks(watch)[CHANGE](type(pipeline))
    assert watch.lost
