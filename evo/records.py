"""What a run's journal may say, and the state of the run that follows from it.

The law: a run is its records, in order. The live run and a resumed one build their state by the same path, the
fold `RunState.apply` over the records, and nothing else changes it. No record holds a time, a duration or a fact
about the machine, so equal seeds give equal bytes. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from evo.fame import joined
from evo.population import Failure, Fitness, Individual, Lineage, Partial, Policy, Population
from evo.saved_failure import SavedFailure

FORMAT = 1
"""The journal's format; a reader refuses a higher one."""


class _Record(msgspec.Struct, frozen=True, tag_field="record", omit_defaults=True, kw_only=True):
    """One line of a journal."""


class Initial(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy of the first population: what the user called it, and its saved source with that text's SHA-256.

    With a `refusal` it is none: the text was refused.
    """

    name: str
    hash: str
    key: str
    file: str
    digest: str
    refusal: SavedFailure | None = None


class Header(_Record, frozen=True, tag="born"):
    """The first record: who began this run, on what; `suite` and `config` are digests.

    The `bounds` are what no fitness can better, one for each metric; None where none can be had.
    """

    format: int
    evo: str
    simulator: str
    suite: str
    config: str
    initial: tuple[Initial, ...]
    bounds: tuple[float | None, ...] = ()


class Birth(_Record, frozen=True, tag="individual"):
    """An individual was scored, or stopped before it was, or failed; its source lies in `file`, whose text has the SHA-256 `digest`.

    `attempts` counts what was drawn until this child came out; 1 is none in vain.
    """

    number: int
    generation: int
    hash: str
    key: str
    file: str
    digest: str
    lineage: Lineage
    attempts: int = 1
    fitness: Fitness | None = None
    failure: SavedFailure | None = None
    partial: Partial | None = None


class Skipped(_Record, frozen=True, tag="skipped"):
    """No child came out under this number: each draw was a known program (`twin`), or the last bore nothing.

    Where a language model was asked in vain, `model` says which and `questions` what it was asked; `broke` says that it
    wasn't asked because the budget didn't allow it. An `echo` is the normal form of a child that did on its first trace
    what was known, and was run on no other.
    """

    number: int
    generation: int
    attempts: int
    reason: str
    twin: bool = False
    model: str = ""
    questions: tuple[str, ...] = ()
    broke: bool = False
    echo: str = ""


class Closed(_Record, frozen=True, tag="generation"):
    """A generation is complete: the numbers of its survivors, best first, and its statistics.

    `spared` counts the simulations that were not to be run because their policies were stopped before, `echoes` the
    children that did nothing new on their first trace, and ran on no other. As the best has stood for long, the search
    `explores` among whoever comes of these.
    """

    number: int
    survivors: tuple[int, ...]
    best: int | None
    median: float | None
    failures: dict[str, int]
    redrawn: int
    duplicates: int
    barren: int
    evaluations: int
    spared: int = 0
    echoes: int = 0
    explores: bool = False


class Selected(_Record, frozen=True, tag="selected"):
    """The individual of that number, of the hall of fame at an end, was scored on the selection traces, or failed there."""

    number: int
    fitness: Fitness | None = None
    failure: SavedFailure | None = None


class Extended(_Record, frozen=True, tag="extended"):
    """The user asked for this many generations in all, and dollars, in place of what the configuration says."""

    generations: int
    budget: float | None = None


class Ended(_Record, frozen=True, tag="end"):
    """The search came to its end: by "generations", "evaluations", "target", "patience", "budget", or "extinct" without parents."""

    reason: str


Record = Header | Birth | Skipped | Closed | Selected | Extended | Ended


@dataclass(frozen=True, slots=True)
class Generation:
    """A completed generation: who lives, who was born in it, and how it went.

    `best` and `median` (of the first metric) are of the living that have a fitness. `failures` counts the born by kind
    of failure, `redrawn` the draws in vain, `duplicates` the numbers left unused because every draw was a known
    program, `barren` those for which nothing could be drawn. `evaluations` counts all scored so far, `spared`
    the simulations not run of those who were stopped, `echoes` the children that did nothing new; if it
    `explores`, parents among its living are drawn at random. `stop` says why the run ended with this generation.
    """

    number: int
    population: Population
    born: tuple[Individual, ...]
    best: Individual | None
    median: float | None
    failures: dict[str, int]
    redrawn: int
    duplicates: int
    barren: int
    evaluations: int
    spared: int = 0
    echoes: int = 0
    explores: bool = False
    stop: str | None = None


class RunState:
    """What the records so far amount to; `read` gives the source text that a birth refers to."""

    def __init__(self, read: Callable[[Birth], str]) -> None:
        self._read = read
        self.header: Header | None = None
        self.individuals: dict[int, Individual] = {}
        self.generations: list[Generation] = []
        self.hashes: set[str] = set()
        """Normal forms of all individuals."""
        self.unused: list[Skipped] = []
        """Numbers of the open generation under which no child came out."""
        self.next_number = 0
        """The lowest number not yet settled."""
        self.first_number = 0
        """The lowest number of the open generation."""
        self.redrawn = 0
        """Draws in vain in the open generation."""
        self.extended: int | None = None
        """Generations asked for in place of the configuration's."""
        self.budget: float | None = None
        """Dollars asked for in place of the configuration's."""
        self.broke = False
        """Whether a child wasn't asked for because there was no money left for it."""
        self.lifted: set[str] = set()
        """Reasons for an end that no longer count, because the user asked to go on after one."""
        self.outlived = 0
        """How many were born when the user last asked to go on after an end."""
        self.stop: str | None = None
        self.front: tuple[Individual, ...] = ()
        """The Pareto front of all ever born, best first, the elder among equals; by one metric that is the best."""
        self.improved = 0
        """The generation in which the last of them was born."""
        self.selections: dict[int, Fitness | Failure] = {}
        """What came of individuals on the selection traces, by number; no child depends on it."""

    @property
    def best(self) -> Individual | None:
        """The best ever born, by the first metric; None as long as nobody has a fitness."""
        return self.front[0] if self.front else None

    @property
    def born(self) -> tuple[Individual, ...]:
        """The individuals of the open generation, in order of birth."""
        return tuple(one for one in self.individuals.values() if one.generation == len(self.generations))

    def apply(self, record: Record) -> None:
        """Take one more record into account; raises ValueError if it can't follow on those before it."""
        if (self.header is None) is not isinstance(record, Header):
            raise ValueError("a journal has one header, and it comes first")
        match record:
            case Header():
                self.header = record
            case Birth():
                self._settle(record, in_vain=record.attempts - 1)
                self._bear(record)
            case Skipped():
                self._settle(record, in_vain=record.attempts)
                self.unused.append(record)
                self.broke |= record.broke
                self.hashes |= {record.echo} - {""}
            case Closed():
                self._close(record)
            case Selected():
                self._select(record)
            case Extended():
                self._extend(record)
            case Ended():
                if not self.generations:
                    raise ValueError("an end before the first generation")
                self.stop = record.reason
                self.generations[-1] = replace(self.generations[-1], stop=record.reason)

    def _extend(self, record: Extended) -> None:
        if self.stop is not None:
            self.lifted |= {self.stop} - {"generations", "evaluations", "extinct", "budget"}
            self.outlived = len(self.individuals)
            self.generations[-1] = replace(self.generations[-1], stop=None)
        self.extended, self.stop = record.generations, None
        if record.budget is not None:
            self.budget, self.broke = record.budget, False

    def _settle(self, record: Birth | Skipped, in_vain: int) -> None:
        if record.number != self.next_number or record.generation != len(self.generations):
            raise ValueError(
                f"expected number {self.next_number} of generation {len(self.generations)}, "
                f"found {record.number} of {record.generation}"
            )
        self.next_number += 1
        self.redrawn += in_vain

    def _select(self, record: Selected) -> None:
        outcome = record.fitness if record.failure is None else record.failure.failure
        if outcome is None or record.number in self.selections or record.number not in self.individuals:
            raise ValueError(f"{record.number} is unknown, or has not one outcome on the selection traces")
        self.selections[record.number] = outcome

    def _bear(self, record: Birth) -> None:
        failure = None if record.failure is None else record.failure.failure
        outcomes = [one for one in (record.fitness, record.partial, failure) if one is not None]
        if len(outcomes) != 1:
            raise ValueError("an individual with neither fitness nor failure, or both")
        (outcome,) = outcomes
        policy = Policy(source=self._read(record), hash=record.hash, key=record.key)
        individual = Individual(record.number, record.generation, policy, record.lineage, outcome)
        self.individuals[record.number] = individual
        self.hashes.add(record.hash)
        front = joined(self.front, individual)
        if front is not self.front:
            self.front, self.improved = front, record.generation

    def _close(self, record: Closed) -> None:
        unknown = [number for number in record.survivors if number not in self.individuals]
        if unknown or record.number != len(self.generations):
            raise ValueError(f"generation {record.number} doesn't follow on what stands before it")
        self.generations.append(
            Generation(
                number=record.number,
                population=Population(record.number, tuple(self.individuals[n] for n in record.survivors)),
                born=self.born,
                best=None if record.best is None else self.individuals[record.best],
                median=record.median,
                failures=record.failures,
                redrawn=record.redrawn,
                duplicates=record.duplicates,
                barren=record.barren,
                evaluations=record.evaluations,
                spared=record.spared,
                echoes=record.echoes,
                explores=record.explores,
            )
        )
        self.unused, self.redrawn, self.first_number = [], 0, self.next_number
