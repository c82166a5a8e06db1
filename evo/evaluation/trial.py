"""How far the evaluation of one policy has come: which traces are known, under way, or still wanted.

The outcome is decided by the order of the traces, never by the order in which results come in: the first trace that
fails is the policy's failure, the first after which it doesn't meet what is asked of it is its last, and what became of
later ones doesn't matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evo.evaluation.cache import Outcome
from evo.evaluation.metrics import fitness, trace_score
from evo.evaluation.stages import Stages, Verdict
from evo.metric import Metrics, each
from evo.population import Failure, Policy, TraceScore


class Trial:
    """One policy on its way through the traces called `names`; `known` are outcomes from earlier, by place.

    Without `stages` it goes through all of them, in their order.
    """

    def __init__(
        self,
        policy: Policy,
        metrics: Metrics,
        names: Sequence[str],
        known: Sequence[Outcome | None],
        stages: Stages | None = None,
    ) -> None:
        self.policy = policy
        self.flying: set[int] = set()
        """Places of traces that are under way."""
        self.lost: set[int] = set()
        """Places of traces that were under way when a worker died."""
        self._metrics = metrics
        self._names = names
        self._stages = stages
        self._order = range(len(names)) if stages is None else stages.places
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
    def whole(self) -> bool:
        """Whether the policy runs on every trace, whatever it does on the first."""
        return self._stages is None

    @property
    def outcome(self) -> Verdict | None:
        """What becomes of the policy, or None as long as that isn't certain."""
        scores: list[TraceScore] = []
        for place in self._order:
            score = self._scores[place]
            if not isinstance(score, TraceScore):
                return score
            scores.append(score)
            stopped = self._stages.stopped(each(self._metrics)[0], scores) if self._stages else None
            if stopped is not None:
                return stopped
        return fitness(self._metrics, [score for score in self._scores if isinstance(score, TraceScore)])

    @property
    def wanted(self) -> int | None:
        """The next trace to run, or None if there is none that the outcome could still need."""
        if self.outcome is not None:
            return None
        for place in self._order:
            score = self._scores[place]
            if isinstance(score, Failure):
                return None
            if score is None and place not in self.flying:
                return place
        return None
