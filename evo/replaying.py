"""A saved run lived once more, from nothing but its own folder.

The replay is a run in a folder of its own that begins with what the first one was born with. Nobody is called: its
models' answers are those that were saved, and so are outcomes that by their own word would not repeat. Each record must
equal, to the byte, the one that was saved in its place. The original is only read.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from evo.answers import Answers
from evo.breeding import Birth, Breeder, Child
from evo.consulting import Calling
from evo.errors import RunError
from evo.evolution import Event, evolve
from evo.journal import Journal
from evo.recalling import Given, Recalling
from evo.records import Birth as Born
from evo.records import Extended, Record, RunState, Skipped
from evo.runfolder import JOURNAL, LOOKS, find_run
from evo.saved import decode, header_of, load
from evo.saved import replay as retold
from evo.session import session
from evo.simulator import SIMULATOR_VERSION

_POLICIES = "policies"
_LOCK = "lock"
_CONTEXT = 30
"""Characters shown on either side of a difference."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a replay first differs: a file in the run's folder, its 1-based line, what was saved, and what came now."""

    file: str
    line: int
    saved: str
    now: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to: how many individuals and answers were the same, and what wasn't, if anything."""

    individuals: int
    answers: int
    given: int
    """Outcomes that were taken from the record, since they depend on the machine."""
    unused: int
    """Answers that nobody asked for, such as those for children that the run hasn't come to."""
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class _Original:
    """A run as it was saved, up to its last whole line."""

    folder: Path
    lines: tuple[bytes, ...]
    records: tuple[Record, ...]
    state: RunState

    @classmethod
    def read(cls, root: Path | None, name: str) -> _Original:
        """The run of that name; raises RunError if it can't be read, or was scored by another simulator."""
        folder = find_run(root, name)
        path = folder / JOURNAL
        _, _, size = load(folder)
        data = path.read_bytes()[:size]
        state, _ = retold(data, path)
        scored = header_of(state, path).simulator
        if scored != SIMULATOR_VERSION:
            raise RunError(
                f"{path}: scored by simulator {scored}, this is {SIMULATOR_VERSION}; see what its policies are worth"
                f" here with `evo replay {name} --suite {folder / 'suite.toml'}`"
            )
        lines = tuple(data.splitlines(keepends=True))
        return cls(folder, lines, tuple(map(decode, lines)), state)

    def begin(self, target: Path) -> None:
        """Make a folder that holds what the run was born with, and its answers."""

        def elsewhere(place: str, names: list[str]) -> set[str]:
            own = {JOURNAL, LOOKS, _LOCK, _POLICIES} if Path(place) == self.folder else set()
            return own | {name for name in names if name.startswith(".")}

        shutil.copytree(self.folder, target, ignore=elsewhere)
        (target / _POLICIES).mkdir()
        (target / JOURNAL).write_bytes(self.lines[0])
        for one in header_of(self.state, target).initial:
            shutil.copyfile(self.folder / one.file, target / one.file)

    def settled(self, place: int) -> int:
        """The number of the first child that isn't settled before the record at that place."""
        return sum(isinstance(record, Born | Skipped) for record in self.records[:place])

    @property
    def broke(self) -> dict[int, Skipped]:
        """The children for which there was no money, by number."""
        return {one.number: one for one in self.records if isinstance(one, Skipped) and one.broke}

    def pause(self, place: int) -> int:
        """The place of the next record that isn't the search's own, or of the end."""
        later = range(place, len(self.records))
        return next((at for at in later if isinstance(self.records[at], Extended)), len(self.records))


class _PausedError(Exception):
    """The replay has come to where the original was interrupted."""


class _DiffersError(Exception):
    """The replay is about to save what the original didn't."""

    def __init__(self, difference: Difference) -> None:
        super().__init__(difference)
        self.difference = difference


class _Retelling(Journal):
    """The journal of a replay: a record that isn't the one in its place is never saved."""

    def __init__(self, root: Path, original: _Original) -> None:
        super().__init__(root, original.folder.name)
        self._original = original
        self.place = 1
        """Of the next record."""

    def append(self, record: Record) -> None:
        """Save one record; raises _DiffersError, or _PausedError after the last one before an interruption."""
        line = msgspec.json.encode(record) + b"\n"
        lines = self._original.lines
        saved = lines[self.place] if self.place < len(lines) else b""
        if line != saved:
            raise _DiffersError(_differing(JOURNAL, self.place, saved, line))
        super().append(record)
        self.place += 1
        if self.state.stop is None and self._original.pause(self.place) == self.place:
            raise _PausedError


