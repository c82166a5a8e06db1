"""Evaluation in stages: a policy that can no longer be of use is run on no further trace.

What is asked of it is set by those who hand it over; here is what it could still reach, by bounds that no policy gets
past, and whether it does anything new. Every decision follows from scores in a fixed order of traces, never from which
came in first.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from evo.evaluation.bounds import bounds
from evo.evaluation.suites import Suite
from evo.metric import Metric
from evo.population import Failure, Fitness, Partial, Policy, TraceScore

ROUNDING = 1e-9
"""By so much of itself a bound is loosened: an engine adds the same numbers in another order."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a policy for it to be run on all traces, which come in this order by name.

    On the first it must behave unlike the `known` (digests of `Behaviour`); and its fitness must be able to reach the
    `hurdle`, if there is one.
    """

    order: tuple[str, ...]
    hurdle: float | None = None
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy to be scored; on all traces, unless something is asked of it that it doesn't meet."""

    policy: Policy
    demand: Demand | None = None


@dataclass(frozen=True, slots=True)
class Echo:
    """Instead of a fitness: on the trace of that name there came of the policy what is known (`Behaviour.digest`)."""

    trace: str


Verdict = Fitness | Partial | Echo | Failure
"""What becomes of a policy that was handed over to be scored."""


class Scorer(Protocol):
    """Whoever turns policies into outcomes, in their order; an `evaluation.Evaluator` does."""

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, as soon as it and those before it are certain; None: nothing for the moment.

        Where the next policy isn't there yet there is a None too, and work goes on with the others. A policy that
        doesn't meet what is asked of it may be stopped; what comes of it then must not depend on time or chance.
        """


def hardest_first(living: Sequence[Fitness]) -> tuple[str, ...]:
    """The names of the traces, first those on which the living do worst (in the median), else in their order.

    A median is decided by the traces on which policies do badly: whatever a policy makes of those on which all do
    well, it was on the good side of the median there with the bound already. Measured on saved runs (`quick`: 7 and
    30 generations; `paper`: 76 policies against hurdles at four ranks) that saves as much as orders learnt from all
    that were ever condemned, and nearly what the best order known afterwards would; the suite's own saves half.
    """
    metric, traces = living[0].metric, [score.trace for score in living[0].per_trace]
    values = zip(*([score.value for score in one.per_trace] for one in living), strict=True)
    worst = {name: statistics.median(column) for name, column in zip(traces, values, strict=True)}
    return tuple(sorted(traces, key=lambda name: worst[name], reverse=not metric.higher_is_better))


def reachable(suite: Suite, metric: Metric) -> tuple[float, ...]:
    """What no policy can better on each trace of a suite; not finite where none can have a score."""
    parameters = suite.parameters
    every = [
        bounds(trace.schedule(parameters.ticks_per_second, parameters.max_ticks), parameters)
        for trace in suite.traces
    ]
    loosened = 1 + ROUNDING if metric.higher_is_better else 1 - ROUNDING
    return tuple(each.of(metric) * loosened for each in every)


def best_fitness(suite: Suite, metrics: Iterable[Metric]) -> tuple[float | None, ...]:
    """What no fitness on a suite can better, one for each metric: the median of the traces' bounds; None where none can be had."""
    every = [reachable(suite, metric) for metric in metrics]
    return tuple(statistics.median(each) if all(map(math.isfinite, each)) else None for each in every)


@dataclass(frozen=True, slots=True)
class Stages:
    """A demand on the traces of a suite: their places in the order to run them, and what is `reachable` on each."""

    demand: Demand
    places: tuple[int, ...]
    reachable: tuple[float, ...]

    def stopped(self, metric: Metric, scores: Sequence[TraceScore]) -> Partial | Echo | None:
        """What becomes of a policy that has these scores on the first traces in order; None if it must go on."""
        first = scores[0].behaviour
        if len(scores) == 1 and first is not None and first.digest in self.demand.known:
            return Echo(scores[0].trace)
        return None if self.demand.hurdle is None else self._partial(metric, scores, self.demand.hurdle)

    def _partial(self, metric: Metric, scores: Sequence[TraceScore], hurdle: float) -> Partial | None:
        """It stops where its fitness, their median with the others at their bounds, is worse than the hurdle.

        What it would have done there is never known: it may be that it would have failed.
        """
        others = [self.reachable[place] for place in self.places[len(scores) :]]
        at_best = statistics.median([*(score.value for score in scores), *others])
        if not others or not math.isfinite(at_best) or not metric.better(hurdle, at_best):
            return None
        return Partial(metric, at_best, hurdle, len(others), tuple(scores))
