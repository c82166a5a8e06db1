"""A ledger that adds up on demand says what one says that adds in every tick."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.container import Container, Stretch
from evo.simulator.memory import Ledger
from evo.simulator.progress import Operator, Pipeline
from evo.simulator.states import Priority
from evo.simulator.sums import compensated_sum
from evo.simulator.trace import OperatorSpec, PipelineSpec

LENGTH = 1.0 / 40
SPEC = PipelineSpec("p", Priority.QUERY, (OperatorSpec((), 1, "const", None, 55),))


def container(number: int, tick: int) -> Container:
    """A container that was created in a tick; what it runs is told by its stretches."""
    return Container(number, [Operator(0, Pipeline(0, 0, SPEC, 0, float("inf")))], 1, 100, tick)


def reading(number: int, began: int, storage: float, before: float) -> Stretch:
    """An operator that reads so many GB, after one that left so much."""
    steps = int(storage / 20 / LENGTH)
    return Stretch(number, began, began + steps, storage, before, LENGTH)


@dataclass
class Walker:
    """The same accumulator, walked tick by tick."""

    consumed: float = 0.0
    held: dict[int, float] = field(default_factory=dict)

    def tick(self, tick: int, members: dict[int, Container], ended: list[int]) -> None:
        """Upstream's order: each changes the sum in active order, then what remains is summed afresh."""
        for number, member in members.items():
            level = member.stretch.level(tick)
            self.consumed += level - self.held.get(number, 0.0)
            self.held[number] = level
        for number in ended:
            del self.held[number]
        if ended:
            self.consumed = compensated_sum(self.held.values())


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("start", "start", "next", "end", "ask", "sample", "sample")),
        st.integers(0, 30),
        st.floats(0.1, 60),
        st.integers(0, 9),
    ),
    min_size=3,
    max_size=25,
)


@settings(max_examples=150)
@given(EVENTS)
def test_asked_seldom_or_always_it_is_the_same_sum(events: list[tuple[str, int, float, int]]) -> None:
    """Containers start, go on to other operators and end; somebody asks or takes samples now and then, and at the end."""
    members: dict[int, Container] = {}
    ledger, walker = Ledger(members), Walker()
    taken: list[float] = []
    tick = number = 0
    for kind, wait, storage, which in events:
        for _ in range(wait):
            walker.tick(tick, members, [])
            tick += 1
        chosen = sorted(members)[which % len(members)] if members else 0
        ended: list[int] = []
        if kind == "start" or (kind == "next" and not chosen):
            number += 1
            members[number] = container(number, tick)
            members[number].stretch = reading(number, tick, storage, 0.0)
        elif kind == "next" and members[chosen].stretch.end < tick:
            former = members[chosen].stretch
            ledger.supersede(former)
            members[chosen].stretch = reading(chosen, tick, storage, former.level(tick))
        elif kind == "end" and chosen:
            ended = [chosen]
        walker.tick(tick, members, ended)
        for gone in ended:
            del members[gone]
            ledger.restart(tick)
        if kind == "sample":
            ledger.sample([tick])
            taken.append(walker.consumed)
        if kind == "ask":
            assert float(ledger.at(tick)).hex() == float(walker.consumed).hex()
        tick += 1
    asked = []
    for _ in range(60):
        walker.tick(tick, members, [])
        asked.append((tick, walker.consumed))
        tick += 1
    some = asked[::7]
    ledger.sample([when for when, _ in some])
    assert ledger.samples == [*taken, *(consumed for _, consumed in some)]


def test_nothing_at_all_is_an_int() -> None:
    """Odd, and visible to a policy: before any container 0.0, and after the last one ended 0."""
    ledger = Ledger({})
    assert repr(ledger.at(3)) == "0.0"
    ledger.restart(4)
    assert repr(ledger.at(9)) == "0"
