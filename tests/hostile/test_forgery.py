"""A policy that has taken its process over may answer anything that a message can hold: it gains nothing by it.

The engine is driven here by drawn replies, without any host between. Whatever they say the run ends in statistics or
in the policy's failure, and statistics only of a run that keeps to the laws.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from evo.evaluation.metrics import failure
from evo.population import Failure
from evo.simulator.audit import Laws
from evo.simulator.engine import simulate
from evo.simulator.messages import Fault, MemoryProbe, Observation, Order, Reply
from evo.simulator.parameters import Parameters
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.workload import generate
from tests.simulator.test_audit import watched

WORLD = {
    "duration": 20,
    "ticks_per_second": 10,
    "num_pools": 2,
    "cpus_per_pool": 16,
    "ram_gb_per_pool": 200,
    "waiting_seconds_mean": 3.0,
    "num_operators": 2,
    "random_seed": 5,
}
OPERATORS = st.integers(0, 12) | st.integers(-(2**63), 2**63 - 1)
AMOUNTS = st.sampled_from([1, 2, 4.0, 60, 60.5, 1e-9]) | st.floats() | st.integers(-(2**63), 2**63 - 1)
POOLS = st.sampled_from([0, 1, 0.0, 1.0, None, "0", math.nan, 7, -1]) | st.floats() | st.text(max_size=3)
ORDERS = st.builds(
    Order, st.lists(OPERATORS, max_size=3).map(tuple), AMOUNTS, AMOUNTS, POOLS, st.text(max_size=3)
)
FAULTS = st.builds(
    Fault,
    st.sampled_from(["init", "policy", "executor", "bookkeeping", "statistics", "", "moon"]),
    st.sampled_from(["ValueError", "cheating", "time", "unscored", "", "\x1b[2J"]),
    st.text(max_size=5),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=5),
    st.booleans(),
)


PLAUSIBLE = st.builds(
    Order,
    st.lists(st.integers(0, 9), min_size=1, max_size=2).map(tuple),
    st.sampled_from([1, 2.0]),
    st.sampled_from([30, 60.0]),
    st.integers(0, 1),
    st.just("p"),
)


@st.composite
def replies(draw: Any) -> tuple[int, Reply]:
    """A reply, and by how many ticks it misses the one that it is for: one in three is forged, the others may be honest."""
    forged = draw(st.integers(0, 2)) == 0
    orders = draw(st.lists(ORDERS if forged else PLAUSIBLE, max_size=2).map(tuple))
    containers = st.none() | st.integers(-1, 9) | OPERATORS
    assigned = [number for order in orders for number in order.ops]
    return draw(st.sampled_from([0, 0, 0, 1, -1, 2**40])) if forged else 0, Reply(
        tick=0,
        every_tick=draw(st.booleans()),
        assigned=tuple(draw(st.lists(OPERATORS, max_size=3)) if forged else assigned),
        suspensions=draw(st.lists(st.tuples(containers, POOLS), max_size=2).map(tuple)) if forged else (),
        orders=orders,
        arrivals_left=draw(st.integers(-(2**63), 2**63 - 1)),
        fault=draw(st.none() | FAULTS) if forged else None,
        until_news=draw(st.booleans()),
    )


class Forger:
    """Gives one drawn answer after the other, then none but honest silence."""

    def __init__(self, answers: list[tuple[int, Reply]]) -> None:
        self.answers = answers

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Nothing to prepare."""
        return None

    def decide(self, observation: Observation) -> Reply:
        """The next answer, if there is one, in the first granted tick."""
        if not self.answers:
            return Reply(observation.tick + observation.quiet, every_tick=False)
        off, reply = self.answers.pop(0)
        sent = msgspec.msgpack.encode(msgspec.structs.replace(reply, tick=observation.tick + off))
        return msgspec.msgpack.decode(sent, type=Reply)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(replies(), max_size=12), st.booleans(), st.booleans())
def test_no_answer_breaks_the_engine_or_a_law(
    answers: list[tuple[int, Reply]], several: bool, overcommit: bool
) -> None:
    """Any replies whatever end in a failure of the policy, or in a run that is lawful."""
    more = {"multi_operator_containers": several, "allow_memory_overcommit": overcommit}
    parameters = Parameters.complete({**WORLD, **more})
    schedule = generate(parameters)
    with watched(pytest.MonkeyPatch()) as seen:
        result = simulate(Forger(list(answers)), schedule, parameters, seen.witness)
    if isinstance(result, RunFailure):
        told = failure(result, "t")
        assert isinstance(told, Failure)
        assert all(letter.isprintable() or letter == "\n" for letter in told.message + told.printed)
        event(told.kind.value)
    else:
        assert isinstance(result, SimulatorStats)
        assert result.pipelines_all.arrival_count == sum(len(specs) for _, specs in schedule)
        event("ended")
    if seen.tallies:
        assert Laws(schedule, parameters).audit(seen.witness.ran, seen.finished, seen.tallies[0]) is None
