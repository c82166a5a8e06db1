"""Behaviours: what the containers of a run look like from afar, and a digest that tells every difference."""

from __future__ import annotations

import pytest

from evo.behaviour import Behaviour
from evo.evaluation.insight import Witness
from evo.simulator.engine import simulate
from evo.simulator.scheduling.host import Host
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure
from evo.simulator.trace import Trace
from tests.evaluation.test_insight import ONE_BY_ONE, SUSPENDING, WORLD, trace, work


def behaved(source: str, workload: Trace) -> Behaviour:
    """What a policy did."""
    schedule = workload.schedule(WORLD.ticks_per_second, WORLD.max_ticks)
    witness = Witness(schedule, WORLD)
    assert not isinstance(simulate(Host(source, "x"), schedule, WORLD, None, witness), RunFailure)
    return witness.behaviour()


WORKLOAD = trace(
    (0.0, Priority.QUERY, (work(1.05, 30.0),)),
    (0.0, Priority.QUERY, (work(2.05, 10.0),)),
    (39.0, Priority.BATCH_PIPELINE, (work(5.0, 10.0), work(5.0, 10.0, (0,)))),
)


def test_kills_and_waits() -> None:
    """One container of four is killed for memory; the second query waits for the first, and all else begins at once."""
    seen = behaved(ONE_BY_ONE.format(cpu=4), WORKLOAD)
    # Containers in ticks 0, 1 to 10, 11 to 30, and 390 to 399; four of eight CPUs.
    assert (seen.killed, seen.suspended) == (0.25, 0.0)
    assert seen.cpu == pytest.approx(4 * 41 / (8 * 400), rel=0.05)
    assert seen.ram == pytest.approx((20 * 31 + 40 * 10) / (100 * 400), rel=0.05)
    assert seen.waits == (0.014, None, 0.0)


def test_suspensions() -> None:
    """Of two containers one was suspended."""
    workload = trace((0.0, Priority.INTERACTIVE, (work(1.05, 30.0), work(1.05, 10.0, (0,)))))
    assert behaved(SUSPENDING, workload).suspended == 0.5


def test_the_digest_tells_what_came_of_it_and_nothing_of_how() -> None:
    """Other words, or CPUs that make nothing faster, give the same digest; one more kill, or a later end, another."""
    plain = behaved(ONE_BY_ONE.format(cpu=4), WORKLOAD)
    assert behaved(ONE_BY_ONE.replace("s.live", "s.queue").format(cpu=4), WORKLOAD) == plain
    assert behaved(ONE_BY_ONE.format(cpu=4.0), WORKLOAD) == plain
    assert behaved(ONE_BY_ONE.format(cpu=5), WORKLOAD).digest == plain.digest
    more = ONE_BY_ONE.replace("2 * result.ram", "1.2 * result.ram")
    assert behaved(more.format(cpu=4), WORKLOAD).digest != plain.digest
    later = ONE_BY_ONE.replace(", 20)", ", 40)")
    assert behaved(later.format(cpu=4), WORKLOAD).digest != plain.digest
