"""The search: generation after generation, from a journal's state to the next.

Order is decided by number, not by time. Child number k draws from its own stream of chance, seeded by (seed, k);
its parents live at the end of the generation before; outcomes are saved in order of number. All that is settled is
in the journal, so whoever goes on after an interruption does exactly what was left. Knows no file, process or model.
"""

from __future__ import annotations

import statistics
from collections import Counter, deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evo.config import RunConfig
from evo.journal import Journal
from evo.population import Failure, Fitness, Founder, Individual, Lineage, Policy, Population, ranked
from evo.records import Closed, Ended, Generation, Skipped
from evo.selection import parents, survivors
from evo.variation import Barren, Variation

DRAWS = 10
"""How often a child is drawn anew, from the same stream, before its number stays unused."""


class Scorer(Protocol):
    """Whoever turns policies into outcomes, in their order; an `evaluation.Evaluator` does."""

    def evaluate(self, policies: Iterable[Policy]) -> Iterator[Fitness | Failure]:
        """The outcome of each policy, each as soon as it and those before it are certain."""


@dataclass(frozen=True, slots=True)
class Variations:
    """How children are made: of one parent, and of two."""

    mutation: Variation
    crossover: Variation


@dataclass(frozen=True, slots=True)
class Born:
    """An individual has been scored and saved; its generation is not complete yet."""

    individual: Individual


Event = Born | Generation


@dataclass(frozen=True, slots=True)
class _Child:
    """A policy that waits for its score."""

    number: int
    policy: Policy
    lineage: Lineage
    attempts: int


def evolve(journal: Journal, scorer: Scorer, variations: Variations) -> Generator[Event, None, None]:
    """Go on with a run from where its journal stands to its end; each event is saved before it is yielded.

    Ends at once if the run has ended. Leaving the iteration at any point loses nothing that was yielded.
    """
    state = journal.state
    _conclude(journal)
    while state.stop is None:
        if state.generations:
            yield from _offspring(journal, scorer, variations)
        else:
            yield from _first(journal, scorer, variations)
        journal.append(_summary(journal))
        _conclude(journal)
        yield state.generations[-1]


def _first(journal: Journal, scorer: Scorer, variations: Variations) -> Iterator[Born]:
    """The first population: the initial policies, and mutants of the better ones in the places that are left.

    What was refused is born as the failure that it is, without having been run.
    """
    state, size = journal.state, journal.config.population
    initial = journal.initial
    waiting = [_founder(n, founder) for n, founder in enumerate(initial) if n >= state.next_number]
    yield from _commit(journal, scorer, waiting)
    founders = [state.individuals[number] for number in range(len(initial))]
    living = Population(0, tuple(ranked(one for one in founders if not one.policy.refused)))
    if living.individuals:
        numbers = range(state.next_number, max(len(initial), size))
        yield from _commit(journal, scorer, _drawn(journal, numbers, living, variations, crossover=0.0))


def _founder(number: int, founder: Founder) -> _Child | Individual:
    lineage = Lineage("initial", detail=founder.name)
    if founder.refusal is not None:
        return Individual(number, 0, founder.policy, lineage, founder.refusal)
    return _Child(number, founder.policy, lineage, attempts=1)


def _offspring(journal: Journal, scorer: Scorer, variations: Variations) -> Iterator[Born]:
    """The children of the last complete generation that are not yet born."""
    config, state = journal.config, journal.state
    generation = len(state.generations)
    end = max(len(journal.header.initial), config.population) + generation * config.children
    numbers = range(state.next_number, end)
    living = state.generations[-1].population
    yield from _commit(journal, scorer, _drawn(journal, numbers, living, variations, config.crossover))


def _drawn(
    journal: Journal, numbers: Iterable[int], living: Population, variations: Variations, crossover: float
) -> Iterator[_Child | Skipped]:
    """The children with these numbers, none the twin of another or of anybody before."""
    known = set(journal.state.hashes)
    generation = len(journal.state.generations)
    draw = _Draw(journal.config, living, variations, crossover if len(living.individuals) > 1 else 0.0)
    for number in numbers:
        child = draw.child(number, generation, known)
        if isinstance(child, _Child):
            known.add(child.policy.hash)
        yield child


