"""The values that evolve: policies, their fitness, their failures, their family tree.

All are immutable. Nothing here knows how a policy is made, run or saved. Ranking lives here, because an order
that two rooms computed apart would one day differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import msgspec

from evo.behaviour import Behaviour


class Metric(Enum):
    """What is optimised, with its direction.

    Both are the paper's (arXiv 2510.18897, reference code `src/simulation_utils.py`): per trace, Eudoxia's
    `SimulatorStats.adjusted_latency()` in seconds or `SimulatorStats.throughput` in containers per second;
    over traces, the median.
    """

    LATENCY = "latency"
    THROUGHPUT = "throughput"

    @property
    def higher_is_better(self) -> bool:
        """Whether a larger value is a better one."""
        return self is Metric.THROUGHPUT

    def better(self, left: float, right: float) -> bool:
        """Whether `left` is strictly better than `right`."""
        return left > right if self.higher_is_better else left < right


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


class ClassInsight(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How the pipelines of one priority class fared in a run; seconds, None where none was completed.

    Mean latency is `waiting` (none of the pipeline's operators ran, though one could have) plus `running`, in vain or
    not. Of the `operators` of all that arrived `never_run` were never begun in any container.
    """

    arrived: int
    completed: int
    timed_out: int
    mean_latency: float | None
    worst_latency: float | None
    waiting: float | None
    running: float | None
    operators: int
    never_run: int


class Usage(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of a resource in a run: CPUs or GB of RAM, times seconds.

    Of the cluster's `capacity` containers `held` so much. Of that `unneeded` could have been left out of them without
    any operator being slower or killed, and `lost` went to work that a kill undid. `mean` is a container's mean size,
    in CPUs or GB.
    """

    capacity: float
    held: float
    unneeded: float
    lost: float
    mean: float


class Insight(msgspec.Struct, frozen=True):
    """Why a policy has its score on a trace, from the engine's own record of the run; four significant digits.

    Counted are containers started, killed for memory (`ooms`), killed because a pipeline's time was up (`timeouts`),
    and suspended. `large_unfinished` is the share of the unfinished pipelines that have more operators than the
    median pipeline, None if all were finished. No policy whatever has a latency below `latency_bound` (None: no
    pipeline can be completed) or a throughput above `throughput_bound` on this trace.
    """

    query: ClassInsight
    interactive: ClassInsight
    batch: ClassInsight
    cpu: Usage
    ram: Usage
    containers: int
    ooms: int
    timeouts: int
    suspensions: int
    large_unfinished: float | None
    latency_bound: float | None
    throughput_bound: float


class TraceScore(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metric on one trace, with (completed, arrived) pipelines of each priority class beside it.

    The `insight` is there if it was asked for; the `behaviour` not in runs from before it was looked at.
    """

    trace: str
    value: float
    query: tuple[int, int]
    interactive: tuple[int, int]
    batch: tuple[int, int]
    insight: Insight | None = None
    behaviour: Behaviour | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a score must be finite, got {self.value}")


@dataclass(frozen=True, slots=True)
class Fitness:
    """A policy's score on every trace of a suite; `value` is their median."""

    metric: Metric
    value: float
    per_trace: tuple[TraceScore, ...]

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a fitness must be finite, got {self.value}")

    @property
    def completions(self) -> dict[str, tuple[int, int]]:
        """(completed, arrived) pipelines per class, summed over traces."""
        return {
            name: (
                sum(getattr(score, name)[0] for score in self.per_trace),
                sum(getattr(score, name)[1] for score in self.per_trace),
            )
            for name in ("query", "interactive", "batch")
        }

    @property
    def reached(self) -> tuple[object, ...]:
        """What was reached on each trace, whatever else is known of how."""
        scores = ((each.value, each.query, each.interactive, each.batch) for each in self.per_trace)
        return (self.value, *scores)

    @property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """What the policy did on each trace; none if that isn't known of all."""
        known = [each.behaviour for each in self.per_trace if each.behaviour is not None]
        return tuple(known) if len(known) == len(self.per_trace) else ()


class Lineage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an individual comes from: the variation, the ids of its parents, and what was changed in words.

    If a language model made it: which, and by the answers to which questions, as the run has them.
    """

    variation: str
    parents: tuple[str, ...] = ()
    detail: str = ""
    model: str = ""
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Individual:
    """A policy in a population, numbered in order of birth; its number never depends on timing."""

    number: int
    generation: int
    policy: Policy
    lineage: Lineage
    outcome: Fitness | Failure

    @property
    def id(self) -> str:
        """The name by which commands and lineages refer to this individual."""
        return str(self.number)

    @property
    def fitness(self) -> Fitness | None:
        """The fitness, or None if the policy failed."""
        return self.outcome if isinstance(self.outcome, Fitness) else None


@dataclass(frozen=True, slots=True)
class Population:
    """The individuals alive after a generation, best first."""

    generation: int
    individuals: tuple[Individual, ...]


def ranked(individuals: Iterable[Individual]) -> list[Individual]:
    """Individuals from best to worst: by fitness, the elder first among equals, failures last in order of birth."""

    def place(individual: Individual) -> tuple[int, float, int]:
        fitness = individual.fitness
        if fitness is None:
            return (1, 0.0, individual.number)
        value = -fitness.value if fitness.metric.higher_is_better else fitness.value
        return (0, value, individual.number)

    return sorted(individuals, key=place)


def hall_of_fame(individuals: Iterable[Individual], size: int) -> list[Individual]:
    """The `size` best individuals that have a fitness, without twins: equal normal forms, or the same done everywhere."""
    seen: set[object] = set()
    best: list[Individual] = []
    for individual in ranked(individuals):
        if individual.fitness is None:
            continue
        done = tuple(behaviour.digest for behaviour in individual.fitness.behaviours)
        same = {individual.policy.hash, done or individual.policy.hash}
        if not same & seen:
            best.append(individual)
        seen |= same
        if len(best) == size:
            break
    return best
