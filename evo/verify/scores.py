"""Every score of a run made once more: what the run claims, and what comes out on its own traces today.

A claim is an outcome on a part of the suite: a new sort of score needs a line in `claims`, and nothing else. Claims are
judged in order, whatever the number of workers. Prints nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from itertools import zip_longest
from pathlib import Path

from evo.cage import Limits
from evo.config import RunConfig
from evo.errors import InputError
from evo.evaluation.cache import Outcome, repeatable
from evo.evaluation.evaluator import default_workers
from evo.evaluation.stages import ROUNDING, best_fitness
from evo.evaluation.suites import Suite
from evo.evaluation.worker import measure
from evo.evaluation.workers import pooled
from evo.population import Failure, Fitness, Policy
from evo.records import Header
from evo.rescoring import suite_for
from evo.saved import Run
from evo.simulator import SIMULATOR_VERSION
from evo.verify.differences import Difference, Findings, Saved, hold, traces_of
from evo.verify.records import Reading, read

_AHEAD = 2
"""Policies on their way for each worker."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a run says became of a policy on the traces of this part of its suite."""

    subject: str
    number: int
    policy: Policy
    part: Suite
    saved: Saved
    legacy: bool = False

    @property
    def places(self) -> tuple[int, ...]:
        """The traces on which the outcome rests, by their places in the part of the suite."""
        names = [trace.name for trace in self.part.traces]
        return tuple(names.index(name) for name in traces_of(self.saved) if name in names)

    def begun(self) -> Findings:
        """What is found before anything is run: an outcome rests on traces that there are, a fitness on all."""
        findings = Findings(self.subject, self.number, self.legacy)
        findings.mood = not repeatable(self.saved)
        everything = [trace.name for trace in self.part.traces]
        some = self.places and not isinstance(self.saved, Fitness)
        there = [everything[place] for place in self.places] if some else everything
        findings.compare("traces", list(traces_of(self.saved)), there)
        return findings


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it: how many outcomes were judged, by how many simulations, and what differs."""

    header: Header
    """By whom the run was made."""
    individuals: int
    judged: int
    simulations: int
    moods: int
    """Outcomes that depend on the machine, there or here, and were not judged."""
    reworded: int
    """Failures that are the same, but for the words of an error."""
    differences: tuple[Difference, ...]


def verified(
    root: Path | None, name: str, workers: int | None = None, sample: int | None = None
) -> Generator[tuple[int, int], None, Verified]:
    """Hold a saved run against what comes out of its folder today; yields how many outcomes of how many are judged.

    With a `sample` only so many are (`sampled`); sources and records always are, all of them. Raises RunError if the run
    can't be read, or its configuration or traces were changed; CageError.
    """
    if workers is not None and workers < 1:
        raise InputError(f"there must be at least 1 worker, got {workers}")
    reading = read(root, name)
    run, suite = reading.run, suite_for(reading.run, None)
    wanted = sampled(run, list(claims(reading, suite)), sample)
    found: list[Findings] = []
    with closing(_judged(wanted, run.config, workers or default_workers())) as judging:
        for findings in judging:
            found.append(findings)
            yield len(found), len(wanted)
    return Verified(
        header=run.header,
        individuals=len(run.individuals),
        judged=sum(not one.mood for one in found),
        simulations=sum(one.simulations for one in found),
        moods=sum(one.mood for one in found),
        reworded=sum(one.reworded for one in found),
        differences=tuple(
            each for one in (*reading.found, *_bounds(run, suite), *found) for each in one.differences
        ),
    )


def _bounds(run: Run, suite: Suite) -> Iterator[Findings]:
    """What the run says that no fitness can better, metric by metric, if this evo said so: another may know nearer bounds.

    One that is off by a rounding is the same: another processor may have another last bit.
    """
    header, here = run.header, (metadata.version("evo-policies"), SIMULATOR_VERSION)
    if not header.bounds or (header.evo, header.simulator) != here:
        return
    now = best_fitness(suite, run.config.metrics)
    for place, (was, bound) in enumerate(zip_longest(header.bounds, now)):
        findings = Findings("bound", place)
        if was is None or bound is None or not math.isclose(was, bound, rel_tol=ROUNDING):
            findings.compare("at best", was, bound)
        yield findings


def claims(reading: Reading, suite: Suite) -> Iterator[Claim]:
    """All that the run says of policies whose sources are what was saved."""
    for one in reading.run.individuals:
        policy = reading.programs.get(one.number)
        if policy is not None:
            yield Claim("individual", one.number, policy, suite, one.outcome, one.number in reading.legacy)
    for number, outcome in reading.run.selections.items():
        policy = reading.programs.get(number)
        if policy is not None:
            yield Claim("selection", number, policy, suite.part("selection"), outcome)


def sampled(run: Run, everything: Sequence[Claim], size: int | None) -> list[Claim]:
    """So many of the claims (None: all), in order: half are about the hall of fame, the others lie evenly in between."""
    if size is None or size >= len(everything):
        return list(everything)
    fame = {one.number for one in run.hall_of_fame((size + 1) // 2)}
    best = [place for place, one in enumerate(everything) if one.number in fame][:size]
    others = [place for place in range(len(everything)) if place not in best]
    left = size - len(best)
    chosen = {*best, *(others[step * len(others) // left] for step in range(left))}
    return [everything[place] for place in sorted(chosen)]


def _judged(wanted: Sequence[Claim], config: RunConfig, count: int) -> Generator[Findings, None, None]:
    """What is found of each claim, in their order."""
    limits = Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work)
    insight = any(_has_insight(one.saved) for one in wanted)
    under_way: deque[tuple[Claim, Findings, list[Future[Outcome]]]] = deque()
    simulated = _together(wanted)
    if simulated is None:
        return
    places = {trace.digest: place for place, trace in enumerate(simulated.traces)}
    with pooled(count, simulated, limits) as pool:
        for one in wanted:
            findings = one.begun()
            runs = [] if findings.mood or findings.differences else one.places
            traces = [places[one.part.traces[place].digest] for place in runs]
            futures = [pool.submit(measure, one.policy, place, insight=insight) for place in traces]
            under_way.append((one, findings, futures))
            if len(under_way) > _AHEAD * count:
                yield _settled(*under_way.popleft(), config)
        while under_way:
            yield _settled(*under_way.popleft(), config)


def _settled(
    claim: Claim, findings: Findings, futures: Sequence[Future[Outcome]], config: RunConfig
) -> Findings:
    outcomes = [future.result() for future in futures]
    if outcomes:
        hold(findings, config.metric, claim.saved, outcomes)
    return findings


def _together(wanted: Iterable[Claim]) -> Suite | None:
    """One suite with the traces of all claims' parts, each once; None without any claim."""
    parts = [one.part for one in wanted]
    if not parts:
        return None
    traces = {trace.digest: trace for part in parts for trace in part.traces}
    return Suite(parts[0].name, parts[0].parameters, tuple(traces.values()))


def _has_insight(saved: Saved) -> bool:
    return not isinstance(saved, Failure) and any(score.insight is not None for score in saved.per_trace)
