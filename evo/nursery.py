"""Children in order of their numbers, from whoever breeds them into the journal, generation after generation.

They are drawn as far ahead as their parents are known: the parents of generation g live at the end of generation
g - 1 - `overlap`, so that those who wait for an answer or a score keep nobody else waiting. They are settled in order
of numbers, and a generation is closed when its last child is. Knows no file, process or model.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from evo.breeding import Birth, Breeder, Child
from evo.config import RunConfig
from evo.demands import Demands
from evo.diversity import neighbours, next_generation
from evo.evaluation.stages import Candidate, Demand, Echo, Verdict
from evo.journal import Journal
from evo.population import Failure, Founder, Individual, Lineage, Partial, Population, ranked
from evo.records import Closed, Ended, Generation, RunState, Skipped


@dataclass(frozen=True, slots=True)
class Born:
    """An individual has been scored and saved; its generation may not be complete yet."""

    individual: Individual


_STUCK = 24
"""Children without a new best after which a search explores."""


class Nursery:
    """The children of a run that are not yet settled; `ahead` of them are begun before they are needed."""

    def __init__(self, journal: Journal, breeder: Breeder, ahead: int) -> None:
        self._journal = journal
        self._state = journal.state
        self._breeder = breeder
        self._ahead = ahead
        self._founders = journal.initial
        # Those that it begins with are always scored: whoever goes on later needs them.
        self._most = max(_most(journal), len(self._founders))
        self._known = set(self._state.hashes)
        self._begun = self._next = self._state.next_number
        self._waiting: deque[Child | Skipped | Individual] = deque()
        self._events: deque[Born | Generation] = deque()
        self._demands = Demands(journal.config, journal.state)

    def candidates(self) -> Iterator[Candidate | None]:
        """What is to be scored, in order, to the end of the run; None where the next one isn't there yet."""
        while True:
            self._settle_unscored()
            beyond = self._generation(self._next) > self._journal.asked
            if is_over(self._journal) or beyond or (self._left() <= 0 and not self._waiting):
                return
            # Of those who wait some may turn out to be echoes: then more are needed.
            child = self._drawn() if self._left() > 0 else None
            if child is None:
                yield None
                continue
            self._waiting.append(child)
            demand = self._demand(self._next)
            self._next += 1
            if isinstance(child, Child):
                self._known.add(child.policy.hash)
                yield Candidate(child.policy, demand)

    def settle(self, outcome: Verdict) -> None:
        """Save the outcome of the first policy that waits for one; an echo is not born."""
        child = self._waiting.popleft()
        assert isinstance(child, Child)
        generation = len(self._state.generations)
        if isinstance(outcome, Echo):
            self._journal.append(_echo(child, generation, outcome))
        else:
            individual = Individual(child.number, generation, child.policy, child.lineage, outcome)
            self._bear(individual, child.attempts)
        self._settle_unscored()

    def news(self) -> Iterator[Born | Generation]:
        """What has happened and been saved since it was last asked for."""
        while self._events:
            yield self._events.popleft()

    def _drawn(self) -> Child | Skipped | Individual | None:
        """The next child, if it is there."""
        if self._next < len(self._founders):
            self._begun = self._next + 1
            return _founder(self._next, self._founders[self._next])
        self._begin()
        if self._begun <= self._next:
            return None
        birth = self._birth(self._next)
        return None if birth is None else self._breeder.child(birth, self._known)

    def _begin(self) -> None:
        self._begun = max(self._begun, len(self._founders))
        while self._begun < self._next + min(self._ahead, self._left()):
            birth = self._birth(self._begun)
            if birth is None or not self._breeder.begin(birth):
                return
            self._begun += 1

    def _birth(self, number: int) -> Birth | None:
        """What the child of that number will come of; None if its parents aren't known yet, or there is no such child."""
        generation = self._generation(number)
        if generation > self._journal.asked:
            return None
        config = self._journal.config
        place = self._place(generation)
        early = (
            place >= len(self._state.generations)
            if generation
            else self._state.next_number < len(self._founders)
        )
        # A conversation goes on when all that was said is judged.
        if early or (config.strategy == "chat" and number != self._state.next_number):
            return None
        if config.strategy != "evolution":  # whoever doesn't evolve begins with the same one each time
            return Birth(number, generation, Population(place, self._forebears()[:1]))
        if generation == 0:
            return Birth(number, 0, Population(0, self._forebears()))
        before = self._state.generations[place]
        living = neighbours(before.population, number, generation, config)
        return Birth(number, generation, living, before.explores)

    def _place(self, generation: int) -> int:
        """The generation whose living the children of a generation come from."""
        return max(generation - 1 - self._journal.config.overlap, 0)

    def _demand(self, number: int) -> Demand | None:
        """What is asked of the child of that number, whose parents are known."""
        if number < len(self._founders):
            return None
        generation = self._generation(number)
        if generation == 0:
            return self._demands.of(-1, Population(0, self._forebears()))
        place = self._place(generation)
        return self._demands.of(place, self._state.generations[place].population)

    def _forebears(self) -> tuple[Individual, ...]:
        """Those founders who can have children, best first."""
        founders = [self._state.individuals[number] for number in range(len(self._founders))]
        return tuple(ranked(one for one in founders if not one.policy.refused))

    def _generation(self, number: int) -> int:
        """The generation of a number that isn't settled yet."""
        later = 1 + (number - self._end()) // self._journal.config.children
        return len(self._state.generations) + max(later, 0)

    def _end(self) -> int:
        """The number after the last of the open generation, unless evaluations run out before."""
        config, founders = self._journal.config, self._founders
        if self._state.generations:
            return self._state.first_number + config.children
        if all(founder.policy.refused for founder in founders):
            return len(founders)
        return max(len(founders), config.population)

    def _left(self) -> float:
        """How many may still be drawn to be scored."""
        drawn = sum(not isinstance(child, Skipped) for child in self._waiting)
        return self._most - len(self._state.individuals) - drawn

    def _settle_unscored(self) -> None:
        """Save all that stands first and needs no score, and close what is complete by then."""
        self._close()
        while self._waiting and not isinstance(child := self._waiting[0], Child):
            self._waiting.popleft()
            if isinstance(child, Individual):
                self._bear(child, attempts=1)
            else:
                self._journal.append(child)
            self._close()

    def _bear(self, individual: Individual, attempts: int) -> None:
        self._events.append(Born(self._journal.add(individual, attempts)))

    def _close(self) -> None:
        """Complete the open generation, if its last child is settled."""
        while not is_over(self._journal) and (
            self._state.next_number == self._end() or len(self._state.individuals) >= self._most
        ):
            self._journal.append(summary(self._journal.config, self._state))
            # What comes between it and the record of an end changes nothing about the end.
            self._events.append(replace(self._state.generations[-1], stop=_reason_to_stop(self._journal)))


