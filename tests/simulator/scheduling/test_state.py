"""Two equal pictures of a policy's state mean that nothing in it can tell two moments apart."""

from __future__ import annotations

import collections
import copy
import itertools
import random
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.scheduling import state
from evo.simulator.scheduling.loading import compiled, execute, parse
from evo.simulator.scheduling.state import Repetition, picture

SCALARS = st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=False) | st.text(max_size=2)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.integers(0, 3), inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3).map(collections.deque)
    ),
    max_leaves=8,
)


def own(source: str) -> dict[str, Any]:
    """The names of a policy's module."""
    return execute(compiled(parse(source)), {}, __import__)


@settings(max_examples=80)
@given(VALUES)
def test_a_copy_has_the_same_picture(value: Any) -> None:
    """What was rebuilt alike looks alike; scalars are shared by copies, as by the original."""
    assert picture([value]) == picture([copy.deepcopy(value)])


@settings(max_examples=80)
@given(VALUES, VALUES)
def test_pictures_of_unequal_values_differ(one: Any, two: Any) -> None:
    """A picture hides no difference that Python itself sees."""
    if picture([one]) == picture([two]):
        assert one == two


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        ([1], (1,)),
        ({1: 1, 2: 2}, {2: 2, 1: 1}),
        ([[], []], [[]] * 2),
        ([0.1 + 0.2, 0.1 + 0.2], [0.1 + 0.2] * 2),
        (collections.deque([1], 2), collections.deque([1], 3)),
        ([1, [2]], [1, [2, 3]]),
        ([[1], 2], [[1, 2]]),
        (random.Random(1), random.Random(1)),
    ],
)
def test_what_is_told_apart(one: Any, two: Any) -> None:
    """Kinds of number, signs, orders, limits, and who shares what."""
    x = random.random()
    if isinstance(one, list) and isinstance(one[0], float):
        one, two = [x * 3, x * 3], [x * 3] * 2
    assert picture([one]) is not None
    assert picture([one]) != picture([two])


SOURCE = """
import functools
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple
class Kind(Enum):
    A = []
def plain(x, seen=[]): pass
def closed():
    n = []
    def inner(): return n
    return inner
inner = closed()
class Job:
    table = []
    def __init__(self): self.size = [1]
    def method(self, seen=[]): pass
    @property
    def prop(self, seen=[]): pass
    @staticmethod
    def static(seen=[]): pass
class Slim:
    __slots__ = ('a', 'b')
class Row(NamedTuple):
    a: list
job, slim, row = Job(), Slim(), Row([])
slim.a = []
bound = job.method
add = job.size.append
part = functools.partial(plain, [])
plain.note = []
"""
PLACES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a default": lambda m: m["plain"].__defaults__[0],
    "a closure": lambda m: m["inner"].__closure__[0].cell_contents,
    "a class": lambda m: m["Job"].table,
    "an object": lambda m: m["job"].size,
    "a method's default": lambda m: m["Job"].method.__defaults__[0],
    "a property's default": lambda m: m["Job"].prop.fget.__defaults__[0],
    "a static method's default": lambda m: m["Job"].static.__defaults__[0],
    "slots": lambda m: m["slim"].a,
    "a named tuple": lambda m: m["row"].a,
    "an enumeration": lambda m: m["Kind"].A.value,
    "a partial": lambda m: m["part"].args[0],
    "a function's attribute": lambda m: m["plain"].note,
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_every_hiding_place_is_seen(place: Callable[[dict[str, Any]], Any]) -> None:
    """Wherever a policy keeps a list, a new element of it shows."""
    names = {name: value for name, value in own(SOURCE).items() if not name.startswith("__")}
    before = picture([names])
    assert before is not None
    assert before == picture([names])
    place(names).append(1)
    assert picture([names]) != before


@pytest.mark.parametrize("name", ["bound", "add", "job"])
def test_methods_lead_to_their_objects(name: str) -> None:
    """A method that was kept holds its object."""
    names = own(SOURCE)
    before = picture([names[name]])
    names["job"].size.append(1)
    assert before is not None
    assert picture([names[name]]) != before


@pytest.mark.parametrize(
    "value",
    [
        iter([1]),
        {1: []}.values(),
        bytearray(),
        types.SimpleNamespace(),
        np.zeros(2),
        own("class L(list): pass\nx = L()")["x"],
    ],
)
def test_no_picture_of_what_hides_its_inside(value: Any) -> None:
    """Rather no answer than a wrong one."""
    assert picture([[value]]) is None


def test_counts_show_their_number() -> None:
    """The stand-in for `itertools.count` is seen through."""
    from evo.simulator.scheduling.shadows import shadows
    from evo.simulator.scheduling.watch import Watch

    counts = [shadows(Watch())["itertools"]["count"](n) for n in (1, 1, 2)]
    one, same, other = (picture([count])[1][1:] for count in counts)  # type: ignore[index]
    assert one == same != other


def test_cycles_end() -> None:
    """A list that holds itself has a picture like any other."""
    loop: list[Any] = [1]
    loop.append(loop)
    assert picture([loop]) == picture([loop])


def test_a_huge_state_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a size the walk is given up."""
    monkeypatch.setattr(state, "MOST_VALUES", 50)
    assert picture([list(range(40))]) is not None
    assert picture([list(range(60))]) is None


def test_repetition_is_found_in_two_calls_and_given_up_for_longer_and_longer() -> None:
    """A state that comes back is found at once; looking for one that does not costs ever less."""
    moving = itertools.count()
    looks: list[int] = []
    changing = True

    def roots() -> list[Any]:
        looks.append(1)
        return [next(moving) if changing else 0]

    repetition = Repetition(roots)
    assert not any(repetition.reached(tick) for tick in range(1000))
    assert len(looks) < 25
    changing = False
    found = [tick for tick in range(1000, 3000) if repetition.reached(tick)]
    assert len(found) > 900
    assert found == list(range(found[0], 3000))


def test_repetition_needs_neighbouring_ticks() -> None:
    """Two pictures with other calls between them prove nothing."""
    repetition = Repetition(lambda: [0])
    assert [repetition.reached(tick) for tick in (1, 3, 5, 7)] == [False, False, False, False]
