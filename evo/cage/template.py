"""A warm interpreter that forks a fresh child for each run of a policy.

It prepares once what every child needs, freezes it, and then only forks and reaps on request. It runs no policy
itself and holds nothing worth stealing: no key, no trace, no suite. It ends when its owner's end of the control
socket closes, and its children end with it.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from contextlib import suppress

from evo.cage.chance import settle
from evo.cage.child import live
from evo.cage.confinement import PRINTED, renounce
from evo.cage.limits import Limits
from evo.cage.printing import capture
from evo.cage.rehearsal import rehearse
from evo.cage.requests import ANSWER, END, REQUEST

_PATIENCE = 0.5  # seconds for a child that has hung up to end by itself, so that its status tells why


def main(descriptor: int, limits: Limits) -> None:
    """Serve requests on the control socket `descriptor` until its other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # nothing is collected, for what is freed here leaves holes that children pay for with copies
    rehearse()
    settle()
    capture(PRINTED)
    renounce()
    gc.freeze()
    children: set[int] = set()
    with socket.socket(fileno=descriptor) as control:
        control.sendall(ANSWER.pack(os.getpid()))
        with suppress(EOFError, ConnectionError):
            while True:
                control.sendall(ANSWER.pack(_serve(control, limits, children)))
    for child in children:
        _end(child, patient=False)


def _serve(control: socket.socket, limits: Limits, children: set[int]) -> int:
    data, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 4)
    while len(data) < REQUEST.size:
        more = control.recv(REQUEST.size - len(data)) if data else b""
        if not more:
            raise EOFError
        data += more
    what, child, patient = REQUEST.unpack(data)
    try:
        if what == END:
            children.discard(child)
            return _end(child, patient=patient)
        child = _fork(descriptors, limits)
        children.add(child)
    except OSError as error:
        return -(error.errno or 1)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return child


def _fork(descriptors: list[int], limits: Limits) -> int:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        gc.enable()
        live(descriptors, parent, limits)
    return child


def _end(child: int, *, patient: bool) -> int:
    """Kill a child with its whole group, reap it, and return its wait status."""
    deadline = time.monotonic() + (_PATIENCE if patient else 0.0)
    reaped = status = 0
    while not reaped and time.monotonic() < deadline:
        reaped, status = os.waitpid(child, os.WNOHANG)
        if not reaped:
            time.sleep(0.001)
    with suppress(
        ProcessLookupError, PermissionError
    ):  # no group: nobody left, or the child has hardly begun
        os.killpg(child, signal.SIGKILL)
    if reaped:
        return status
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]
