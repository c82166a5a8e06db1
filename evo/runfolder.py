"""Folders of saved runs: their names, their birth, the lock of their one writer, and writes that last.

A run's folder appears whole or not at all, a file in it likewise; a write that the disk refuses is a StorageError
and leaves what was there before. Knows nothing of what the files mean.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from evo.errors import RunError, StorageError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

JOURNAL = "journal.jsonl"
"""The file that makes a folder a run."""

CONFIG = "config.toml"
"""What the run was asked to do."""

LOOKS = "looks.jsonl"
"""What was looked at of the run's sealed traces, after the run and no part of it."""

_LOCK = "lock"
_ORPHANS = 5.0
"""Seconds in which the processes of a killed writer, which may hold its lock as well, have to vanish."""


def policy_file(number: int) -> str:
    """Where in a run's folder the source of the individual of that number is."""
    return f"policies/{number}.py"


def populations(root: Path | None = None) -> Path:
    """The folder that holds all runs: `root`, else EVO_POPULATIONS, else ./populations."""
    return root if root is not None else Path(os.environ.get("EVO_POPULATIONS") or "populations")


def list_runs(root: Path | None = None) -> list[str]:
    """The names of all saved runs, in alphabetical order."""
    return sorted(
        path.parent.name
        for path in populations(root).glob(f"*/{JOURNAL}")
        if not path.parent.name.startswith(".")
    )


def free_name(root: Path | None = None) -> str:
    """The first of run-1, run-2, … above all that are taken."""
    folder = populations(root)
    taken = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    numbers = [int(match[1]) for name in taken if (match := re.fullmatch(r"run-(\d{1,9})", name))]
    return f"run-{max(numbers, default=0) + 1}"


def find_run(root: Path | None, name: str) -> Path:
    """The folder of a saved run; raises RunError if there is none of that name."""
    runs = list_runs(root)
    if name in runs:
        return populations(root) / name
    near = difflib.get_close_matches(name, runs, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"saved runs: {', '.join(runs) or 'none'}"
    raise RunError(f"no run '{name}' in {populations(root)} ({hint})")


def check_name(name: str) -> None:
    """Raises RunError if `name` can't be a run's name."""
    if name == "baseline" or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name) or name.endswith("."):
        raise RunError(
            f"'{name}' can't be a run's name; use up to 64 letters, digits, '-', '_' and '.', and not 'baseline'"
        )


def create_folder(root: Path | None, name: str, files: Mapping[str, bytes]) -> Path:
    """A new run's folder with these files (by path inside it), made aside and put in place in one step.

    Raises RunError if the name is taken or impossible, StorageError if the disk refuses.
    """
    check_name(name)
    target = populations(root) / name
    taken = RunError(f"{target} exists already; go on with `evo resume {name}`, or give another --name")
    if target.exists():
        raise taken
    draft = target.with_name(f".{name}.{os.getpid()}")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        for path, data in files.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            write_durably(draft / path, data)
        (draft / _LOCK).touch()
        # Unlike a rename of files, that of a folder never replaces one that holds something.
        draft.rename(target)
        _sync_folder(target.parent)
    except FileExistsError as error:
        raise taken from error
    except OSError as error:
        if target.exists():
            raise taken from error
        refuse(target, error, "free some space or mend that, then run the same command again")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole, also after a power cut, or not at all; raises OSError."""
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def refuse(path: Path, error: OSError, mend: str) -> NoReturn:
    """Raise the StorageError for a write that failed."""
    raise StorageError(f"{path}: {error.strerror or error}; {mend}") from error


def in_use(folder: Path) -> bool:
    """Whether a process writes this run at the moment."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _try_lock(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def one_writer(folder: Path) -> Iterator[None]:
    """Hold a run's lock; raises RunError if another process does. The lock ends with its holder, however it dies."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        refuse(folder / _LOCK, error, "make the run's folder writable")
    try:
        _lock(descriptor, folder)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    deadline = time.monotonic() + _ORPHANS
    while not _try_lock(descriptor):
        os.lseek(descriptor, 0, os.SEEK_SET)
        holder = os.read(descriptor, 20).decode("ascii", "replace")
        if _alive(holder) or time.monotonic() > deadline:
            who = f"process {holder}" if holder else "another process"
            raise RunError(f"{folder}: in use by {who}; wait for it to end, or stop it")
        time.sleep(0.05)


def _alive(holder: str) -> bool:
    """Whether the process runs; no number means a holder of the moment: one that begins, ends, or only looks."""
    if not holder.isdigit():
        return False
    if sys.platform == "win32":
        return True
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
