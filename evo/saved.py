"""Reading a saved run: the records of its journal, checked, folded into its state, and what a reader gets.

A last line cut short is forgiven (its writer may be at it this moment), any other damage is a RunError naming file
and line. Every file that the journal vouches for is compared with its digest. Nothing here writes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

from evo.config import RunConfig, parse_config
from evo.errors import InputError, RunError
from evo.fame import by_selection, hall_of_fame
from evo.population import Failure, Fitness, Individual
from evo.records import FORMAT, Birth, Generation, Header, Initial, Record, RunState
from evo.runfolder import CONFIG, JOURNAL, find_run, in_use

if TYPE_CHECKING:
    from evo.overfitting import Gap

_UNSAID = MappingProxyType({"stages": False, "novelty": False, "adaptation": False})
"""What a run did whose configuration doesn't say it, because there was no other way yet."""

Reader = Callable[[Birth], str]
"""Whoever gives the source text that a record refers to."""

_DECODER: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


@dataclass(frozen=True, slots=True)
class Run:
    """A saved run as it stood when it was read."""

    name: str
    folder: Path
    config: RunConfig
    header: Header
    individuals: tuple[Individual, ...]
    """All that were born, in order."""
    generations: tuple[Generation, ...]
    """All that are complete."""
    asked: int
    """Generations asked for, extensions included."""
    stop: str | None
    """Why the search ended, or None if it may go on."""
    in_use: bool
    """Whether a process was writing it."""
    selections: Mapping[int, Fitness | Failure]
    """What came on the selection traces of those who were in the hall of fame at an end, and of the reference."""

    @property
    def suite_file(self) -> Path:
        """The suite on which this run scores, as copied at its birth."""
        return self.folder / "suite.toml"

    def hall_of_fame(self, size: int | None = None) -> list[Individual]:
        """The best individuals ever born, or their Pareto front; as many as the configuration says, or `size`.

        If any were scored on selection traces, the members are still those by fitness, at least as many as were scored
        there, but in the order of what they reach on those traces (`fame.by_selection`).
        """
        most = self.config.hall_of_fame
        wanted = most if size is None else size
        if not self.selections:
            return hall_of_fame(self.individuals, wanted)
        members = hall_of_fame(self.individuals, max(wanted, most))
        return by_selection(members, self.selections)[:wanted]

    def reference(self) -> Individual | None:
        """The founder beside which gaps are measured (`overfitting.reference`); None if nobody has been selected by."""
        from evo.overfitting import reference

        return reference(self.individuals, self.config.init, self.selections) if self.selections else None

    def overfit(self, one: Individual) -> Gap | None:
        """How much more an individual loses on the selection traces than the reference; None if that isn't known."""
        from evo.overfitting import Both, gap

        known = []
        for each in (one, self.reference()):
            selection = None if each is None else self.selections.get(each.number)
            if each is None or each.fitness is None or not isinstance(selection, Fitness):
                return None
            known.append(Both(each.fitness, selection))
        return gap(known[0], known[1], self.config.seed)

    def optimality(self, one: Individual) -> float | None:
        """By how many times its fitness misses what no policy can better, by the first metric; None if that isn't known."""
        return one.fitness.gap(self.header.bounds) if one.fitness is not None else None

    def individual(self, name: str) -> Individual:
        """The individual called by its id, "best", or four or more digits with which only its hash begins.

        Raises RunError if there is none, or more than one.
        """
        if name == "best":
            found = self.hall_of_fame(1)
        else:
            found = [one for one in self.individuals if one.id == name]
        if not found and len(name) >= 4:
            found = [one for one in self.individuals if one.policy.hash.startswith(name)]
        if len(found) != 1:
            fault = "more than one individual" if found else "no individual"
            raise RunError(f"run '{self.name}' has {fault} '{name}'; `evo hof {self.name}` lists the best")
        return found[0]


def read_run(root: Path | None, name: str) -> Run:
    """A saved run, also while another process writes it; raises RunError if it is unknown, damaged or newer."""
    folder = find_run(root, name)
    config, state, _ = load(folder)
    return run_of(folder, config, state)


def run_of(folder: Path, config: RunConfig, state: RunState) -> Run:
    """The run in that folder, whose records amount to this state; raises RunError if its header was cut off."""
    return Run(
        name=folder.name,
        folder=folder,
        config=config,
        header=header_of(state, folder / JOURNAL),
        individuals=tuple(state.individuals.values()),
        generations=tuple(state.generations),
        asked=config.generations if state.extended is None else state.extended,
        stop=state.stop,
        in_use=in_use(folder),
        selections=MappingProxyType(state.selections),
    )


def replay(data: bytes, path: Path, read: Reader | None = None) -> tuple[RunState, int]:
    """The state that a journal's bytes amount to, and how many of them are whole lines; `path` names the file.

    Without `read` a source must be what was saved. Raises RunError if a line can't be read or can't follow on those
    before it.
    """
    state = RunState(read or (lambda birth: read_saved(path.parent, birth)))
    size = data.rfind(b"\n") + 1
    for number, line in enumerate(data[:size].split(b"\n")[:-1], start=1):
        if number == 1:
            _check_format(line, path)
        try:
            state.apply(decode(line))
        except (msgspec.MsgspecError, ValueError) as error:
            raise RunError(
                f"{path}: line {number} is damaged: {error}; restore the file, or keep only the lines before it"
            ) from error
    return state, size


def decode(line: bytes) -> Record:
    """The record in one line of a journal; raises msgspec.MsgspecError, or ValueError for text that is no UTF-8."""
    return _DECODER.decode(line)


def load(folder: Path, read: Reader | None = None) -> tuple[RunConfig, RunState, int]:
    """A run's configuration, its state, and how many bytes of its journal are whole lines; raises RunError.

    For `read` see `replay`.
    """
    path = folder / JOURNAL
    state, size = replay(needed(path), path, read)
    settings = needed(folder / CONFIG)
    if digest(settings) != header_of(state, path).config:
        raise RunError(
            f"{folder / CONFIG}: changed since the run began; restore it, or start a new run with --config"
        )
    try:
        return parse_config(settings.decode(), str(folder / CONFIG), unsaid=_UNSAID), state, size
    except InputError as error:
        raise RunError(str(error)) from error


def header_of(state: RunState, path: Path) -> Header:
    """The header of the journal at `path`; raises RunError if it was cut off."""
    if state.header is None:
        raise RunError(f"{path}: cut short in its first line, so nothing was saved; delete the run's folder")
    return state.header


def _check_format(line: bytes, path: Path) -> None:
    class Stamp(msgspec.Struct):
        format: int
        evo: str

    try:
        stamp = msgspec.json.decode(line, type=Stamp)
    except msgspec.MsgspecError:
        return
    if stamp.format > FORMAT:
        raise RunError(f"{path}: written by a newer evo ({stamp.evo}); install that version or a later one")


def read_saved(folder: Path, entry: Birth | Initial) -> str:
    """The source text that a record refers to; raises RunError if its file is not what was saved."""
    data = needed(folder / entry.file)
    if digest(data) != entry.digest:
        raise RunError(
            f"{folder / entry.file}: changed since it was saved; restore it, or score your own copy with `evo eval`"
        )
    return data.decode()


def needed(path: Path) -> bytes:
    """What is in a file of a run's folder; raises RunError if it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}; the run needs this file, restore it") from error


def digest(data: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()