def is_over(journal: Journal) -> bool:
    """Whether the search has come to its end, be that saved or not: nobody else is born unless the user asks for more."""
    return journal.state.stop is not None or _reason_to_stop(journal) is not None


def conclude(journal: Journal) -> None:
    """Save the end of the run if it has come and is not yet saved."""
    reason = _reason_to_stop(journal)
    if reason is not None and journal.state.stop is None:
        journal.append(Ended(reason=reason))


def _founder(number: int, founder: Founder) -> Child | Individual:
    lineage = Lineage("initial", detail=founder.name)
    if founder.refusal is not None:
        return Individual(number, 0, founder.policy, lineage, founder.refusal)
    return Child(number, founder.policy, lineage, attempts=1)


def _echo(child: Child, generation: int, echo: Echo) -> Skipped:
    """The record of a child that does nothing new."""
    return Skipped(
        number=child.number,
        generation=generation,
        attempts=child.attempts,
        reason=f"on {echo.trace} it does what another did",
        model=child.lineage.model,
        questions=child.lineage.questions,
        echo=child.policy.hash,
    )


def summary(config: RunConfig, state: RunState) -> Closed:
    """The record that completes the open generation."""
    before = state.generations[-1].population if state.generations else Population(-1, ())
    children = [one for one in state.born if not one.policy.refused]
    living = next_generation(before, children, config)
    values = [one.fitness.value for one in living.individuals if one.fitness is not None]
    best = living.individuals[0] if values else None
    failures = Counter(one.outcome.kind.value for one in state.born if isinstance(one.outcome, Failure))
    twins = sum(skipped.twin for skipped in state.unused)
    echoes = sum(bool(skipped.echo) for skipped in state.unused)
    return Closed(
        number=living.generation,
        survivors=tuple(one.number for one in living.individuals),
        best=None if best is None else best.number,
        median=statistics.median(values) if values else None,
        failures=dict(sorted(failures.items())),
        redrawn=state.redrawn,
        duplicates=twins,
        barren=len(state.unused) - twins - echoes,
        echoes=echoes,
        explores=config.adaptation and (living.generation - state.improved) * config.children >= _STUCK,
        evaluations=len(state.individuals),
        spared=sum(one.outcome.left for one in state.born if isinstance(one.outcome, Partial)),
    )


def _most(journal: Journal) -> float:
    """How many are to be scored; infinite if that ends nothing, or the user asked to go on after it."""
    asked = journal.config.evaluations
    return math.inf if asked is None or asked <= journal.state.outlived else asked


def _reason_to_stop(journal: Journal) -> str | None:
    config, state = journal.config, journal.state
    complete = len(state.generations) - 1
    # A run that was interrupted within a generation ends where it would have.
    if complete < 0 or state.next_number != state.first_number:
        return None
    best = state.best.fitness if state.best else None
    target, gap = config.target, best.gap(journal.header.bounds) if best is not None else None
    come = {
        "target": (target is not None and best is not None and not best.metric.better(target, best.value))
        or (config.gap is not None and gap is not None and gap <= config.gap),
        "patience": 0 < config.patience <= complete - state.improved,
        "budget": state.broke,
        "evaluations": state.generations[-1].evaluations >= _most(journal),
        "generations": complete >= journal.asked,
        "extinct": not state.generations[-1].population.individuals,
    }
    return next((reason for reason, true in come.items() if true and reason not in state.lifted), None)
