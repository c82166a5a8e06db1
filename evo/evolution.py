"""The search: generation after generation, from a journal's state to the end of the run.

Order is decided by number, not by time. Child number k draws from its own stream of chance, seeded by (seed, k);
its parents live at the end of a fixed generation before; outcomes are saved in order of number. All that is settled is
in the journal, so whoever goes on after an interruption does exactly what was left. Knows no file, process or model.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Protocol

from evo.breeding import Breeder
from evo.evaluation.stages import Candidate, Verdict
from evo.journal import Journal
from evo.nursery import Born, Event, Nursery, conclude

__all__ = ["Born", "Event", "Scorer", "evolve"]


class Scorer(Protocol):
    """Whoever turns policies into outcomes, in their order; an `evaluation.Evaluator` does."""

    def stream(self, candidates: Iterable[Candidate | None]) -> Iterator[Verdict | None]:
        """The outcome of each policy, as soon as it and those before it are certain; None: nothing for the moment.

        Where the next policy isn't there yet there is a None too, and work goes on with the others. A policy that
        doesn't meet what is asked of it may be stopped; what comes of it then must not depend on time or chance.
        """


def evolve(
    journal: Journal, scorer: Scorer, breeder: Breeder, ahead: int = 1
) -> Generator[Event, None, None]:
    """Go on with a run from where its journal stands to its end; each event is saved before it is yielded.

    `ahead` children are begun before they are needed, which never changes them. Ends at once if the run has ended.
    Leaving the iteration at any point loses nothing that was yielded.
    """
    conclude(journal)
    if journal.state.stop is not None:
        return
    nursery = Nursery(journal, breeder, ahead)
    for outcome in scorer.stream(nursery.candidates()):
        if outcome is not None:
            nursery.settle(outcome)
        yield from nursery.news()
    yield from nursery.news()
