"""Calls that are on their way, where a budget is to hold: each leaves a note of the most it can cost, until it is answered.

A note that is still there when the run goes on is of a call that nobody heard of again, because the run was killed: it may
have been billed, and so it counts. These notes tell what happened to the run, and are no part of what it found.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path

from evo.answers import ANSWERS
from evo.errors import RunError
from evo.runfolder import refuse, write_durably

OUTSTANDING = "outstanding"
"""The folder in a run's folder; there is none without a budget."""

_LOST = ".lost"


class Outstanding:
    """The notes of one run. Raises StorageError if the disk refuses, RunError if a note was damaged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / OUTSTANDING

    def lost(self) -> Decimal:
        """Dollars that calls can have cost of which nobody heard again; to be asked before any call is made."""
        if not self._folder.is_dir():
            return Decimal(0)
        for note in sorted(self._folder.glob("*.asked")):
            if (self._folder.parent / ANSWERS / f"{note.stem}.json").exists():  # saved, then killed
                note.unlink()
                continue
            number = len(list(self._folder.glob(f"{note.stem}.*{_LOST}")))
            note.rename(note.with_suffix(f".{number}{_LOST}"))
        return sum((_dollars(note) for note in sorted(self._folder.glob(f"*{_LOST}"))), Decimal(0))

    def expect(self, label: str, most: Decimal) -> None:
        """Note that a call is about to be made."""
        path = self._path(label)
        try:
            self._folder.mkdir(exist_ok=True)
            write_durably(path, str(most).encode())
        except OSError as error:
            refuse(path, error, "free some space or mend that, then resume the run")

    def settle(self, label: str) -> None:
        """Forget the note: the answer is saved, or the call came to nothing."""
        self._path(label).unlink(missing_ok=True)

    def _path(self, label: str) -> Path:
        return self._folder / f"{label}.asked"


def _dollars(note: Path) -> Decimal:
    try:
        return Decimal(note.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError, InvalidOperation) as error:
        raise RunError(
            f"{note}: not what a call can cost: {error}; delete it if that call was never billed"
        ) from error