@dataclass(frozen=True, slots=True)
class _Draw:
    """Drawing children of the living."""

    config: RunConfig
    living: Population
    variations: Variations
    crossover: float

    def child(self, number: int, generation: int, known: set[str]) -> _Child | Skipped:
        """The child of that number: a function of the seed, the number, the living and what is known."""
        rng = np.random.default_rng([self.config.seed, number])
        attempts, reason, twin = 0, "", False
        for _ in range(DRAWS):
            crossed = self.crossover > rng.random()
            variation = self.variations.crossover if crossed else self.variations.mutation
            chosen = parents(self.living, 1 + crossed, self.config.tournament, rng)
            proposal = variation.propose(chosen, rng)
            if isinstance(proposal, Barren):
                attempts, reason, twin = attempts + 1, proposal.reason, False
                continue
            attempts += proposal.attempts
            if proposal.policy.hash not in known:
                return _Child(number, proposal.policy, proposal.lineage, attempts)
            reason, twin = "the last draw is a policy that the run knows", True
        return Skipped(number=number, generation=generation, attempts=attempts, reason=reason, twin=twin)


def _commit(
    journal: Journal, scorer: Scorer, children: Iterable[_Child | Skipped | Individual]
) -> Iterator[Born]:
    """Score the children, while the later ones are still being drawn, and save each when its turn has come.

    An individual among them has its outcome already.
    """
    generation = len(journal.state.generations)
    waiting: deque[_Child | Skipped | Individual] = deque()

    def policies() -> Iterator[Policy]:
        for child in children:
            waiting.append(child)
            if isinstance(child, _Child):
                yield child.policy

    for outcome in scorer.evaluate(policies()):
        while not isinstance(child := waiting.popleft(), _Child):
            yield from _settle(journal, child)
        individual = Individual(child.number, generation, child.policy, child.lineage, outcome)
        yield Born(journal.add(individual, child.attempts))
    for left in waiting:
        assert not isinstance(left, _Child), "a scorer gives one outcome for each policy"
        yield from _settle(journal, left)


def _settle(journal: Journal, child: Skipped | Individual) -> Iterator[Born]:
    """Save what needs no score."""
    if isinstance(child, Individual):
        yield Born(journal.add(child, 1))
    else:
        journal.append(child)


def _summary(journal: Journal) -> Closed:
    """The record that completes the open generation."""
    config, state = journal.config, journal.state
    before = state.generations[-1].population if state.generations else Population(-1, ())
    children = [one for one in state.born if not one.policy.refused]
    living = survivors(before, children, config.population, config.elites)
    values = [one.fitness.value for one in living.individuals if one.fitness is not None]
    failures = Counter(one.outcome.kind.value for one in state.born if isinstance(one.outcome, Failure))
    twins = sum(skipped.twin for skipped in state.unused)
    return Closed(
        number=living.generation,
        survivors=tuple(one.number for one in living.individuals),
        best=living.individuals[0].number if values else None,
        median=statistics.median(values) if values else None,
        failures=dict(sorted(failures.items())),
        redrawn=state.redrawn,
        duplicates=twins,
        barren=len(state.unused) - twins,
        evaluations=len(state.individuals),
    )


def _conclude(journal: Journal) -> None:
    """Save the end of the run if it has come and is not yet saved."""
    reason = _reason_to_stop(journal)
    if reason is not None and journal.state.stop is None:
        journal.append(Ended(reason=reason))


def _reason_to_stop(journal: Journal) -> str | None:
    config, state = journal.config, journal.state
    complete = len(state.generations) - 1
    if complete < 0:
        return None
    best = state.best.fitness if state.best else None
    target = config.target
    come = {
        "target": target is not None and best is not None and not best.metric.better(target, best.value),
        "patience": 0 < config.patience <= complete - state.improved,
        "generations": complete >= journal.asked,
        "extinct": not state.generations[-1].population.individuals,
    }
    return next((reason for reason, true in come.items() if true and reason not in state.lifted), None)
