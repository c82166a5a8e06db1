"""The values that evolve: policies, their fitness, their failures, their family tree.

All are immutable. Nothing here knows how a policy is made, run or saved. Ranking lives here, because an order
that two rooms computed apart would one day differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import msgspec

from evo.behaviour import Behaviour
from evo.insights import Insight
from evo.metric import CLASSES, Metric


@dataclass(frozen=True, slots=True)
class Policy:
    """Source of a scheduling policy; validated, unless it was `refused`.

    `hash` is the hexadecimal SHA-256 of the normal form: two policies with the same hash are the same program
    but for comments, docstrings, formatting and local names. `key` is the name that it registers. Text that was
    refused registers none: its key is empty, and its hash is its own alone.
    """

    source: str
    hash: str
    key: str

    @property
    def refused(self) -> bool:
        """Whether the text is no policy: nothing can be made of it, so it has no children."""
        return not self.key


class FailureKind(Enum):
    """Why a policy has no fitness: the one list of reasons, the same wherever failures are counted or shown."""

    SYNTAX = "syntax"
    """The text is no Python."""
    CONTRACT = "contract"
    """It doesn't have the two functions, registered under one key, that make a policy."""
    FORBIDDEN = "forbidden"
    """It uses what no scheduler needs or may have; it was never run."""
    EXCEPTION = "exception"
    """Its own code raised an exception."""
    TIMEOUT = "timeout"
    """It took too many seconds, or too many steps."""
    MEMORY = "memory"
    """It needed too much memory."""
    CRASH = "crash"
    """Its process ended before its time."""
    INVALID_ACTION = "invalid-action"
    """It wanted what can't be done, or returned what holds no actions."""
    CHEATING = "cheating"
    """What it did to the cluster breaks a law that nature would have kept."""
    OUTPUT = "output"
    """Its process sent a message that is too long, malformed or out of turn."""
    UNSCORED = "unscored"
    """The run ended, but the metric has no finite value."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a policy has no fitness; ranks behind every fitness, and is shown to whoever mends the policy.

    The message of an exception begins with its type, as upstream would have raised it ("ZeroDivisionError:
    division by zero"). `trace` names the trace, `tick` the simulated tick (-1 during initialisation, None before
    there is a clock), `line` the 1-based line of the policy's source, `printed` what the policy printed last.
    `repeats` says whether it would meet the same on any machine at any time.
    """

    kind: FailureKind
    message: str
    trace: str | None = None
    tick: int | None = None
    line: int | None = None
    printed: str = ""
    repeats: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.kind, FailureKind):
            raise TypeError(f"a failure's kind must be a FailureKind, got {self.kind!r}")


@dataclass(frozen=True, slots=True)
class Founder:
    """A policy with which a run begins, what the user called it, and why it was refused, if it was."""

    name: str
    policy: Policy
    refusal: Failure | None = None


