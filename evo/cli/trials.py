"""One policy on several workloads, for `evo eval`: what runs, where, and in which order results come back.

One workload runs in this process, several are spread over engine processes; the results are the same and come in
the order of the workloads. A policy that the user doesn't trust runs in a cage either way. Knows no options.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from evo.cage import Cage, Limits
from evo.cage.cores import settle, usable
from evo.evaluation import Engine, Simulator, Suite, run_policy
from evo.evaluation.workers import pooled
from evo.population import Policy
from evo.simulator.eudoxia import Eudoxia
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import Trace


@dataclass(frozen=True, slots=True)
class Contender:
    """The policy to be scored; one that is `trusted` runs in the engine's process, without limits.

    Its source begins after so many lines of the user's file as `skipped` says.
    """

    policy: Policy
    trusted: bool
    skipped: int


@dataclass(frozen=True, slots=True)
class Course:
    """Workloads by title, all with the same parameters; None is what the parameters generate."""

    parameters: Parameters
    workloads: tuple[tuple[str, Trace | None], ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is run: on upstream in place of evo's simulator, called in every tick, with a record of events."""

    upstream: bool = False
    every_tick: bool = False
    record: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the policy on the workload of that title, in so many wall seconds; events only if asked for."""

    title: str
    result: SimulatorStats | RunFailure
    seconds: float
    events: list[dict[str, Any]]


def run_course(contender: Contender, course: Course, workers: int, manner: Manner) -> Iterator[Result]:
    """The result on each workload, in order, each as soon as it and those before it are there."""
    traces = tuple(trace for _, trace in course.workloads if trace is not None)
    if workers == 1 or len(traces) < 2 or course.parameters.refusal(generated=False) is not None:
        yield from _one_by_one(contender, course, manner)
        return
    # What runs there brings its own workload, so any suite that can be built will do.
    suite = Suite(traces[0].name, course.parameters, traces[:1])
    with pooled(min(workers, len(traces)), suite, Limits()) as pool:
        futures = [
            pool.submit(_alone, contender, Course(course.parameters, (workload,)), manner)
            for workload in course.workloads
        ]
        for future in futures:
            yield future.result()


def _one_by_one(contender: Contender, course: Course, manner: Manner) -> Iterator[Result]:
    with _settled() as core, _simulator(contender, manner, core) as simulator:
        for title, workload in course.workloads:
            log = EventLog() if manner.record else None
            run = run_policy(contender.policy, workload, course.parameters, simulator, record=log)
            outcome = run.result
            if isinstance(outcome, RunFailure) and outcome.line is not None:
                outcome = outcome._replace(line=outcome.line + contender.skipped)
            yield Result(title, outcome, run.seconds, log.lines if log else [])


@contextmanager
def _simulator(contender: Contender, manner: Manner, core: int | None) -> Iterator[Simulator]:
    if manner.upstream:
        yield Eudoxia()
    elif contender.trusted:
        yield Engine(every_tick=manner.every_tick)
    else:
        with Cage(Limits(), core) as cage:
            # Its start is no part of any simulation's time.
            cage.decider(contender.policy.source, contender.policy.key).close()
            yield Engine(cage, manner.every_tick)


def _alone(contender: Contender, course: Course, manner: Manner) -> Result:
    """The result on a course of one workload, in an engine process."""
    (result,) = _one_by_one(contender, course, manner)
    return result


@contextmanager
def _settled() -> Iterator[int | None]:
    """Keep this process on one core for a while, which gives the core for its cage."""
    before = usable()
    core = settle(os.getpid(), 1)
    try:
        yield core
    finally:
        if before:
            os.sched_setaffinity(0, before)
