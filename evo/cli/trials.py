"""One policy on several workloads, for `evo eval`: what runs, where, and in which order results come back.

One workload runs in this process, several are spread over engine processes; the results are the same and come in
the order of the workloads. A policy that the user doesn't trust runs in a cage either way. Knows no options.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from evo.cage import Cage, Limits
from evo.evaluation import Suite, run_policy
from evo.evaluation.workers import Workers
from evo.population import Policy
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
class Result:
    """What became of the policy on the workload of that title, in so many wall seconds; events only if asked for."""

    title: str
    result: SimulatorStats | RunFailure
    seconds: float
    events: list[dict[str, Any]]


def run_course(contender: Contender, course: Course, workers: int, *, record: bool) -> Iterator[Result]:
    """The result on each workload, in order, each as soon as it and those before it are there."""
    limits = Limits()
    traces = tuple(replace(trace, name=title) for title, trace in course.workloads if trace is not None)
    if workers == 1 or len(traces) < 2 or course.parameters.refusal(generated=False) is not None:
        with _one_core():
            for title, workload in course.workloads:
                yield _run(contender, title, workload, course.parameters, limits, record)
        return
    pool = Workers(min(workers, len(traces)), Suite("of all traces given", course.parameters, traces), limits)
    try:
        futures = [
            pool.submit(_run, contender, trace.name, trace, course.parameters, limits, record)
            for trace in traces
        ]
        for future in futures:
            yield future.result()
    finally:
        pool.close()


def _run(
    contender: Contender,
    title: str,
    workload: Trace | None,
    parameters: Parameters,
    limits: Limits,
    record: bool,
) -> Result:
    log = EventLog() if record else None
    with nullcontext() if contender.trusted else Cage(limits) as cage:
        run = run_policy(contender.policy, workload, parameters, cage=cage, record=log)
    outcome = run.result
    if isinstance(outcome, RunFailure) and outcome.line is not None:
        outcome = outcome._replace(line=outcome.line + contender.skipped)
    return Result(title, outcome, run.seconds, log.lines if log else [])


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process, and the cage that it starts, on one core: they take turns, and waking another costs more."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(cores)[os.getpid() % len(cores)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
