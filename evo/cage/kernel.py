"""What only the Linux kernel can be asked for: process controls, and system calls that Python's library lacks.

Every call raises OSError where the kernel refuses, and on systems that are not Linux. Knows nothing of policies.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable

SET_DEATH_SIGNAL, GET_DEATH_SIGNAL = 1, 2
GET_DUMPABLE, SET_DUMPABLE = 3, 4
SET_SECCOMP = 22
BECOME_REAPER = 36
SET_NO_NEW_PRIVILEGES, GET_NO_NEW_PRIVILEGES = 38, 39
"""What `control` can be asked for: PR_* in linux/prctl.h."""


def _function(name: str) -> Callable[[int, int, int, int, int], int] | None:
    """A variadic function of the C library that takes five words and gives one; None where this is not Linux."""
    if sys.platform != "linux":
        return None
    function = ctypes.CDLL(None, use_errno=True)[name]
    # Whole registers are read, of which a plain integer would fill half.
    function.argtypes = (ctypes.c_long,) * 5
    function.restype = ctypes.c_long if name == "syscall" else ctypes.c_int
    return function


# Looked up once, before any fork.
_prctl = _function("prctl")
_syscall = _function("syscall")


def control(option: int, first: int = 0, second: int = 0) -> int:
    """prctl(2); pointers are given as addresses."""
    return _checked(_prctl and _prctl(option, first, second, 0, 0))


def system_call(number: int, first: int = 0, second: int = 0, third: int = 0) -> int:
    """syscall(2), for numbers that are the same on every architecture; pointers are given as addresses."""
    return _checked(_syscall and _syscall(number, first, second, third, 0))


def _checked(result: int | None) -> int:
    if result is None or result < 0:
        number = errno.ENOSYS if result is None else ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
