"""What runs in each engine process: one suite, one cage, and one measurement after the other.

A worker ends when its lifeline does, that is when its owner closes it or dies in whatever way, and its cage ends
with it. Ctrl-C is the owner's business.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

from evo.cage import Cage, Limits
from evo.cage.cores import settle
from evo.evaluation.cache import Outcome, repeatable
from evo.evaluation.insight import Witness
from evo.evaluation.metrics import Measurement, failure
from evo.evaluation.runs import Engine, run_policy
from evo.evaluation.suites import Suite
from evo.population import Policy
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.stats import RunFailure
from evo.simulator.trace import Trace


class Turns(Protocol):
    """A count of the workers begun, shared by all of them (multiprocessing's synchronized int)."""

    value: int

    def get_lock(self) -> AbstractContextManager[object]:
        """The lock to hold while counting."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """All that a worker needs for its measurements."""

    suite: Suite
    engine: Engine

    def witness(self, trace: Trace, parameters: Parameters) -> Witness:
        """The laws against which the engine holds runs on a trace, with a memory of the last."""
        known = self.engine.known
        laws = known.get((trace.digest, parameters))
        if isinstance(laws, Witness):
            return laws
        schedule = trace.schedule(parameters.ticks_per_second, parameters.max_ticks)
        known[trace.digest, parameters] = witness = Witness(schedule, parameters)
        return witness


@dataclass(frozen=True, slots=True)
class Recording:
    """What became of a policy on one trace, all that happened (`EventLog.lines`), and completions as (pipeline, tick).

    After a failure no completions are known.
    """

    outcome: Outcome
    events: list[dict[str, Any]]
    finished: tuple[tuple[int, int], ...] = ()


_bench: ContextVar[_Bench] = ContextVar("_bench")


def begin(suite: Suite, limits: Limits, lifeline: Connection, turns: Turns, count: int) -> None:
    """Make this process one of `count` workers: to be called once, before anything else, in a process made for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    with turns.get_lock():
        turn = turns.value
        turns.value += 1
    _bench.set(_Bench(suite, Engine(Cage(limits, settle(turn, count)), floor=True)))


def measure(policy: Policy, place: int, *, insight: bool = False) -> Outcome:
    """Run a policy on the suite's trace at `place`; once more if it failed by what may be the machine's doing.

    A machine that was overloaded, asleep or halted for a while must not change a search. With `insight` a measurement
    says why it is what it is.
    """
    return _measured_twice(policy, _bench.get().suite, place, insight=insight)


def measure_on(policy: Policy, suite: Suite) -> Outcome:
    """As `measure`, on the one trace of another suite."""
    return _measured_twice(policy, suite, 0, insight=False)


def _measured_twice(policy: Policy, suite: Suite, place: int, *, insight: bool) -> Outcome:
    outcome = _measured(policy, suite, place, insight=insight)
    return outcome if repeatable(outcome) else _measured(policy, suite, place, insight=insight)


def _measured(policy: Policy, suite: Suite, place: int, *, insight: bool) -> Outcome:
    bench, trace = _bench.get(), suite.traces[place]
    witness = bench.witness(trace, suite.parameters)
    run = run_policy(policy, trace, suite.parameters, bench.engine)
    if isinstance(run.result, RunFailure):
        return failure(run.result, trace.name)
    told = witness.insight() if insight else None
    return Measurement.of(run.result, witness.yardstick, told, witness.behaviour())


def record(policy: Policy, place: int) -> Recording:
    """As `measure`, once, with a record of what happened."""
    bench, log = _bench.get(), EventLog()
    trace = bench.suite.traces[place]
    witness = bench.witness(trace, bench.suite.parameters)
    run = run_policy(policy, trace, bench.suite.parameters, bench.engine, record=log)
    if isinstance(run.result, RunFailure):
        return Recording(failure(run.result, trace.name), log.lines)
    measurement = Measurement.of(run.result, witness.yardstick)
    return Recording(measurement, log.lines, run.result.finished or ())


def _end_with(lifeline: Connection) -> None:
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os._exit(0)
