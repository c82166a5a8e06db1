"""What a fresh child gives up before it runs a policy: its ties to others, its resources, the system's help.

Every step only takes away, and none can be undone. Linux and macOS alike, and what only Linux has is done where it is
there (`layers` tells what was). Knows nothing of policies or messages.
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
from contextlib import suppress

from evo.cage import landlock, seccomp
from evo.cage.kernel import SET_DEATH_SIGNAL, SET_DUMPABLE, SET_NO_NEW_PRIVILEGES, control
from evo.cage.limits import Limits

CONNECTION = (3, 4)
"""The descriptors over which a confined process talks to the engine: to read from, and to write to."""

PRINTED = 5
"""The descriptor of the other end of what it prints; 0 leads nowhere, 1 and 2 are the end to write to."""

_HIGHEST = 256  # the template never holds more than a dozen descriptors
_DESCRIPTORS = 32
_KILL = int(signal.SIGKILL)
_GRACE = 5  # CPU seconds beyond the wall limit: a backstop should the watching process be gone


def renounce() -> None:
    """Give up what children inherit: to gain rights by running programs, and to be looked into by other processes."""
    for option, value in ((SET_NO_NEW_PRIVILEGES, 1), (SET_DUMPABLE, 0)):
        with suppress(OSError):
            control(option, value)


def confine(connection: tuple[int, int], printed: tuple[int, int], parent: int, limits: Limits) -> None:
    """Leave this process no descriptors but those of a wire and of what it prints, and bounded resources.

    Ends the process at once if `parent`, on Linux the one whose death must be its own, is already gone.
    """
    os.setsid()  # a signal to its own group reaches nobody else
    with suppress(OSError):
        control(SET_DEATH_SIGNAL, _KILL)
    if os.getppid() != parent:
        os._exit(0)
    _keep_only(*connection, *printed)
    os.chdir("/")
    _limit_resources(limits)


def seal() -> None:
    """Close the kernel itself as far as this one can: after this no file is opened, and nobody is reached."""
    for restrict in (landlock.restrict, seccomp.restrict):
        with suppress(OSError):
            restrict()


def _keep_only(reader: int, writer: int, output: int, oldest: int) -> None:
    places = {CONNECTION[0]: reader, CONNECTION[1]: writer, PRINTED: oldest, 1: output, 2: output}
    aside = {place: fcntl.fcntl(source, fcntl.F_DUPFD, PRINTED + 1) for place, source in places.items()}
    aside[0] = os.open(os.devnull, os.O_RDWR)
    for place, source in aside.items():
        os.dup2(source, place)
    os.closerange(PRINTED + 1, _HIGHEST)


def _limit_resources(limits: Limits) -> None:
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _limit(resource.RLIMIT_CPU, int(limits.seconds) + 1 + _GRACE)
    with suppress(ValueError, OSError):  # macOS knows this limit but refuses to set it
        _limit(resource.RLIMIT_AS, limits.memory_mb * 1024 * 1024)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
