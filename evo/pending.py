"""Batches of questions on their way, each a file in the run's folder, so that no sudden end loses what was paid for.

A record stays until all its answers are saved. To have its questions asked anew, and paid for again, delete its file.
Knows no service.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec

from evo.answers import Answers
from evo.errors import RunError
from evo.llm.batching import Batch
from evo.runfolder import refuse, write_durably

BATCHES = "batches"
"""The folder in a run's folder."""


class PendingBatches:
    """The batches of one run; whose answers are all among the `answers` is done with."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._folder = folder / BATCHES
        self._answers = answers

    def name(self) -> str:
        """A name that no batch of anybody has; it decides nothing."""
        return uuid.uuid4().hex[:16]

    def save(self, batch: Batch) -> None:
        """Have it on the disk, or without labels off it; raises StorageError if the disk refuses."""
        path = self._folder / f"{batch.name}.json"
        try:
            if batch.labels:
                self._folder.mkdir(exist_ok=True)
                write_durably(path, msgspec.json.encode(batch) + b"\n")
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            refuse(path, error, "free some space or mend that, then resume the run")

    def all(self) -> Iterator[Batch]:
        """Those with answers that are not saved yet; raises RunError if a file was damaged."""
        for path in sorted(self._folder.glob("*.json")):
            batch = _read(path)
            if all(self._answers.has(label) for label in batch.labels):
                self.save(msgspec.structs.replace(batch, labels=()))
            else:
                yield batch

    def forget(self) -> None:
        """Do away with the records of batches that are done with, and with their folder when it is empty."""
        left = list(self.all())
        if not left and self._folder.is_dir() and not any(self._folder.iterdir()):
            self._folder.rmdir()


def _read(path: Path) -> Batch:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Batch)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RunError(
            f"{path}: not the record of a batch: {error}; restore it, or delete it to have its questions asked, and"
            " paid for, anew"
        ) from error
