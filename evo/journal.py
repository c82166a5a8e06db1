"""A saved run: its append-only journal, and the folder in which everything that the run needs lies beside it.

Append before use: a policy's file is on the disk before the record that names it, and the record before anybody
acts on it. A last line cut short is forgiven, any other damage is an error naming file and line. One writer per
run, readers at any time. Interrupted or not, at any byte after its birth, a run ends with the same bytes. One of n
generations extended to m is one of m, but for the configuration and its digest, and `end`, `extended` and `selected` records.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from evo.config import RunConfig
from evo.errors import RunError
from evo.population import Failure, Fitness, Founder, Individual, Partial, Policy
from evo.records import FORMAT, Birth, Extended, Header, Initial, Record
from evo.runfolder import (
    CONFIG,
    JOURNAL,
    create_folder,
    find_run,
    list_runs,
    one_writer,
    policy_file,
    refuse,
    write_durably,
)
from evo.saved import Run, decode, digest, header_of, load, read_run, read_saved
from evo.saved_failure import SavedFailure
from evo.simulator import SIMULATOR_VERSION

__all__ = ["Journal", "Kit", "Run", "list_runs", "read_run"]

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Kit:
    """What a run is born with: its suite's digest, the first population, files, and what no fitness can better.

    The `bounds` are one for each metric. `files` is what else the run needs, by path inside its folder.
    """

    suite: str
    initial: Sequence[Founder]
    files: Mapping[str, bytes]
    bounds: Sequence[float | None] = ()


class Journal:
    """The one writer of a run, holding the run's lock until it is closed; a context manager.

    `state` is what the records so far amount to, `initial` the first population.
    """

    def __init__(self, root: Path | None, name: str) -> None:
        self._stack = ExitStack()
        with ExitStack() as stack:
            folder = find_run(root, name)
            stack.enter_context(one_writer(folder))
            self.name, self.folder, self._path = name, folder, folder / JOURNAL
            self.config, self.state, self._size = load(folder)
            self.header = header_of(self.state, self._path)
            if self.header.simulator != SIMULATOR_VERSION:
                raise RunError(
                    f"{self._path}: scored by simulator {self.header.simulator}, this is {SIMULATOR_VERSION}; "
                    f"start a new run, for example with --init {folder / 'policies'}"
                )
            self._file = self._open()
            stack.callback(os.close, self._file)
            self._stack = stack.pop_all()

    @classmethod
    def open(cls, root: Path | None, name: str) -> Self:
        """Go on with a saved run; a last line cut short is taken off.

        Raises RunError if the run is unknown, damaged, in use, or from a newer evo or another simulator.
        """
        return cls(root, name)

    @classmethod
    def create(
        cls,
        root: Path | None,
        name: str,
        config: RunConfig,
        kit: Kit,
    ) -> Self:
        """Begin a run; its folder appears whole or not at all.

        Raises RunError if the name is taken or impossible, StorageError if the disk refuses.
        """
        settings = config.to_toml().encode()
        policies = {
            policy_file(number): founder.policy.source.encode() for number, founder in enumerate(kit.initial)
        }
        header = Header(
            format=FORMAT,
            evo=metadata.version("evo-policies"),
            simulator=SIMULATOR_VERSION,
            suite=kit.suite,
            config=digest(settings),
            initial=tuple(
                _entry(founder, file, data)
                for founder, (file, data) in zip(kit.initial, policies.items(), strict=True)
            ),
            bounds=tuple(kit.bounds),
        )
        own = {CONFIG: settings, JOURNAL: _ENCODER.encode(header) + b"\n"}
        create_folder(root, name, {**kit.files, **policies, **own})
        return cls(root, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back."""
        self._stack.close()

    @property
    def initial(self) -> list[Founder]:
        """The first population, in order; raises RunError if a file was changed."""
        return [
            Founder(
                one.name,
                Policy(read_saved(self.folder, one), one.hash, one.key),
                None if one.refusal is None else one.refusal.failure,
            )
            for one in self.header.initial
        ]

    @property
    def asked(self) -> int:
        """Generations asked for, extensions included."""
        return self.config.generations if self.state.extended is None else self.state.extended

    @property
    def budget(self) -> float | None:
        """Dollars that the run may cost in all, extensions included; None: no cap."""
        return self.config.budget if self.state.budget is None else self.state.budget

    def add(self, individual: Individual, attempts: int) -> Individual:
        """Save an individual, its policy's file first; the answer is what any later reader will get."""
        file, data = policy_file(individual.number), individual.policy.source.encode()
        outcome = individual.outcome
        record = Birth(
            number=individual.number,
            generation=individual.generation,
            hash=individual.policy.hash,
            key=individual.policy.key,
            file=file,
            digest=digest(data),
            lineage=individual.lineage,
            attempts=attempts,
            fitness=outcome if isinstance(outcome, Fitness) else None,
            failure=SavedFailure.of(outcome) if isinstance(outcome, Failure) else None,
            partial=outcome if isinstance(outcome, Partial) else None,
        )
        try:
            write_durably(self.folder / file, data)
        except OSError as error:
            refuse(self.folder / file, error, self._mend)
        self.append(record)
        return self.state.individuals[individual.number]

    def append(self, record: Record) -> None:
        """Save one record, then take it into account; raises StorageError if the disk refuses, and saves nothing."""
        line = _ENCODER.encode(record)
        saved = decode(line)
        data = line + b"\n"
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            refuse(self._path, error, self._mend)
        self._size += len(data)
        self.state.apply(saved)

    def extend(self, more: int, budget: float | None = None) -> None:
        """Ask for `more` generations after the last complete one, unless as many are still to come; or for dollars.

        A run that had ended goes on; if its end was a target or patience, that no longer ends it.
        """
        total = max(len(self.state.generations) - 1, 0) + more
        longer = total > self.asked or (more > 0 and self.state.stop is not None)
        if longer or budget is not None:
            self.append(Extended(generations=total if longer else self.asked, budget=budget))

    @property
    def _mend(self) -> str:
        return f"nothing saved is lost: free some space or mend that, then `evo resume {self.name}`"

    def _open(self) -> int:
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            os.ftruncate(descriptor, self._size)
        except OSError as error:
            refuse(self._path, error, self._mend)
        return descriptor


def _entry(founder: Founder, file: str, data: bytes) -> Initial:
    """What the header says of a founder whose source is `data`, saved as `file`."""
    policy, refusal = founder.policy, founder.refusal
    saved = None if refusal is None else SavedFailure.of(refusal)
    return Initial(founder.name, policy.hash, policy.key, file, digest(data), saved)