class TraceScore(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metric on one trace, with (completed, arrived) pipelines of each priority class beside it.

    The `insight` is there if it was asked for, the `behaviour` not in runs from before it was looked at; `beside` are the
    values of further metrics, in their order.
    """

    trace: str
    value: float
    query: tuple[int, int]
    interactive: tuple[int, int]
    batch: tuple[int, int]
    insight: Insight | None = None
    behaviour: Behaviour | None = None
    beside: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for value in (self.value, *self.beside):
            if not math.isfinite(value):
                raise ValueError(f"a score must be finite, got {value}")


class Reached(msgspec.Struct, frozen=True, array_like=True):
    """What was reached by one metric: the median over the traces."""

    metric: Metric
    value: float


class Fitness(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy's score on every trace of a suite; `value` is their median, and `beside` those by further metrics."""

    metric: Metric
    value: float
    per_trace: tuple[TraceScore, ...]
    beside: tuple[Reached, ...] = ()

    def __post_init__(self) -> None:
        for value in self.values.values():
            if not math.isfinite(value):
                raise ValueError(f"a fitness must be finite, got {value}")

    @property
    def values(self) -> dict[Metric, float]:
        """What was reached by each metric, the first one first."""
        return {self.metric: self.value} | {one.metric: one.value for one in self.beside}

    @property
    def costs(self) -> tuple[float, ...]:
        """The same as numbers of which less is better."""
        return tuple(metric.cost(value) for metric, value in self.values.items())

    def gap(self, bounds: Sequence[float | None]) -> float | None:
        """By how many times it misses what no fitness can better, by the first metric; None if that isn't known.

        There is a bound for each metric, None where none can be had; of a run that knows none there are none.
        """
        return self.metric.gap(self.value, bounds[0]) if bounds else None

    def on_each_trace(self) -> dict[Metric, tuple[float, ...]]:
        """The values by each metric in the order of `per_trace`."""
        return {
            metric: tuple((score.value, *score.beside)[place] for score in self.per_trace)
            for place, metric in enumerate(self.values)
        }

    @property
    def completions(self) -> dict[str, tuple[int, int]]:
        """(completed, arrived) pipelines per class, summed over traces."""
        return {
            name: (
                sum(getattr(score, name)[0] for score in self.per_trace),
                sum(getattr(score, name)[1] for score in self.per_trace),
            )
            for name in CLASSES
        }

    @property
    def reached(self) -> tuple[object, ...]:
        """What was reached on each trace, whatever else is known of how."""
        scores = (
            (each.value, *each.beside, each.query, each.interactive, each.batch) for each in self.per_trace
        )
        return (*self.values.values(), *scores)

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What the policy did on each trace; none if that isn't known of all."""
        known = [each.behaviour for each in self.per_trace if each.behaviour is not None]
        return tuple(known) if len(known) == len(self.per_trace) else ()


@dataclass(frozen=True, slots=True)
class Partial:
    """A policy's scores on some traces, in the order of running: on these it failed to reach the `hurdle` for good.

    Without a failure on the `left` others its fitness would have been `at_best`, or worse.
    """

    metric: Metric
    at_best: float
    hurdle: float
    left: int
    per_trace: tuple[TraceScore, ...]

    def __post_init__(self) -> None:
        if not math.isfinite(self.at_best):
            raise ValueError(f"what could be reached must be finite, got {self.at_best}")


class Lineage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an individual comes from: the variation, the ids of its parents, and what was changed in words.

    `kinds` are the names of the mutations or of the crossing that were applied, in order, or of the hint with which a
    model was asked, for whoever asks which of them pay. `step` is how far its constants are changed in its children, as
    a standard deviation of logarithms; it is inherited with changes of its own (Schwefel's self-adaptation), 0 where
    nobody has set it. If a language model made it: which, and by the answers to which questions, as the run has them.
    """

    variation: str
    parents: tuple[str, ...] = ()
    detail: str = ""
    model: str = ""
    questions: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Individual:
    """A policy in a population, numbered in order of birth; its number never depends on timing."""

    number: int
    generation: int
    policy: Policy
    lineage: Lineage
    outcome: Fitness | Partial | Failure

    @property
    def id(self) -> str:
        """The name by which commands and lineages refer to this individual."""
        return str(self.number)

    @property
    def fitness(self) -> Fitness | None:
        """The fitness, or None if the policy failed, or was stopped before it had one."""
        return self.outcome if isinstance(self.outcome, Fitness) else None


@dataclass(frozen=True, slots=True)
class Population:
    """The individuals alive after a generation, best first."""

    generation: int
    individuals: tuple[Individual, ...]


def ranked(individuals: Iterable[Individual]) -> list[Individual]:
    """From best to worst: by fitness, then by what could be reached, the elder first among equals; failures last.

    Of several metrics the first decides, and the next among those that are equal by it.
    """

    def place(individual: Individual) -> tuple[int, tuple[float, ...], int]:
        match individual.outcome:
            case Fitness(costs=costs):
                return (0, costs, individual.number)
            case Partial(metric=metric, at_best=at_best):
                return (1, (metric.cost(at_best),), individual.number)
            case Failure():
                return (2, (), individual.number)

    return sorted(individuals, key=place)
