"""What a fresh child gives up before it runs a policy: its ties to others, its resources, its surroundings.

Every step only takes away. Linux and macOS alike, and what only Linux has is done where it is there. Knows nothing
of policies or messages.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import random
import resource
import signal
import sys
from contextlib import suppress

import numpy as np

CONNECTION = (3, 4)
"""The descriptors that a confined process keeps besides its three to nowhere: to read from, and to write to."""

_HIGHEST = 256  # the template never holds more than a dozen descriptors
_DESCRIPTORS = 32
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, linux/prctl.h
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS


def confine(reader: int, writer: int, parent: int, *, memory_mb: int, cpu_seconds: int) -> None:
    """Leave this process nothing but two descriptors, which become `CONNECTION`, and bounded resources.

    Ends the process at once if `parent`, on Linux the one whose death must be its own, is already gone.
    """
    os.setsid()  # a signal to its own group reaches nobody else
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    _keep_only(reader, writer)
    os.chdir("/")
    _limit_resources(memory_mb, cpu_seconds)
    sys.dont_write_bytecode = True
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - policies may draw from the global generator, and must draw the same


def _keep_only(reader: int, writer: int) -> None:
    aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, CONNECTION[-1] + 1) for descriptor in (reader, writer)]
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    for descriptor, place in zip(aside, CONNECTION, strict=True):
        os.dup2(descriptor, place)
    os.closerange(CONNECTION[-1] + 1, _HIGHEST)


def _limit_resources(memory_mb: int, cpu_seconds: int) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    with suppress(ValueError, OSError):  # macOS knows this limit but refuses to set it
        _limit(resource.RLIMIT_AS, memory_mb * 1024 * 1024)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
