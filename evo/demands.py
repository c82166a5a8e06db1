"""What is asked of a child for it to be run on all traces: to do something new, and to be able to live on.

It follows from what was known when the generation of its parents was complete, so it comes out the same whatever was
under way, and in a run that was interrupted. Knows no file, process or model.
"""

from __future__ import annotations

from evo.config import RunConfig
from evo.evaluation.stages import Demand, hardest_first
from evo.fame import hall_of_fame
from evo.population import Failure, Individual, Population
from evo.records import RunState
from evo.selection import hurdle


class Demands:
    """What is asked of the children of a run."""

    def __init__(self, config: RunConfig, state: RunState) -> None:
        self._config = config
        self._state = state
        self._known: dict[int, Demand | None] = {}

    def of(self, last: int, living: Population) -> Demand | None:
        """What is asked of a child whose parents are among these `living`, of generation `last`; None: nothing.

        -1 stands for the founders alone. Whoever doesn't evolve is asked nothing.
        """
        if self._config.strategy != "evolution":
            return None
        if last not in self._known:
            self._known[last] = self._asked(last, living)
        return self._known[last]

    def _asked(self, last: int, living: Population) -> Demand | None:
        scored = [one.fitness for one in living.individuals if one.fitness is not None]
        if not scored:
            return None
        born = [
            one
            for one in self._state.individuals.values()
            if one.generation <= last or one.lineage.variation == "initial"
        ]
        order = hardest_first(scored)
        known = _digests(born, order[0]) if self._config.novelty else frozenset[str]()
        must_better = self._hurdle(born, living) if self._config.stages and last >= 0 else None
        return Demand(order, must_better, known) if known or must_better is not None else None

    def _hurdle(self, born: list[Individual], living: Population) -> float | None:
        config = self._config
        if config.elites is not None or config.niches or config.islands > 1:
            return None
        fame = hall_of_fame(born, config.hall_of_fame)
        return hurdle(living, config.population, fame, config.hall_of_fame)


def _digests(born: list[Individual], trace: str) -> frozenset[str]:
    """What was done on a trace by all who ran on it."""
    return frozenset(
        score.behaviour.digest
        for one in born
        if not isinstance(one.outcome, Failure)
        for score in one.outcome.per_trace
        if score.trace == trace and score.behaviour is not None
    )
