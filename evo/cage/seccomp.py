"""seccomp: a process gives up, for good, every system call that computing and answering doesn't need.

A list of what is allowed, because a list of what is not would have to know every future kernel. What is refused
fails with an error that Python raises as PermissionError, so that a policy's author can read it; only calls by the
rules of another architecture kill. Source: Documentation/userspace-api/seccomp_filter.rst of Linux.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from functools import lru_cache
from typing import NamedTuple

from evo.cage.kernel import SET_SECCOMP, control

MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""The kernel's name of each architecture (AUDIT_ARCH_* in linux/audit.h), and its column in the tables below."""

ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # Talking to the engine; first, for they are asked most often.
    "read": (0, 63),
    "write": (1, 64),
    "poll": (7, None),
    "ppoll": (271, 73),
    "readv": (19, 65),
    "writev": (20, 66),
    "close": (3, 57),
    # Memory.
    "brk": (12, 214),
    "madvise": (28, 233),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    # Locks of a process that has only one thread.
    "futex": (202, 98),
    "sched_yield": (24, 124),
    # What time it is (the policy is told another: see chance), and sleeping.
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "getrusage": (98, 165),
    "gettimeofday": (96, 169),
    "nanosleep": (35, 101),
    "time": (201, None),
    "times": (100, 153),
    # Its own signals.
    "restart_syscall": (219, 128),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # Who and where it is.
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "sched_getaffinity": (204, 123),
    "uname": (63, 160),
    # The end.
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""The number of each system call that any process may make, by architecture; None where it doesn't exist."""

ALLOWED_ON_ITSELF: dict[str, tuple[int | None, int | None]] = {
    "kill": (62, 129),
    "tgkill": (234, 131),
    "tkill": (200, 130),
}
"""Those allowed if the first argument is the process's own number: `abort` in a libc is a signal to oneself."""

NEWEST = 424
"""From this number on, the same on all architectures, calls are said not to exist, as older kernels say.

They came with Linux 5.1 and later, so that libraries have another way and know this answer as the sign to take it;
EPERM in the place of it breaks them.
"""

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # struct seccomp_data, little-endian
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000, 0x80000000  # linux/seccomp.h
_FILTER_MODE = 2
_OWN = 0xFFFFFFFF
"""What stands for the process's number in a filter that is made before the process: no process's number."""


class Step(NamedTuple):
    """An instruction of the filter: where a jump goes is a label, or None for the next step."""

    code: int
    value: int
    yes: str | None = None
    no: str | None = None
    label: str | None = None


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


class _Filter:
    """The filter for an architecture, ready but for the process's number."""

    def __init__(self, machine: str) -> None:
        steps = assembled(program(machine, _OWN))
        self._place = steps.index(_OWN.to_bytes(4, sys.byteorder))
        self._steps = ctypes.create_string_buffer(steps, len(steps))
        self._program = _Program(len(steps) // 8, ctypes.addressof(self._steps))

    def apply(self) -> None:
        struct.pack_into("=I", self._steps, self._place, os.getpid())
        control(SET_SECCOMP, _FILTER_MODE, ctypes.addressof(self._program))


@lru_cache
def prepared() -> _Filter | None:
    """The filter for this machine, None if there is none; asked for before a fork, it is there in all children."""
    machine = platform.machine()
    return _Filter(machine) if machine in MACHINES else None


def restrict() -> None:
    """Apply the filter to this process; raises OSError where that can't be done. Needs no_new_privs."""
    ready = prepared()
    if ready is None:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    ready.apply()


def program(machine: str, own: int) -> list[Step]:
    """The filter for an architecture and a process of that number."""
    architecture, column = MACHINES[machine]
    free = [number[column] for number in ALLOWED.values()]
    bound = [number[column] for number in ALLOWED_ON_ITSELF.values()]
    return [
        Step(_LOAD, _ARCHITECTURE),
        Step(_JUMP_IF_EQUAL, architecture, no="kill"),
        Step(_LOAD, _NUMBER),
        *(Step(_JUMP_IF_EQUAL, number, yes="allow") for number in free if number is not None),
        *(Step(_JUMP_IF_EQUAL, number, yes="itself") for number in bound if number is not None),
        Step(_JUMP_IF_AT_LEAST, NEWEST, yes="unknown", no="refuse"),
        Step(_LOAD, _FIRST_ARGUMENT, label="itself"),
        Step(_JUMP_IF_EQUAL, own, yes="allow", no="refuse"),
        Step(_RETURN, _ALLOW, label="allow"),
        Step(_RETURN, _FAIL | errno.EPERM, label="refuse"),
        Step(_RETURN, _FAIL | errno.ENOSYS, label="unknown"),
        Step(_RETURN, _KILL, label="kill"),
    ]


def assembled(steps: list[Step]) -> bytes:
    """The program as the kernel reads it: an array of struct sock_filter."""
    places = {step.label: place for place, step in enumerate(steps) if step.label is not None}

    def distance(place: int, label: str | None) -> int:
        return 0 if label is None else places[label] - place - 1

    return b"".join(
        struct.pack("=HBBI", step.code, distance(place, step.yes), distance(place, step.no), step.value)
        for place, step in enumerate(steps)
    )
