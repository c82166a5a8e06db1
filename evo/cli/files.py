"""Writing what the user asked for into the file that the user named: whole, or not at all.

A disk that refuses is a StorageError naming the file. Nothing here knows what is written.
"""

from __future__ import annotations

from pathlib import Path

from evo.errors import InputError, StorageError
from evo.runfolder import write_durably


def check_writable(path: Path) -> None:
    """Raise InputError at once, rather than after long work, if `path` can't become a file."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name a file in it")
    if not path.parent.is_dir():
        raise InputError(f"{path}: no folder {path.parent}; make it first")


def check_free(path: Path, *, force: bool) -> None:
    """As `check_writable`, and raise InputError for a file that is there, unless it may be replaced by `force`."""
    check_writable(path)
    if path.is_file() and not force:
        raise InputError(f"{path}: is there already; name another file, or replace it with --force")


def write_file(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8; a file that is there is replaced only by a whole one. Raises StorageError."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, as `write_file` does text."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(
                data
            )  # a device or a pipe has no half-written state, and no name to put a file under
        else:
            write_durably(path.resolve(), data)
    except OSError as error:
        raise StorageError(
            f"{path}: {error.strerror or error}; free some space or name another file"
        ) from error
