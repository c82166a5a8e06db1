"""Outcomes that a replay takes from the record, since by their own word they would not come out again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evo.evaluation.cache import repeatable
from evo.evaluation.stages import Candidate, Scorer, Verdict
from evo.population import Failure
from evo.records import RunState


@dataclass(frozen=True, slots=True)
class Recalling:
    """A scorer that knows some outcomes, by normal form, and scores the others."""

    scorer: Scorer
    given: Mapping[str, Failure]

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, in their order; None: nothing for the moment."""
        queue: deque[Failure | None] = deque()
        scored: deque[Verdict] = deque()

        def unknown() -> Iterator[Candidate | None]:
            for candidate in candidates:
                if candidate is not None:
                    queue.append(self.given.get(candidate.policy.hash))
                yield candidate if candidate is None or queue[-1] is None else None

        for outcome in self.scorer.stream(unknown()):
            if outcome is not None:
                scored.append(outcome)
            while queue and (queue[0] is not None or scored):
                yield queue.popleft() or scored.popleft()
            if outcome is None:
                yield None


@dataclass(frozen=True, slots=True)
class Given:
    """The outcomes of a run that might not come out again, by normal form: on the train and on the selection traces."""

    train: Mapping[str, Failure]
    selection: Mapping[str, Failure]

    @classmethod
    def of(cls, state: RunState) -> Given:
        """Those of a saved run."""
        everyone = state.individuals
        train = {one.policy.hash: one.outcome for one in everyone.values() if not one.policy.refused}
        selection = {everyone[number].policy.hash: each for number, each in state.selections.items()}
        return cls(_moods(train), _moods(selection))


def _moods(outcomes: Mapping[str, object]) -> dict[str, Failure]:
    """Those that may be the machine's doing."""
    return {
        policy: outcome
        for policy, outcome in outcomes.items()
        if isinstance(outcome, Failure) and not repeatable(outcome)
    }
