"""Which layers stand between a policy and this machine: told by a process that puts them on and tries them (`proof`).

What a kernel offers and what holds are not the same: containers refuse some calls and accept others without effect. So
each layer is put on as in a policy's process, and then run against.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

from evo.cage.launch import environment, search_path

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from evo.cage.proof import report
report()
"""
_SECONDS = 60.0  # a twentieth of one is usual


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: what it keeps a policy from, whether it holds here, and what that leaves where it doesn't."""

    name: str
    keeps: str
    without: str
    active: bool = False


LAYERS = (
    Layer("own process", "no policy meets another, and each can be killed", "policies can't be run at all"),
    Layer(
        "limits",
        "no CPU time without end, core dump, large file or 33rd descriptor",
        "only wall time ends it",
    ),
    Layer(
        "memory limit",
        "no more memory than it may have",
        "a policy may use all memory until its time is over",
    ),
    Layer(
        "dies with evo",
        "no policy outlives the process that started it",
        "if evo is killed, a policy that hangs may run on until its CPU time is used up",
    ),
    Layer("no new privileges", "no set-user-id program helps it", "a set-user-id program could help it"),
    Layer(
        "not traceable", "no look into its memory or /proc from outside", "other processes may look into it"
    ),
    Layer(
        "Landlock files",
        "no file is opened, not even to read",
        "one layer less before the files that you can read or write",
    ),
    Layer("Landlock TCP", "no TCP connection, no TCP port", "one layer less before the network"),
    Layer(
        "Landlock signals",
        "no signal and no abstract socket to others",
        "one layer less before your other processes",
    ),
    Layer(
        "seccomp",
        "no system call but for computing and answering: no file, socket, process, thread, signal to others",
        "a policy that escapes Python may start processes that outlive it, and use UDP and unix sockets",
    ),
)
"""All layers, in the order in which they are put on."""


def layers() -> tuple[Layer, ...]:
    """The layers with what was found of each; takes a twentieth of a second."""
    held = _tried()
    return tuple(replace(each, active=each.name in held) for each in LAYERS)


def _tried() -> frozenset[str]:
    """The names of the layers that hold."""
    if not hasattr(os, "fork"):
        return frozenset()
    try:
        done = subprocess.run(  # noqa: S603 - this very interpreter, with a program of ours
            [sys.executable, "-s", "-P", "-c", _PROGRAM, json.dumps(search_path())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(json.loads(done.stdout or "[]"))
