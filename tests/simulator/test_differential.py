"""Leaving calls out is never seen: random policies fare the same with and without it, to the last event.

Each example is a policy of the grammar, a small world and a trace. To look for longer, raise `max_examples` in a
profile of your own and name it on the command line, with a `--hypothesis-seed`.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, note, settings
from hypothesis import strategies as st

from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.changes import hooks
from evo.simulator.scheduling.host import Host
from evo.simulator.scheduling.watch import Watch
from evo.simulator.stats import RunFailure
from evo.simulator.trace import Trace
from tests.simulator.grammar import plain, policies
from tests.simulator.habits import STATE, Habit
from tests.simulator.passages import LONG
from tests.simulator.plans import TAKING
from tests.simulator.readings import MOVING, RESTING
from tests.simulator.worlds import parameters, small, traces

WORK = 400_000
"""Loop rounds and calls after which a drawn policy is given up: it says nothing of skipping."""

HABITS = [*STATE, *LONG, *(Habit(f"s.look = {look}", seen="s.look") for look in (*MOVING, *RESTING))]

Example = tuple[str, Parameters, Trace]


@st.composite
def examples(draw: Any) -> Example:
    """A policy, and the world in which it runs."""
    world = draw(parameters())
    return draw(policies()), world, draw(traces(world))


def run(example: Example, *, every_tick: bool) -> tuple[str, list[dict[str, Any]]] | None:
    """How a policy fares, and the events on the way; None if it works without end."""
    source, world, trace = example
    log = EventLog()
    schedule = trace.schedule(world.ticks_per_second, world.max_ticks)
    result = simulate(Host(source, "x", every_tick=every_tick, work_limit=WORK), schedule, world, log)
    if isinstance(result, RunFailure):
        if result.kind == "work":
            return None
        if result.kind == "UnboundLocalError":  # which a function that ran often blames on the line before
            result = result._replace(line=None)
    return repr(result), log.lines


def differs(example: Example) -> bool:
    """Whether it shows that calls were left out."""
    every, skipping = run(example, every_tick=True), run(example, every_tick=False)
    return every is not None and skipping is not None and every != skipping


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(examples())
def test_skipping_is_never_seen(example: Example) -> None:
    """Every call that is left out would have changed nothing."""
    note(example[0])
    every, skipping = run(example, every_tick=True), run(example, every_tick=False)
    if every is not None and skipping is not None:
        assert skipping == every


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.step.strip().partition("\n")[0])
def test_every_habit_by_itself(habit: Habit) -> None:
    """What a policy does in calls without news is done as often as it would be if none were left out.

    One that touches its queue in every call is proven idle by its state, the other by its code.
    """
    for taking in TAKING[:2]:
        assert not differs((plain(habit, taking), *small()))


def test_a_host_that_skips_too_much_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a host to which nothing is told of changes, some policy soon fares otherwise."""
    monkeypatch.setattr(
        "evo.simulator.scheduling.host.hooks", lambda _, *containers: hooks(Watch(), *containers)
    )
    few = settings(
        max_examples=400,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    find(examples(), differs, settings=few)
