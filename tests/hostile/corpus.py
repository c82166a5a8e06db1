"""The corpus of policies, hostile and honest, and what is watched from outside while they run.

`policies/<kind>/` holds them, one folder per kind of failure that they must end in. `honest` ones must score, and `vain`
ones, which are `vain/plain.py` with a cheat that has no effect, must score exactly what that does. In their texts 47113
stands for the port of a listening socket, and CANARY for a folder in which nothing may change.
"""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

POLICIES = Path(__file__).parent / "policies"
FILES = sorted(POLICIES.rglob("*.py"))
SCORED = {"honest", "vain"}
KEY = "canary-key-3f1c9a"
"""What the environment holds that no policy may ever tell."""

SUITE = """
[cluster]
duration = 40
ticks_per_second = 10
num_pools = 2
cpus_per_pool = 32
ram_gb_per_pool = 200
num_operators = 3
multi_operator_containers = false

[[trace]]
seed = 3
waiting_seconds_mean = 4.0

[[trace]]
seed = 4
waiting_seconds_mean = 3.0
"""

LIMITS = (3.0, 512, 2_000_000)
"""Seconds, megabytes and steps: enough for any honest one."""

WATCHER = """
import ctypes, pathlib, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whoever is orphaned becomes a child of this
status = subprocess.run(sys.argv[2:]).returncode
def living():
    children = [c for t in pathlib.Path("/proc/self/task").iterdir() for c in (t / "children").read_text().split()]
    states = {c: pathlib.Path(f"/proc/{c}/stat").read_text().rsplit(")", 1)[1].split()[0] for c in children}
    return [child for child, state in states.items() if state != "Z"]
patience = time.monotonic() + 5
while living() and time.monotonic() < patience:
    time.sleep(0.05)
pathlib.Path(sys.argv[1]).write_text(f"{status} {len(living())}")
"""
"""Runs a command, and tells its status and how many processes it left, in the file that its first argument names."""


def kind_of(path: Path) -> str:
    """What must become of a policy: the name of its folder."""
    return path.parent.name


def name_of(path: Path) -> str:
    """What a policy is called in a run of all: no two are called the same."""
    return f"{kind_of(path)}--{path.stem}"


@dataclass(frozen=True)
class Place:
    """A folder to run things in, with a canary inside, and sockets that nobody should call."""

    folder: Path
    sockets: tuple[socket.socket, ...]

    @property
    def canary(self) -> Path:
        """A home with a secret in it."""
        return self.folder / "canary"

    def copy(self, files: list[Path], where: str = "corpus") -> Path:
        """These policies in a folder of this place, aimed at its canary and its port."""
        target = self.folder / where
        target.mkdir()
        port = str(self.sockets[0].getsockname()[1]).encode()
        for path in files:
            text = path.read_bytes().replace(b"47113", port).replace(b"CANARY", str(self.canary).encode())
            (target / f"{name_of(path)}.py").write_bytes(text)
        return target

    def untouched(self) -> dict[str, bytes]:
        """Every file here but those of runs, with what is in it."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else b""
            for path in sorted(self.folder.rglob("*"))
            if "populations" not in path.parts and path.suffix != ".told"
        }

    def called(self) -> int:
        """How many of the sockets something came to."""
        return len(select.select(self.sockets, (), (), 0)[0])


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """Set the traps."""
    (folder / "canary").mkdir()
    (folder / "canary" / "home").write_text("a secret\n")
    (folder / "suite.toml").write_text(SUITE)
    with ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(tcp.getsockname())
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(folder / "canary" / "socket"))
        unix.listen()
        yield Place(folder, (tcp, udp, unix))
