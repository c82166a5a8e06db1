"""All that a run needs to go on, put together: who scores, who breeds, and how far ahead.

The one place where the search's parts meet, for a new run, a resumed one and a replayed one alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from evo.birth import suite_of
from evo.breeding import Breeder, Offline, Variations
from evo.cage import Limits
from evo.consulting import Calling, consulting
from evo.credit import Kinds
from evo.evaluation.cache import Cache
from evo.evaluation.evaluator import Evaluator
from evo.journal import Journal
from evo.variation.syntax import SyntaxCrossover, SyntaxMutation, default_weights


@dataclass(frozen=True, slots=True)
class Session:
    """Who scores the policies of a run, who breeds its children, and how many of those are begun ahead.

    The `selector` scores the hall of fame at the end; None if the run's suite has no traces for that.
    """

    evaluator: Evaluator
    breeder: Breeder
    ahead: int
    selector: Evaluator | None


@contextmanager
def session(
    journal: Journal, workers: int | None, calling: Calling, cache: Cache | None = None
) -> Iterator[Session]:
    """What the run in this journal goes on with; processes and connections end with the context.

    What a `cache` knows is not simulated again, which never changes the run. Its others have the same limits.
    Raises RunError if its suite was changed, InputError for its prompts, models, keys and prices.
    """
    config, suite = journal.config, suite_of(journal)
    limits = Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work)
    kinds = Kinds(default_weights(), journal.state)
    adapted = (lambda last: SyntaxMutation(kinds.weights(last))) if config.adaptation else None
    offline = Offline(config, Variations(SyntaxMutation(), SyntaxCrossover(), adapted))
    with (
        consulting(journal, suite.part("train"), offline, calling) as breeder,
        Evaluator(suite, config.metric, limits, workers, cache, insight=bool(config.models)) as evaluator,
        ExitStack() as stack,
    ):
        selector = None
        if suite.selection:
            selector = Evaluator(suite.part("selection"), config.metric, limits, workers, cache)
            stack.enter_context(selector)
        whole = (1 + config.overlap) * config.children  # a batch is sent when nobody adds to it any more
        yield Session(evaluator, breeder, whole if config.batch else 4 * calling.in_flight, selector)
