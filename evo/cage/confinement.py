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


def renounce(limits: Limits) -> None:
    """Give up what children inherit: gaining rights, being looked into, and resources without bounds.

    Called in the template, so that it costs no child anything; CPU time is each process's own (`confine`).
    """
    for option, value in ((SET_NO_NEW_PRIVILEGES, 1), (SET_DUMPABLE, 0)):
        with suppress(OSError):
            control(option, value)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    with suppress(ValueError, OSError):  # macOS knows this limit but refuses to set it
        _limit(resource.RLIMIT_AS, limits.memory_mb * 1024 * 1024)
    landlock.prepared()
    seccomp.prepared()


def keep_free() -> None:
    """Occupy the places that `confine` fills, so that no other descriptor is ever there; needs 0 to lead nowhere."""
    for place in range(1, PRINTED + 1):
        with suppress(OSError):
            fcntl.fcntl(0, fcntl.F_DUPFD, place)


def confine(connection: tuple[int, int], printed: tuple[int, int], parent: int, seconds: float) -> None:
    """Leave this process no descriptors but those of a wire and of what it prints, and CPU time for so many seconds.

    The given descriptors lie above `PRINTED` (see `keep_free`), and 0 leads nowhere. Ends the process at once if
    `parent`, on Linux the one whose death must be its own, is already gone.
    """
    os.setsid()  # a signal to its own group reaches nobody else
    with suppress(OSError):
        control(SET_DEATH_SIGNAL, _KILL)
    if os.getppid() != parent:
        os._exit(0)
    reader, writer = connection
    output, oldest = printed
    for source, place in (
        (reader, CONNECTION[0]),
        (writer, CONNECTION[1]),
        (oldest, PRINTED),
        (output, 1),
        (output, 2),
    ):
        os.dup2(source, place)
    os.closerange(PRINTED + 1, _HIGHEST)
    _limit(resource.RLIMIT_CPU, int(seconds) + 1 + _GRACE)


def seal() -> None:
    """Close the kernel itself as far as this one can: after this no file is opened, and nobody is reached."""
    for restrict in (landlock.restrict, seccomp.restrict):
        with suppress(OSError):
            restrict()


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
