"""A warm interpreter that forks a fresh child for each run of a policy.

It prepares once what every child needs, freezes it, and then only forks and reaps on request. It runs no policy
itself and holds nothing worth stealing: no key, no trace, no suite. It ends when its owner's end of the control
socket closes, and its children end with it.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from evo.cage.chance import settle
from evo.cage.child import live
from evo.cage.confinement import CONNECTION, PRINTED, keep_free, renounce
from evo.cage.kernel import BECOME_REAPER, control
from evo.cage.limits import Limits
from evo.cage.printing import capture
from evo.cage.rehearsal import rehearse
from evo.cage.requests import ANSWER, FORK, REQUEST
from evo.cage.wire import Wire

_PATIENCE = 0.5  # seconds for a child that has hung up to end by itself, so that its status tells why

_KILL = int(signal.SIGKILL)
_LONGEST_LIST = 65536
_MOST_SWEEPS = 1000  # against one that forks as fast as it is killed

# Not os.fork: what Python does in a child for threads and for chance takes half a millisecond there, and a template
# has but one thread, and is settled.
_plain_fork = ctypes.PyDLL(None, use_errno=True).fork


def main(descriptor: int, limits: Limits, core: int | None) -> None:
    """Serve requests on the control socket `descriptor` until its other end closes, on a `core` of its own if given."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # nothing is collected, for what is freed here leaves holes that children pay for with copies
    rehearse()
    settle()
    keep_free()
    flush = capture(PRINTED)
    wire = Wire(*CONNECTION, longest=sys.maxsize, eager=core is not None)
    renounce(limits)
    strangers = _Strangers()
    children: set[int] = set()
    gc.freeze()
    with socket.socket(fileno=descriptor) as owner:
        owner.sendall(ANSWER.pack(os.getpid()))
        with suppress(EOFError, ConnectionError):
            while True:
                what, child, patient, descriptors = _asked(owner)
                if what == FORK:
                    answer = _fork(descriptors, wire, flush, limits)
                    if answer > 0:
                        children.add(answer)
                else:
                    children.discard(child)
                    answer = _end(child, patient=patient)
                    strangers.end(children)
                owner.sendall(ANSWER.pack(answer))
    for child in children:
        _end(child, patient=False)
    strangers.end(set())


def _asked(owner: socket.socket) -> tuple[bytes, int, bool, list[int]]:
    """The next request, and the descriptors that came with it; raises EOFError at the end."""
    data, descriptors, _, _ = socket.recv_fds(owner, REQUEST.size, 4)
    while len(data) < REQUEST.size:
        more = owner.recv(REQUEST.size - len(data)) if data else b""
        if not more:
            raise EOFError
        data += more
    return *REQUEST.unpack(data), descriptors


def _fork(descriptors: list[int], wire: Wire, flush: Callable[[], None], limits: Limits) -> int:
    """The number of a new child, or minus the error number if the system refuses."""
    parent = os.getpid()
    child = int(_plain_fork())
    if child == 0:
        gc.enable()
        live(descriptors, wire, flush, parent, limits)
    for descriptor in descriptors:
        os.close(descriptor)
    return child if child > 0 else -ctypes.get_errno()


def _end(child: int, *, patient: bool) -> int:
    """Kill a child with its whole group, reap it, and return its wait status."""
    reaped = status = 0
    if patient:
        reaped, status = _awaited(child)
    for kill in (os.killpg,) if reaped else (os.killpg, os.kill):
        # No such process, or none that may be killed: nobody left, or the child has hardly begun.
        with suppress(ProcessLookupError, PermissionError):
            kill(child, _KILL)
    return status if reaped else os.waitpid(child, 0)[1]


def _awaited(child: int) -> tuple[int, int]:
    """What `waitpid` says of a child that is given a moment to end by itself."""
    deadline = time.monotonic() + _PATIENCE
    reaped = status = 0
    while not reaped and time.monotonic() < deadline:
        reaped, status = os.waitpid(child, os.WNOHANG)
        if not reaped:
            time.sleep(0.001)
    return reaped, status


class _Strangers:
    """Processes that policies have left behind: on Linux they become the template's, whatever they do to hide."""

    def __init__(self) -> None:
        number = os.getpid()
        self._list = -1
        with suppress(OSError):  # nothing but Linux tells
            control(BECOME_REAPER, 1)
            self._list = os.open(f"/proc/{number}/task/{number}/children", os.O_RDONLY)

    def end(self, known: set[int]) -> None:
        """Kill all children but those that are `known`."""
        if self._list < 0:
            return
        for _ in range(_MOST_SWEEPS):
            strangers = {int(child) for child in os.pread(self._list, _LONGEST_LIST, 0).split()} - known
            if not strangers:
                return
            for stranger in strangers:
                with suppress(ProcessLookupError, ChildProcessError):
                    os.kill(stranger, _KILL)
                    os.waitpid(stranger, 0)
