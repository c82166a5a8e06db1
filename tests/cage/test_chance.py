"""Chance is the same in every run: what is drawn, what `id` says, and the order of sets."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from evo.cage import Cage, Limits
from tests.cage.policies import fault_of, policy


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    """One cage for all."""
    with Cage(Limits(seconds=30)) as cage:
        yield cage


def told(cage: Cage, source: str) -> str:
    """What a policy says by failing."""
    fault = fault_of(cage, source)
    assert fault is not None
    assert fault.kind == "ValueError", fault
    return fault.message


CHANCE = """
import random, numpy as np, uuid, secrets
raise ValueError((
    random.random(), random.Random().random(), random.Random(5).random(), random.SystemRandom().random(),
    np.random.rand(), np.random.default_rng().random(), np.random.RandomState().rand(),
    np.random.SeedSequence().entropy, os.urandom(4), os.getrandom(4), uuid.uuid4(), secrets.token_hex(4),
    random.seed(), random.random(), hash('x'), hash(('x', 1.5)),
))
"""


def test_chance_is_the_same_in_every_run(cage: Cage) -> None:
    """Whatever a policy draws from, with a seed or without, every run of it draws the same, in any process."""
    faults = [fault_of(cage, policy(CHANCE)) for _ in range(2)]
    with Cage(Limits(seconds=30)) as another:
        faults.append(fault_of(another, policy(CHANCE)))
    assert faults[0] is not None
    assert faults[0].kind == "ValueError", faults[0]
    assert faults[0] == faults[1] == faults[2]


def test_draws_without_a_seed_differ_from_each_other(cage: Cage) -> None:
    """Two generators made without a seed are not the same one, and one that is seeded draws what it does anywhere."""
    made = f"a, b = random.Random(), random.Random()\nassert a.random() != b.random()\nassert random.Random(5).random() == {random.Random(5).random()!r}"
    assert fault_of(cage, policy(made)) is None
    assert fault_of(cage, policy("assert os.urandom(8) != os.urandom(8)")) is None


OWN = """
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
class Job:
    def __init__(self, number): self.number = number
class Child(Job): pass
class Slotted:
    __slots__ = ("number", "__weakref__")
    def __init__(self, number): self.number = number
class Old(object):
    def __init__(self, number): self.number = number
class Abstract(ABC):
    def __init__(self, number): self.number = number
@dataclass(eq=False)
class Data:
    number: int
"""
WALK = """
orders = []
for kind in (Job, Child, Slotted, Old, Abstract, Data):
    things = [kind(number) for number in range(50)]
    orders.append([thing.number for thing in set(things)])
results = [Suspend("c1", 0) for _ in range(50)]
orders.append([results.index(one) for one in set(results)])
import heapq
heap = [(0, id(thing), thing) for thing in things]
heapq.heapify(heap)
orders.append([heapq.heappop(heap)[2].number for _ in things])
del things, heap
orders.append([id(Job(0)) for _ in range(3)])
raise ValueError(hash(str((orders, repr(Job(1)), str(s)))))
"""


def test_sets_and_ties_have_the_same_order_in_every_run(cage: Cage) -> None:
    """A set of a policy's own objects is walked in the same order by every process, whatever ran before."""
    source = policy(WALK, OWN)
    first = told(cage, source)
    for before in ("pass", "s.kept = [object() for _ in range(12345)]"):
        assert fault_of(cage, policy(before)) is None
        assert told(cage, source) == first
    with Cage(Limits(seconds=30)) as another:
        assert told(another, source) == first


def test_objects_behave_as_before(cage: Cage) -> None:
    """Numbers in the place of addresses change nothing that Python promises of them."""
    promises = (
        "a, b = Job(1), Job(1)\nassert a != b and a == a and id(a) != id(b) and id(a) == id(a) and hash(a) == hash(a)\n"
        "assert len({a, b, a}) == 2 and {a: 1}[a] == 1 and type(a) is Job and Job.__mro__[0] is Job\n"
        "assert isinstance(Child(1), Job) and not isinstance(a, Child) and Child.__bases__ == (Job,)\n"
        "import copy\nassert copy.copy(a).number == copy.deepcopy(a).number == 1 and copy.copy(a) != a\n"
        "kept = {id(thing): thing for thing in [Job(n) for n in range(1000)]}\nassert len(kept) == 1000\n"
        "x, y = [], []\nassert id(x) != id(y) and id(x) == id(x)\n"
        "@dataclass\nclass Equal:\n    n: int\nassert Equal(1) == Equal(1) and repr(Equal(1)).endswith('Equal(n=1)')\n"
        "try:\n    hash(Equal(1))\nexcept TypeError:\n    pass\nelse:\n    assert False\n"
        "@dataclass(frozen=True)\nclass Frozen:\n    n: int\nassert hash(Frozen(1)) == hash(Frozen(1)) and len({Frozen(1), Frozen(1)}) == 1\n"
        "@dataclass(slots=True, order=True)\nclass Slots:\n    n: int\nassert Slots(1) < Slots(2)\n"
        "class Own:\n    def __hash__(self): return 7\nassert hash(Own()) == 7\n"
        "class Same:\n    def __eq__(self, other): return True\nassert Same.__hash__ is None\n"
        "class Base:\n    def __init_subclass__(cls, **more): cls.more = more\n"
        "class Derived(Base, x=1):\n    pass\nassert Derived.more == {'x': 1}\n"
        "class Super:\n    def go(self): return super().__init__()\nSuper().go()\n"
        "class Needs(ABC):\n    @abstractmethod\n    def go(self): ...\n"
        "try:\n    Needs()\nexcept TypeError:\n    pass\nelse:\n    assert False\n"
    )
    assert fault_of(cage, policy(promises, OWN)) is None
