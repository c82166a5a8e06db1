"""Policies in, fitness or failure out: in the order of the policies, whatever the number of workers.

Work goes first to policies that nobody works on, then, if workers are idle, to further traces of those under way: of
a policy that may have to stop before those, only if no other policy is to be had. What is known is not run again.
Knows nothing of generations, journals or screens.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from functools import cached_property
from types import TracebackType
from typing import Self

from evo.cage import Limits
from evo.cage.cores import usable
from evo.errors import CageError, InputError
from evo.evaluation.cache import Cache, Outcome, repeatable
from evo.evaluation.stages import Candidate, Demand, Stages, Verdict, reachable
from evo.evaluation.suites import Suite
from evo.evaluation.trial import Trial
from evo.evaluation.worker import measure
from evo.evaluation.workers import Workers
from evo.metric import Metrics, each
from evo.population import Failure, Fitness, Policy

_MOMENT = 0.005
"""Seconds until it is asked again for a policy that wasn't there yet."""

_Key = tuple[str, Demand | None]
"""A policy by its hash, and what was asked of it: asked for something else the same one may stop elsewhere."""

_Running = dict[Future[Outcome], tuple[Trial, int]]


def default_workers() -> int:
    """As many engine processes as this process may use cores."""
    return len(usable()) or os.cpu_count() or 1


class Evaluator:
    """Scores policies on a suite's train traces by one metric, or several; a context manager, for one thread.

    With `insight` every score on a trace says why it is what it is (`TraceScore.insight`).

    Engine processes start when first needed. They import the main module anew (`multiprocessing`'s spawn), so a
    script that evaluates does so under `if __name__ == "__main__"`.
    """

    def __init__(  # noqa: PLR0913 - what is scored, and how; all but the first two have defaults
        self,
        suite: Suite,
        metrics: Metrics,
        limits: Limits | None = None,
        workers: int | None = None,
        cache: Cache | None = None,
        *,
        insight: bool = False,
    ) -> None:
        if workers is not None and workers < 1:
            raise InputError(f"there must be at least 1 worker, got {workers}")
        self.suite = suite.part("train")  # no process that runs policies ever holds other traces
        self._metrics = metrics
        self._limits = limits or Limits()
        self._count = workers or default_workers()
        self._cache = Cache() if cache is None else cache
        self._insight = insight
        self._settled: dict[_Key, Verdict] = {}
        self._workers: Workers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the engine processes, even in the middle of their work."""
        workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()

    def remember(self, policy_hash: str, outcome: Fitness | Failure) -> None:
        """Take an outcome from an earlier evaluation by the same suite, metric and simulator, of which nothing was asked."""
        if repeatable(outcome):
            self._settled.setdefault((policy_hash, None), outcome)

    def evaluate(self, policies: Iterable[Policy]) -> Iterator[Fitness | Failure]:
        """The outcome of each policy, in their order, as soon as it and those before it are certain.

        Policies of equal normal form are run once. Raises CageError if this machine can't run policies at all.
        """
        for outcome in self.stream(map(Candidate, policies)):
            assert isinstance(outcome, Fitness | Failure), (
                "there is one for each policy, and nothing is asked of it"
            )
            yield outcome

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """As `evaluate`, for policies that are still being made: None where the next one isn't there yet.

        For each of those there is a None among the outcomes too, after a moment in which work has gone on. Whoever
        doesn't meet what is asked of it is run on no further trace (`Stages.stopped`).
        """
        queue: deque[_Key] = deque()
        trials: dict[_Key, Trial] = {}
        running: _Running = {}
        for candidate in candidates:
            if candidate is not None:
                key = (candidate.policy.hash, candidate.demand)
                queue.append(key)
                if key not in self._settled and key not in trials:
                    trials[key] = self._trial(candidate)
            elif not running:
                time.sleep(_MOMENT)
            self._advance(trials, running, patience=0 if candidate else _MOMENT)
            yield from self._certain(queue, trials)
            if candidate is None:
                yield None
        while queue:
            self._advance(trials, running, patience=None)
            yield from self._certain(queue, trials)

    def _certain(self, queue: deque[_Key], trials: dict[_Key, Trial]) -> Iterator[Verdict]:
        """The outcomes, as far as they are known, of those that stand first; these leave the queue."""
        while queue:
            outcome = self._settled.get(queue[0]) or trials[queue[0]].outcome
            if outcome is None:
                return
            known = queue.popleft()
            if known not in queue:
                trials.pop(known, None)
            if repeatable(outcome):
                self._settled.setdefault(known, outcome)
            yield outcome

    @cached_property
    def _reachable(self) -> tuple[float, ...]:
        return reachable(self.suite, each(self._metrics)[0])

    def _stages(self, demand: Demand) -> Stages:
        places = {trace.name: place for place, trace in enumerate(self.suite.traces)}
        return Stages(demand, tuple(places[name] for name in demand.order), self._reachable)

    def _trial(self, candidate: Candidate) -> Trial:
        suite, policy, demand = self.suite, candidate.policy, candidate.demand
        known = [
            self._cache.recall(policy, trace.digest, suite.parameters_digest, insight=self._insight)
            for trace in suite.traces
        ]
        names = [trace.name for trace in suite.traces]
        return Trial(policy, self._metrics, names, known, None if demand is None else self._stages(demand))

    def _advance(self, trials: dict[_Key, Trial], running: _Running, patience: float | None) -> None:
        """Give every idle worker something to do, and take in what comes within `patience` seconds (None: at least one)."""
        try:
            self._launch(trials, running, more=patience == 0)
            for future in wait(running, patience, FIRST_COMPLETED).done:
                outcome = future.result()
                trial, place = running.pop(future)
                trial.record(place, outcome)
                trace = self.suite.traces[place]
                self._cache.remember(trial.policy, trace.digest, self.suite.parameters_digest, outcome)
        except BrokenProcessPool:
            self._recover(running)

    def _launch(self, trials: dict[_Key, Trial], running: _Running, *, more: bool) -> None:
        """Give every idle worker something to do; with `more` another policy will be there at once."""
        while len(running) < self._count:
            idle = [
                trial
                for trial in trials.values()
                if (trial.whole or not (more and trial.flying)) and trial.wanted is not None
            ]
            if not idle:
                return
            if self._workers is None:
                self._workers = Workers(self._count, self.suite, self._limits)
            trial = min(idle, key=lambda each: len(each.flying))
            place = trial.wanted
            assert place is not None
            future = self._workers.submit(measure, trial.policy, place, insight=self._insight)
            running[future] = (trial, place)
            trial.flying.add(place)

    def _recover(self, running: _Running) -> None:
        """Start afresh after a worker has died; what was under way gets a second chance, not a third."""
        self.close()
        for trial, place in running.values():
            trial.flying.discard(place)
            if place in trial.lost:
                raise CageError(
                    f"the process that runs the simulator died twice on trace {self.suite.traces[place].name}: "
                    "is memory short (give fewer workers), or does a script evaluate outside "
                    '`if __name__ == "__main__"`?'
                )
            trial.lost.add(place)
        running.clear()
