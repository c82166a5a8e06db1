"""How far the evaluation of one policy has come: which traces are known, under way, or still wanted.

The outcome is decided by the order of the suite, never by the order in which results come in: the first trace that
fails is the policy's failure, and what became of later ones doesn't matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evo.evaluation.cache import Outcome
from evo.evaluation.metrics import fitness, trace_score
from evo.metric import Metrics
from evo.population import Failure, Fitness, Policy, TraceScore


class Trial:
    """One policy on its way through the traces called `names`; `known` are outcomes from earlier, by place."""

    def __init__(
        self, policy: Policy, metrics: Metrics, names: Sequence[str], known: Sequence[Outcome | None]
    ) -> None:
        self.policy = policy
        self.flying: set[int] = set()
        """Places of traces that are under way."""
        self.lost: set[int] = set()
        """Places of traces that were under way when a worker died."""
        self._metrics = metrics
        self._names = names
        self._scores: list[TraceScore | Failure | None] = [None] * len(names)
        for place, outcome in enumerate(known):
            if outcome is not None:
                self.record(place, outcome)

    def record(self, place: int, outcome: Outcome) -> None:
        """Take the outcome of the trace at `place`."""
        self.flying.discard(place)
        if isinstance(outcome, Failure):
            self._scores[place] = replace(outcome, trace=self._names[place])
        else:
            self._scores[place] = trace_score(self._metrics, self._names[place], outcome)

    @property
    def outcome(self) -> Fitness | Failure | None:
        """The policy's fitness or failure, or None as long as neither is certain."""
        scores: list[TraceScore] = []
        for score in self._scores:
            if not isinstance(score, TraceScore):
                return score
            scores.append(score)
        return fitness(self._metrics, scores)

    @property
    def wanted(self) -> int | None:
        """The next trace to run, or None if there is none that the outcome could still need."""
        for place, score in enumerate(self._scores):
            if isinstance(score, Failure):
                return None
            if score is None and place not in self.flying:
                return place
        return None
