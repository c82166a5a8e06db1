"""The looks at a run's sealed test traces: one line each in the run's folder, beside its journal and no part of it.

A line is on the disk before anybody sees what it tells. A last line cut short, by a kill or a full disk, is taken off
by the next look; any other damage is an error naming file and line. Nothing in it depends on the clock.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from evo.errors import RunError
from evo.metric import Metric
from evo.runfolder import LOOKS, one_writer, refuse

_ENCODER = msgspec.json.Encoder()


class Seen(msgspec.Struct, frozen=True):
    """What was looked at: policies by their names with their medians by metric, None where a policy failed.

    `individuals` are the ids of those of the run, `suite` the digest of all its traces. By the first metric no median is
    better than the `bound`; None if that wasn't known.
    """

    individuals: tuple[str, ...]
    suite: str
    evo: str
    simulator: str
    medians: Mapping[str, Mapping[Metric, float] | None]
    bound: float | None = None


class Look(msgspec.Struct, frozen=True):
    """One look, by its number from 1 up."""

    look: int
    seen: Seen


_DECODER: msgspec.json.Decoder[Look] = msgspec.json.Decoder(Look)


def looks(folder: Path) -> list[Look]:
    """All looks at the run in this folder, in order; raises RunError if the file is damaged."""
    return _whole(folder / LOOKS)[0]


def record(folder: Path, seen: Seen) -> Look:
    """Save one more look; raises RunError if the file is damaged or the run in use, StorageError if the disk refuses."""
    path = folder / LOOKS
    with one_writer(folder):
        known, size = _whole(path)
        made = Look(len(known) + 1, seen)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            refuse(
                path, error, "nothing was shown: make the run's folder writable, then run the same command"
            )
        try:
            _append(descriptor, _ENCODER.encode(made) + b"\n", size, path)
        finally:
            os.close(descriptor)
    return made


def _append(descriptor: int, data: bytes, size: int, path: Path) -> None:
    """Write behind the first `size` bytes, all or nothing."""
    try:
        os.ftruncate(descriptor, size)
        written = 0
        while written < len(data):
            written += os.write(descriptor, data[written:])
        os.fsync(descriptor)
    except OSError as error:
        with suppress(OSError):
            os.ftruncate(descriptor, size)
        refuse(path, error, "nothing was shown: free some space, then run the same command")


def _whole(path: Path) -> tuple[list[Look], int]:
    """The looks in the file's whole lines, and how many bytes these are."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise RunError(f"{path}: {error.strerror or error}; make it readable") from error
    size = data.rfind(b"\n") + 1
    found = []
    for number, line in enumerate(data[:size].split(b"\n")[:-1], start=1):
        try:
            found.append(_DECODER.decode(line))
        except (msgspec.MsgspecError, ValueError) as error:
            raise RunError(f"{path}: line {number} is damaged: {error}; restore the file") from error
        if found[-1].look != number:
            raise RunError(f"{path}: line {number} is look {found[-1].look}; restore the file")
    return found, size
