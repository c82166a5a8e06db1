"""The search: generation after generation, from a journal's state to the end of the run, and there its finals.

Order is decided by number, not by time. Child number k draws from its own stream of chance, seeded by (seed, k);
its parents live at the end of a fixed generation before; outcomes are saved in order of number. All that is settled is
in the journal, so whoever goes on after an interruption does exactly what was left. Knows no file, process or model.
"""

from __future__ import annotations

from collections.abc import Generator

from evo.breeding import Breeder
from evo.evaluation.stages import Scorer
from evo.finals import Tried, finals
from evo.journal import Journal
from evo.nursery import Born, Nursery, conclude, is_over
from evo.records import Generation

__all__ = ["Born", "Event", "Scorer", "Tried", "evolve"]

Event = Born | Generation | Tried
"""What happens in a run."""


def evolve(
    journal: Journal, scorer: Scorer, breeder: Breeder, ahead: int = 1, selector: Scorer | None = None
) -> Generator[Event, None, None]:
    """Go on with a run from where its journal stands to its end; each event is saved before it is yielded.

    `ahead` children are begun before they are needed, which never changes them. When nobody else is to be born the
    `selector` scores the hall of fame, if the run has traces for that. Ends at once if the run has ended. Leaving the
    iteration at any point loses nothing that was yielded.
    """
    if journal.state.stop is not None:
        return
    nursery = Nursery(journal, breeder, ahead)
    for outcome in scorer.stream(nursery.candidates()):
        if outcome is not None:
            nursery.settle(outcome)
        if selector is None:
            conclude(journal)
        yield from nursery.news()
    yield from nursery.news()
    if selector is not None and is_over(journal):
        yield from finals(journal, selector)
    conclude(journal)
