"""Landlock: a process takes from itself, for good, every file, every TCP port, and signals to others.

Nothing at all is left allowed: what a policy may import is in memory before it starts, and the descriptors that it
needs are open by then. What the kernel's version of Landlock doesn't know stays allowed here (`version`, 0 where
there is none). Source: Documentation/userspace-api/landlock.rst of Linux.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import lru_cache
from typing import NamedTuple

from evo.cage.kernel import system_call

_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1

FILES, TCP, SIGNALS = 1, 4, 6
"""The first versions that close files, TCP, and signals and abstract sockets to other processes."""

_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights on files there are, from that version on; they are numbered from bit 0."""

_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_QUIET = 7
_LOG_NOTHING = 0b1  # a policy that runs into the fence a million times must not fill the system's log


class _Ruleset(ctypes.Structure):
    """What is closed unless a rule opens it, and there will be no rules: struct landlock_ruleset_attr."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Wish(NamedTuple):
    """What to ask of the kernel, by what it knows."""

    rules: _Ruleset
    size: int
    flags: int


def version() -> int:
    """The version of Landlock's interface here, 0 where there is none or it is switched off."""
    try:
        return system_call(_CREATE_RULESET, 0, 0, _ASK_VERSION)
    except OSError:
        return 0


@lru_cache
def prepared() -> _Wish | None:
    """What `restrict` will ask for, None where there is no Landlock; asked before a fork, all children know it."""
    known = version()
    if known == 0:
        return None
    rules = _Ruleset(
        (1 << max(count for since, count in _FILE_RIGHTS.items() if since <= known)) - 1,
        _BIND_AND_CONNECT if known >= TCP else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if known >= SIGNALS else 0,
    )
    fields = 1 + (known >= TCP) + (known >= SIGNALS)
    return _Wish(rules, 8 * fields, _LOG_NOTHING if known >= _QUIET else 0)


def restrict() -> None:
    """Close all that Landlock can close; raises OSError where it closes nothing. Needs no_new_privs."""
    wish = prepared()
    if wish is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    ruleset = system_call(_CREATE_RULESET, ctypes.addressof(wish.rules), wish.size)
    try:
        system_call(_RESTRICT_SELF, ruleset, wish.flags)
    finally:
        os.close(ruleset)
