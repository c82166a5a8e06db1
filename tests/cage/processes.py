"""Processes from outside: one that tells what became of something it tried, and who is still alive."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from evo.cage import Cage

_PATIENCE = 5.0
"""Seconds in which the template surely has ended those that were dismissed."""


def told_by_child(work: Callable[[], str]) -> str:
    """What `work` returns in a forked process, or what it raises; the process ends then."""
    reader, writer = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # of threads, which numpy's library may have started here
        child = os.fork()
    if child == 0:
        try:
            os.write(writer, work().encode()[:4000])
        except BaseException as error:  # noqa: BLE001 - else the child would go on as another pytest
            os.write(writer, f"raised: {error!r}".encode()[:4000])
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        told = answer.read().decode()
    os.waitpid(child, 0)
    return told


def survivors(cage: Cage) -> list[int]:
    """Processes that were forked from the cage's template and stay, whoever is their parent now; reads /proc."""
    assert cage._template is not None
    template = cage._template._process.pid
    deadline = time.monotonic() + _PATIENCE
    while (found := _family(template)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def _family(template: int) -> list[int]:
    program = Path(f"/proc/{template}/cmdline").read_bytes()
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != template and _command(entry) == program
    ]


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