@dataclass(frozen=True, slots=True)
class _Until:
    """A breeder of the children before `end`, and of no others: what the original knew of those may not be there.

    For which of them there was no money is taken from the record, since calls that were lost at a kill count too.
    """

    breeder: Breeder
    end: int
    broke: Mapping[int, Skipped]

    def begin(self, birth: Birth) -> bool:
        return birth.number < self.end and (birth.number in self.broke or self.breeder.begin(birth))

    def child(self, birth: Birth, known: AbstractSet[str]) -> Child | Skipped | None:
        return self.broke.get(birth.number) or self.breeder.child(birth, known)


def replay(root: Path | None, name: str, workers: int | None = None) -> Generator[Event, None, Replayed]:
    """Live a saved run once more, as far as its records go; yields what happens, as `evo.evolve` does.

    Raises RunError if the run can't be read, or lacks an answer that it had; InputError, StorageError, CageError.
    """
    original = _Original.read(root, name)
    given = Given.of(original.state)
    asked = {question for record in original.records for question in _questions(record)}
    answers = [one.question in asked for one in Answers(original.folder).all()]
    result = Replayed(
        individuals=len(original.state.individuals),
        answers=sum(answers),
        given=len(given.train) + len(given.selection),
        unused=len(answers) - sum(answers),
    )
    with TemporaryDirectory(prefix="evo-replay-") as place:
        again = Path(place) / name
        original.begin(again)
        try:
            with _Retelling(Path(place), original) as journal:
                yield from _relived(journal, original, given, workers)
        except _DiffersError as error:
            return replace(result, difference=error.difference)
        return replace(result, difference=_compared(original, again))


def _relived(journal: _Retelling, original: _Original, given: Given, workers: int | None) -> Iterator[Event]:
    """One search after the other, as the original was interrupted by what the user asked for."""
    while journal.place < len(original.records):
        record, end = original.records[journal.place], original.pause(journal.place)
        with suppress(_PausedError):
            if isinstance(record, Extended):
                journal.append(_asked(original.lines[journal.place]))
                continue
            with session(journal, workers, Calling(allowed=False)) as parts:
                breeder = _Until(parts.breeder, original.settled(end), original.broke)
                scorer = Recalling(parts.evaluator, given.train)
                selector = parts.selector and Recalling(parts.selector, given.selection)
                yield from evolve(journal, scorer, breeder, parts.ahead, selector)
            if journal.place < end:
                raise _DiffersError(_differing(JOURNAL, journal.place, original.lines[journal.place], b""))


def _asked(line: bytes) -> Extended:
    """What the user asked for, as it was written: a whole number of dollars may have no decimal point."""
    values = msgspec.json.decode(line)
    return Extended(generations=values["generations"], budget=values.get("budget"))


def _questions(record: Record) -> Sequence[str]:
    match record:
        case Born():
            return record.lineage.questions
        case Skipped():
            return record.questions
        case _:
            return ()


def _compared(original: _Original, again: Path) -> Difference | None:
    """The first file of the replay that isn't what was saved under that name."""
    own = {JOURNAL: b"".join(original.lines)}
    for path in sorted(path for path in again.rglob("*") if path.is_file() and path.name != _LOCK):
        name = path.relative_to(again).as_posix()
        saved = own.get(name)
        if saved is None:
            place = original.folder / name
            saved = place.read_bytes() if place.is_file() else b""
        now = path.read_bytes()
        if saved != now:
            lines = zip(saved.splitlines(), now.splitlines(), strict=False)
            line = next((at for at, (left, right) in enumerate(lines) if left != right), saved.count(b"\n"))
            return _differing(name, line, *(_line(data, line) for data in (saved, now)))
    return None


def _line(data: bytes, number: int) -> bytes:
    return next(iter(data.splitlines()[number : number + 1]), b"")


def _differing(file: str, place: int, saved: bytes, now: bytes) -> Difference:
    """A difference in the line that follows on so many others, shown where it begins."""
    texts = [data.decode("utf-8", "replace").rstrip("\n") for data in (saved, now)]
    pairs = enumerate(zip(*texts, strict=False))
    at = next((at for at, (left, right) in pairs if left != right), min(map(len, texts)))
    return Difference(file, place + 1, *(_excerpt(text, at) for text in texts))


def _excerpt(text: str, at: int) -> str:
    begin, end = max(at - _CONTEXT, 0), at + _CONTEXT
    return f"{'…' * (begin > 0)}{text[begin:end]}{'…' * (end < len(text))}" if text else "nothing"
