"""The runs of a bench: every row with every seed, each a run of its own that is saved, gone on with, or only read.

All share one cache, so that what is known isn't simulated twice; no run depends on it. They are compared by what they
were bred for, so they have no selection traces and pay for none. Which runs there are and how
long each is follows from the rows alone. Prints nothing and concludes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from evo.bench.measures import best_so_far
from evo.bench.rows import Row
from evo.birth import gathered
from evo.cage import Limits
from evo.config import RunConfig, read_config
from evo.consulting import Calling, check
from evo.errors import InputError, RunError
from evo.evaluation.cache import Cache
from evo.evolution import Event, evolve
from evo.journal import Journal, Kit
from evo.population import Failure
from evo.runfolder import JOURNAL
from evo.saved import Run, digest, read_run
from evo.session import session
from evo.simulator import SIMULATOR_VERSION


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, and the configuration of its runs but for the seed; it has evaluations."""

    row: Row
    config: RunConfig

    @property
    def evaluations(self) -> int:
        """How many policies each of its runs scores."""
        assert self.config.evaluations is not None
        return self.config.evaluations


@dataclass(frozen=True, slots=True)
class Finished:
    """A run of an entry that has come to its end: the best after each evaluation, and how many there were.

    No fitness of it is better than the `bound`; None if none is known.
    """

    entry: Entry
    seed: int
    name: str
    trail: Sequence[float]
    evaluations: int
    failures: int
    stop: str
    bound: float | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What happened in the run of that name."""

    name: str
    event: Event


def entries(
    rows: Sequence[Row], file: Path | None, given: Mapping[str, Any], evaluations: int
) -> tuple[Entry, ...]:
    """The rows with their configurations: the row's changes, above what is `given`, above the file's.

    Raises InputError, naming the row whose configuration can't be.
    """
    made = []
    check(read_config(file, given))  # what is wrong there is no row's fault
    for row in rows:
        try:
            config = read_config(file, {**given, "evaluations": evaluations, **row.changes})
            check(config)
        except InputError as error:
            raise InputError(f"row '{row.name}': {error}") from error
        made.append(Entry(row, config))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Bench:
    """All runs of these entries with the seeds 1 to `seeds`, saved in a folder of their own."""

    folder: Path
    entries: tuple[Entry, ...]
    seeds: int
    workers: int | None = None
    calling: Calling = field(default_factory=Calling)

    def saved(self) -> dict[str, Run]:
        """The runs that are there already, by name.

        Raises RunError if one isn't what it would be if it began today, or can't be read.
        """
        found: dict[str, Run] = {}
        kits: dict[tuple[object, ...], Kit] = {}
        for entry, seed in self._all():
            name, config = self._planned(entry, seed)
            if (self.folder / name / JOURNAL).exists():
                found[name] = read_run(self.folder, name)
                born_of = (config.suite, config.init)
                if born_of not in kits:
                    kits[born_of] = gathered(config, selects=False)
                _demand_same(found[name], config, kits[born_of])
        return found

    def go_on(self, saved: Mapping[str, Run]) -> Generator[Course | Finished, None, None]:
        """What happens, run by run, until all are finished; seed by seed, so that the pairs are soon complete.

        Those `saved` that have come to their end are only read. Leaving the iteration loses nothing. Raises RunError
        for a run without any fitness, and what `evo.evolve` raises.
        """
        caches: dict[Limits, Cache] = {}
        for entry, seed in self._all():
            name, config = self._planned(entry, seed)
            run = saved.get(name)
            if run is None or run.stop is None:
                limits = Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work)
                cache = caches.setdefault(limits, Cache())
                with self._journal(name, config, begun=run is not None) as journal:
                    for event in self._search(journal, cache):
                        yield Course(name, event)
                run = read_run(self.folder, name)
            yield _finished(run, entry, seed)

    def _all(self) -> Iterator[tuple[Entry, int]]:
        for seed in range(1, self.seeds + 1):
            for entry in self.entries:
                yield entry, seed

    def _planned(self, entry: Entry, seed: int) -> tuple[str, RunConfig]:
        return f"{entry.row.name}-{seed}", msgspec.structs.replace(entry.config, seed=seed)

    def _journal(self, name: str, config: RunConfig, *, begun: bool) -> Journal:
        if begun:
            return Journal.open(self.folder, name)
        return Journal.create(self.folder, name, config, gathered(config, selects=False))

    def _search(self, journal: Journal, cache: Cache) -> Iterator[Event]:
        with session(journal, self.workers, self.calling, cache) as parts:
            yield from evolve(journal, parts.evaluator, parts.breeder, parts.ahead)


def _finished(run: Run, entry: Entry, seed: int) -> Finished:
    values = [None if one.fitness is None else one.fitness.value for one in run.individuals]
    founders = len(run.header.initial)
    trail = best_so_far(entry.config.metrics[0], values, founders, entry.evaluations)
    if not trail:
        raise RunError(f"{run.folder}: none of its policies has a fitness, so there is nothing to compare")
    failures = sum(isinstance(one.outcome, Failure) for one in run.individuals)
    bound = next(iter(run.header.bounds), None)
    return Finished(entry, seed, run.name, trail, len(values), failures, run.stop or "", bound)


def _demand_same(run: Run, config: RunConfig, kit: Kit) -> None:
    """Raise RunError unless the saved run is the one that would begin now."""
    fault = next(_differences(run, config, kit), None)
    if fault is not None:
        raise RunError(
            f"{run.folder}: {fault}; delete that folder to have it run anew, or give another --folder"
        )


def _differences(run: Run, config: RunConfig, kit: Kit) -> Iterator[str]:
    then, now = (one.to_toml().splitlines() for one in (run.config, config))
    if then != now:
        gone = ", ".join(line for line in then if line not in now) or "nothing of the kind"
        come = ", ".join(line for line in now if line not in then) or "nothing of the kind"
        yield f"it was begun with {gone}, and now there is {come}"
    made = (run.header.evo, run.header.simulator)
    if made != (metadata.version("evo-policies"), SIMULATOR_VERSION):
        yield f"another evo made it ({made[0]}, simulator {made[1]})"
    if [one.digest for one in run.header.initial] != [
        digest(founder.policy.source.encode()) for founder in kit.initial
    ]:
        yield "its first population was another"
    for path, data in kit.files.items():
        saved = run.folder / path
        if not saved.is_file() or saved.read_bytes() != data:
            yield f"its {path} was another"
