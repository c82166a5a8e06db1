"""A warm interpreter that forks a fresh child for each run of a policy.

It imports what policies need once, freezes it, and then only forks and reaps on request. It runs no policy
itself and holds nothing worth stealing: no key, no trace, no suite. It ends when its owner's end of the control
socket closes, and its children end with it.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import struct
import time
from contextlib import suppress

from evo.cage.child import live
from evo.cage.limits import Limits

REQUEST = struct.Struct("!cq?")
"""What to do (`FORK` or `END`), the child to end, and whether to let it end by itself first."""

ANSWER = struct.Struct("!q")
"""The child's number or its wait status; minus the error number if the system refused."""

FORK, END = b"F", b"E"

COMMON_MODULES = (
    "__future__",
    "abc",
    "bisect",
    "collections",
    "collections.abc",
    "copy",
    "dataclasses",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "logging",
    "math",
    "numbers",
    "numpy",
    "numpy.random",
    "operator",
    "queue",
    "random",
    "re",
    "statistics",
    "string",
    "textwrap",
    "time",
    "traceback",
    "types",
    "typing",
    "uuid",
    "warnings",
    "weakref",
    "zlib",
)
"""What policies commonly import: found here already, it costs a child nothing."""

_PATIENCE = 0.5  # seconds for a child that has hung up to end by itself, so that its status tells why


def main(descriptor: int, limits: Limits) -> None:
    """Serve requests on the control socket `descriptor` until its other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in COMMON_MODULES:
        importlib.import_module(module)
    gc.collect()
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
    data, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 2)
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


def _fork(connection: list[int], limits: Limits) -> int:
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        reader, writer = connection
        live(reader, writer, parent, limits)
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
