"""What models answered in a run, each saved as a file of its own before anybody uses it: paid for once, never again.

A file is named by the child, the step in making it, and the question; it says what was asked of whom, what came back,
and what it cost. Calls end in any order, so there is no order among the files. Knows no server and no price list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec

from evo.errors import RunError
from evo.llm import Answer, Prompt
from evo.runfolder import refuse, write_durably

ANSWERS = "answers"
"""The folder in a run's folder."""


class SavedAnswer(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An answer to the call number `step` for the child `number`, of the model of that name, for so many dollars."""

    number: int
    generation: int
    step: int
    purpose: str
    """What the call was for: mutation, crossover, repair or chat."""
    model: str
    question: str
    """The SHA-256 of what was asked of whom."""
    price: Decimal | None = None
    """None if nobody knows it."""
    most: Decimal | None = None
    """Where the price isn't known, dollars that it can't have exceeded, if at least that is known."""
    answer: Answer

    @property
    def booked(self) -> Decimal:
        """What it counts for in a budget."""
        return next((price for price in (self.price, self.most) if price is not None), Decimal(0))


def digest_of(model: str, prompt: Prompt) -> str:
    """The digest of a question to a model."""
    return hashlib.sha256(msgspec.json.encode((model, prompt))).hexdigest()


def label_of(number: int, step: int, question: str) -> str:
    """What the call number `step` for the child `number` is called, with the digest of its question."""
    return f"{number:05}-{step}-{question[:12]}"


class Answers:
    """The answers of one run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / ANSWERS

    def find(self, number: int, step: int, question: str) -> SavedAnswer | None:
        """The answer to that very question, if it was ever received; raises RunError if the file was damaged."""
        path = self._path(number, step, question)
        return _read(path) if path.exists() else None

    def has(self, label: str) -> bool:
        """Whether the answer to the call that is called so was ever received."""
        return (self._folder / f"{label}.json").exists()

    def save(self, received: SavedAnswer) -> SavedAnswer:
        """Have it on the disk; the answer is what any later reader gets. Raises StorageError if the disk refuses."""
        answer = received.answer
        texts = {name: _sound(getattr(answer, name)) for name in ("model", "text", "message")}
        saved = msgspec.structs.replace(received, answer=msgspec.structs.replace(answer, **texts))
        path = self._path(saved.number, saved.step, saved.question)
        try:
            self._folder.mkdir(exist_ok=True)
            write_durably(path, msgspec.json.encode(saved) + b"\n")
        except OSError as error:
            refuse(path, error, "free some space or mend that, then resume the run")
        return saved

    def all(self) -> Iterator[SavedAnswer]:
        """Every answer, by child and step; raises RunError if a file was damaged."""
        found = [_read(path) for path in self._folder.glob("*.json")] if self._folder.is_dir() else []
        yield from sorted(found, key=lambda saved: (saved.number, saved.step, saved.question))

    def spent_on(self, number: int) -> Decimal:
        """What all answers about a child count for in a budget, also those to questions that nobody asks any more."""
        return sum((_read(path).booked for path in self._folder.glob(f"{number:05}-*.json")), Decimal(0))

    def _path(self, number: int, step: int, question: str) -> Path:
        return self._folder / f"{label_of(number, step, question)}.json"


def _sound(text: str) -> str:
    """The text as a file can hold it: a model may have said half a surrogate pair."""
    return text.encode("utf-8", "replace").decode()


def _read(path: Path) -> SavedAnswer:
    try:
        return msgspec.json.decode(path.read_bytes(), type=SavedAnswer)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RunError(
            f"{path}: not a saved answer: {error}; restore it, or delete it to have it asked again"
        ) from error
