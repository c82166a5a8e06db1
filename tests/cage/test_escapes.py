"""Policies that want out, run past the gate in the real cage: each ends as its own fault, and leaves nothing behind.

After each one nobody survives, no file is there, no listener has heard anything, and the next policy runs.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from evo.cage import Cage, Limits, launch
from evo.cage.layers import layers
from evo.simulator.messages import Fault
from tests.cage.policies import fault_of, policy
from tests.cage.processes import survivors

ACTIVE = frozenset(layer.name for layer in layers() if layer.active)
pytestmark = pytest.mark.skipif("seccomp" not in ACTIVE, reason="this machine has not all layers")

REFUSED = {"PermissionError"}
LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@dataclass
class Outside:
    """What a policy could reach: a folder, and listeners of each kind."""

    folder: Path
    tcp: socket.socket
    udp: socket.socket
    unix: socket.socket
    abstract: socket.socket

    @property
    def names(self) -> dict[str, object]:
        """Where to find all that, by name."""
        return {
            "FOLDER": str(self.folder),
            "TCP": self.tcp.getsockname(),
            "UDP": self.udp.getsockname(),
            "UNIX": self.unix.getsockname(),
            "ABSTRACT": self.abstract.getsockname(),
            "ENGINE": os.getpid(),
        }

    def heard(self) -> list[str]:
        """The listeners to which anything came."""
        told = []
        for name in ("tcp", "udp", "unix", "abstract"):
            listener: socket.socket = getattr(self, name)
            with suppress(BlockingIOError):
                listener.accept() if listener.type == socket.SOCK_STREAM else listener.recv(1)
                told.append(name)
        return told


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    """One cage for all, so that each meets what the others left behind."""
    with Cage(Limits(seconds=20, memory_mb=512)) as cage:
        yield cage


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Outside]:
    """The world around the cage."""
    kinds = (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        (socket.AF_UNIX, socket.SOCK_STREAM, str(tmp_path / "socket")),
        (socket.AF_UNIX, socket.SOCK_DGRAM, f"\0evo-{os.getpid()}-{tmp_path.name}"),
    )
    listeners = []
    for family, kind, address in kinds:
        listener = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        listeners.append(listener)
    yield Outside(tmp_path, *listeners)
    for listener in listeners:
        listener.close()


def undone(cage: Cage, outside: Outside, body: str, before: str = "") -> Fault:
    """The fault of a policy that tries something, once it is certain that nothing came of it."""
    names = "".join(f"{name} = {value!r}\n" for name, value in outside.names.items())
    seen = sorted(outside.folder.iterdir())
    fault = fault_of(cage, policy(body, names + before), calls=2)
    assert fault is not None
    assert survivors(cage) == []
    assert sorted(outside.folder.iterdir()) == seen
    assert outside.heard() == []
    assert fault_of(cage, policy("pass"), calls=2) is None
    return fault


@pytest.mark.parametrize(
    "body",
    [
        "open('/etc/passwd').read()",
        "open('/proc/self/environ').read()",
        "open(f'/proc/{os.getppid()}/environ').read()",
        "open('/proc/self/mem', 'r+b')",
        "open(os.path.expanduser('~/.ssh/id_rsa')).read()",
        "open('/dev/urandom', 'rb').read(1)",
        "os.listdir('/')",
        "os.stat('/')",
        "open(FOLDER + '/mine', 'w').write('x')",
        "os.open(FOLDER + '/mine', os.O_CREAT | os.O_WRONLY)",
        "os.mkdir(FOLDER + '/mine')",
        "os.symlink('/', FOLDER + '/mine')",
        "os.mkfifo(FOLDER + '/mine')",
        "os.unlink(FOLDER + '/socket')",
        "os.rename(FOLDER + '/socket', FOLDER + '/mine')",
        "os.chmod(FOLDER, 0)",
        "os.utime(FOLDER)",
        "os.truncate(FOLDER + '/socket', 0)",
        "os.chdir(FOLDER)",
        "import socket; socket.socket().connect(TCP)",
        "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', UDP)",
        "import socket; socket.socket(socket.AF_UNIX).connect(UNIX)",
        "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', ABSTRACT)",
        "os.fork()",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(600)\n    os._exit(0)",
        "os.posix_spawn('/bin/sleep', ['sleep', '600'], {})",
        "os.execv('/bin/sleep', ['sleep', '600'])",
        "os.system('sleep 600') == 0 or os.fork()",
        "import subprocess; subprocess.Popen(['sleep', '600'])",
        "os.kill(0, 9)",
        "os.kill(-1, 9)",
        "os.kill(os.getppid(), 9)",
        "os.kill(ENGINE, 9)",
        "os.killpg(os.getppid(), 9)",
        "os.kill(1, 15)",
        "import fcntl; fcntl.fcntl(3, fcntl.F_SETOWN, ENGINE)",
        "import resource; resource.prlimit(ENGINE, resource.RLIMIT_CPU, (1, 1))",
        "os.nice(-5)",
        "os.sched_setaffinity(0, {0})",
        "os.setuid(0)",
        "os.memfd_create('hidden')",
        "os.pipe()",
    ],
)
def test_whoever_reaches_out_is_refused(cage: Cage, outside: Outside, body: str) -> None:
    """Files, sockets, processes, signals and limits: the policy gets an error that it could read, and no more."""
    assert undone(cage, outside, body).kind in REFUSED


@pytest.mark.parametrize(
    ("body", "kinds"),
    [
        ("import threading; threading.Thread(target=print).start()", {"RuntimeError"}),
        ("import pty", {"ModuleNotFoundError"}),
        ("os._exit(3)", {"crash"}),
        ("os.abort()", {"crash"}),
        ("os.kill(os.getpid(), 9)", {"crash"}),
        ("os.close(3); os.close(4)", {"crash"}),
        ("os.write(4, b'x' * 10**5)", {"output"}),
        ("for number in range(100): os.write(4, b'')\nos.write(4, b'\\0\\0\\0\\1')\nos.close(4)", {"crash"}),
        (f"{LIBC}ctypes.string_at(0)", {"crash"}),
        (
            "sys.setrecursionlimit(10**9)\nnest = []\nfor _ in range(10**6): nest = [nest]\nrepr(nest)",
            {"crash", "RecursionError"},
        ),
        ("heap = []\nwhile True: heap.append(bytearray(10**7))", {"memory"}),
        ("heap = 'x'\nwhile True: heap += heap", {"memory"}),
        ("try:\n    heap = [0] * 10**12\nexcept MemoryError:\n    raise", {"memory"}),
        ("import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))", {"ValueError"}),
        ("raise SystemExit(0)", {"SystemExit"}),
    ],
)
def test_whoever_harms_himself_is_alone(cage: Cage, outside: Outside, body: str, kinds: set[str]) -> None:
    """Dying in any way, or having all memory that there is, ends one run."""
    assert undone(cage, outside, body).kind in kinds


@pytest.mark.parametrize(
    ("number", "arguments"),
    [
        ("ptrace", (16, 1, 0, 0)),
        ("memfd_create", (0, 0)),
        ("io_uring_setup", (8, 0)),
        ("bpf", (0, 0, 0)),
        ("userfaultfd", (0,)),
        ("unshare", (0x10000000,)),
        ("shmget", (1, 4096, 0o1600)),
        ("prctl", (4, 1)),
        ("pidfd_open", (1, 0)),
    ],
)
def test_whoever_asks_the_kernel_itself_hears_no(
    cage: Cage, outside: Outside, number: str, arguments: tuple[int, ...]
) -> None:
    """Calls that Python has no name for are refused as well."""
    numbers = {
        "x86_64": {
            "ptrace": 101,
            "memfd_create": 319,
            "bpf": 321,
            "userfaultfd": 323,
            "unshare": 272,
            "shmget": 29,
            "prctl": 157,
        },
        "aarch64": {
            "ptrace": 117,
            "memfd_create": 279,
            "bpf": 280,
            "userfaultfd": 282,
            "unshare": 97,
            "shmget": 194,
            "prctl": 167,
        },
    }
    common = {"io_uring_setup": 425, "pidfd_open": 434}
    call = {**numbers[os.uname().machine], **common}[number]
    body = f"raise ValueError(libc.syscall({call}, *{arguments}), ctypes.get_errno())"
    fault = undone(cage, outside, body, LIBC)
    assert fault.message in {"(-1, 1)", "(-1, 38)"}


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        (
            "import signal\nfor number in range(1, 32):\n    try: signal.signal(number, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\nwhile True: pass"
        ),
        "10**10**8",
        "import time; time.sleep(10**6)",
        "import time\nwhile True: time.sleep(1)",
        "while True: print('x' * 1000)",
        "import re; re.match('(a*)*b', 'a' * 40)",
        "os.write(4, b'\\0\\0\\1\\0')\nwhile True: pass",
        "class Stuck:\n    def __del__(self):\n        while True: pass\nStuck()",
    ],
)
def test_whoever_hangs_is_killed_in_time(outside: Outside, body: str) -> None:
    """Whatever it holds, ignores or floods, the time is up for it too, and it isn't waited for."""
    with Cage(Limits(seconds=0.3)) as cage:
        fault_of(cage, policy("pass"))
        begun = time.monotonic()
        assert undone(cage, outside, body).kind == "time"
        assert time.monotonic() - begun < 60


def test_children_are_found_where_the_kernel_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without seccomp a policy can start processes; they end with it, however they hide."""
    open_cage = launch._PROGRAM.replace(
        "main(setup", "import evo.cage.seccomp\nevo.cage.seccomp.restrict = lambda: None\nmain(setup"
    )
    monkeypatch.setattr(launch, "_PROGRAM", open_cage)
    hide = (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time\n        time.sleep(600)\n"
        "    os._exit(0)\nos.wait()\nraise ValueError('hidden')"
    )
    with Cage(Limits(seconds=20)) as cage:
        fault = fault_of(cage, policy(hide))
        assert fault is not None
        assert fault.message == "hidden"
        assert survivors(cage) == []
        assert fault_of(cage, policy("pass")) is None
