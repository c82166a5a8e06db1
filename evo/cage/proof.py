"""The process that puts on all layers of the cage, as a policy's process does, and runs against each of them.

It tells by their names which hold (`layers.LAYERS`). Knows nothing of policies.
"""

from __future__ import annotations

import ctypes
import errno
import json
import mmap
import os
import resource
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from evo.cage import landlock, seccomp
from evo.cage.confinement import CONNECTION, confine, keep_free, renounce
from evo.cage.kernel import GET_DEATH_SIGNAL, GET_DUMPABLE, GET_NO_NEW_PRIVILEGES, control
from evo.cage.limits import Limits


def report() -> None:
    """Put on all layers and write the names of those that hold to stdout, as JSON; for a process of its own."""
    limits = Limits()
    answer = os.dup(sys.stdout.fileno())
    keep_free()
    renounce(limits)
    nowhere, answer = os.dup(0), os.dup(answer)
    confine((nowhere, answer), (nowhere, nowhere), os.getppid(), limits.seconds)
    held = [
        "own process",
        *_held("limits", resource.getrlimit(resource.RLIMIT_FSIZE)[1] == 0),
        *_held("memory limit", _refused(lambda: mmap.mmap(-1, limits.memory_mb << 20).close(), errno.ENOMEM)),
        *_held("dies with evo", _death_signal() > 0),
        *_held("no new privileges", _is(GET_NO_NEW_PRIVILEGES, 1)),
        *_held("not traceable", _is(GET_DUMPABLE, 0)),
    ]
    with suppress(OSError):
        landlock.restrict()
    held += [
        *_held("Landlock files", _refused(lambda: os.close(os.open("/", os.O_RDONLY)))),
        *_held("Landlock TCP", _refused(_take_port)),
        *_held("Landlock signals", _refused(lambda: os.kill(os.getppid(), 0))),
    ]
    with suppress(OSError):
        seccomp.restrict()
    held += _held("seccomp", _refused(lambda: socket.socket().close()) and _refused(_fork))
    os.write(CONNECTION[1], json.dumps(held).encode())
    os._exit(0)


def _held(name: str, holds: bool) -> list[str]:
    return [name] if holds else []


def _refused(attempt: Callable[[], object], *numbers: int) -> bool:
    """Whether the attempt fails for want of a right, or with one of those error numbers."""
    try:
        attempt()
    except OSError as error:
        return error.errno in (numbers or (errno.EACCES, errno.EPERM))
    return False


def _take_port() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _is(option: int, value: int) -> bool:
    with suppress(OSError):
        return control(option) == value
    return False


def _death_signal() -> int:
    number = ctypes.c_int()
    with suppress(OSError):
        control(GET_DEATH_SIGNAL, ctypes.addressof(number))
    return number.value
