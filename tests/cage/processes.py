"""Processes from outside: one that tells what became of something it tried, and who is still alive."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path

from evo.cage import Cage


def told_by_child(work: Callable[[], str]) -> str:
    """What `work` returns in a forked process, which ends then."""
    reader, writer = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # of threads, which numpy's library may have started here
        child = os.fork()
    if child == 0:
        os.write(writer, work().encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        told = answer.read().decode()
    os.waitpid(child, 0)
    return told


def survivors(cage: Cage) -> list[int]:
    """Processes that were forked from the cage's template, whoever is their parent now; reads /proc."""
    assert cage._template is not None
    template = cage._template._process.pid
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
