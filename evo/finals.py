"""The end of a run: its hall of fame is scored on the selection traces, which nothing that is bred has ever seen.

Members are those by train fitness; what comes of them here only puts them in order, and says how much of what they gained
was won from the train traces alone. A reference that nobody bred goes with them. Knows no file, process or model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evo.evaluation.stages import Candidate, Scorer
from evo.fame import hall_of_fame
from evo.journal import Journal
from evo.overfitting import reference
from evo.population import Failure, Fitness, Individual
from evo.records import Selected
from evo.saved_failure import SavedFailure


@dataclass(frozen=True, slots=True)
class Tried:
    """An individual has been scored on the selection traces, and that is saved; `left` are still to be."""

    individual: Individual
    outcome: Fitness | Failure
    left: int


def finals(journal: Journal, selector: Scorer) -> Iterator[Tried]:
    """Score whoever should be on the selection traces and isn't yet; each outcome is saved before it is yielded.

    These are the hall of fame, and the founder that is the reference: where that one fails, the next best of them.
    """
    while waiting := _unselected(journal):
        stream = selector.stream(Candidate(one.policy) for one in waiting)
        outcomes = (outcome for outcome in stream if outcome is not None)
        for place, (one, outcome) in enumerate(zip(waiting, outcomes, strict=True), start=1):
            assert isinstance(outcome, Fitness | Failure), "nothing is asked of them"
            journal.append(
                Selected(
                    number=one.number,
                    fitness=outcome if isinstance(outcome, Fitness) else None,
                    failure=SavedFailure.of(outcome) if isinstance(outcome, Failure) else None,
                )
            )
            yield Tried(one, journal.state.selections[one.number], len(waiting) - place)


def _unselected(journal: Journal) -> list[Individual]:
    everyone, selections = journal.state.individuals.values(), journal.state.selections
    wanted = hall_of_fame(everyone, journal.config.hall_of_fame)
    founder = reference(everyone, journal.config.init, selections)
    if founder is not None and founder not in wanted:
        wanted.append(founder)
    return [one for one in wanted if one.number not in selections]
