"""The filter of system calls: its numbers are the kernel's, its jumps land where they should, and it holds."""

from __future__ import annotations

import errno
import os
import platform
import re
import socket
import struct
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.cage import kernel, seccomp
from tests.cage.processes import told_by_child

ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, UNKNOWN = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
OWN = 4711

HEADERS = {
    "x86_64": (0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": (1, "/usr/include/asm-generic/unistd.h"),
}
linux_only = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in seccomp.MACHINES, reason="needs seccomp"
)


def verdict(machine: str, architecture: int, number: int, argument: int = 0) -> int:
    """What the kernel would do with a call: an interpreter of the few instructions that the filter uses."""
    data = struct.pack("=IIQQ", number, architecture, 0, argument)
    steps = list(struct.iter_unpack("=HBBI", seccomp.assembled(seccomp.program(machine, OWN))))
    place = held = 0
    while True:
        code, yes, no, value = steps[place]
        place += 1
        if code == 0x20:
            (held,) = struct.unpack_from("=I", data, value)
        elif code == 0x15:
            place += yes if held == value else no
        elif code == 0x35:
            place += yes if held >= value else no
        else:
            assert code == 0x06
            return int(value)


@pytest.mark.parametrize("machine", HEADERS)
def test_numbers_are_the_kernels(machine: str) -> None:
    """Each name has the number that the kernel's own header gives it on that architecture."""
    column, header = HEADERS[machine]
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+) (\d+)", Path(header).read_text())
    numbers = {name: int(number) for name, number in found}
    for name, columns in {**seccomp.ALLOWED, **seccomp.ALLOWED_ON_ITSELF}.items():
        assert columns[column] == numbers.get(name), name


@given(st.sampled_from(sorted(seccomp.MACHINES)), st.integers(0, 2**32 - 1) | st.integers(0, 500))
def test_what_is_not_on_the_list_fails(machine: str, number: int) -> None:
    """On either architecture, for any number: allowed by name, refused, or said not to exist if it is a new one."""
    architecture, column = seccomp.MACHINES[machine]
    allowed = {numbers[column] for numbers in seccomp.ALLOWED.values()}
    itself = {numbers[column] for numbers in seccomp.ALLOWED_ON_ITSELF.values()}
    if number in allowed:
        expected = ALLOW
    elif number in itself:
        expected = REFUSE
        assert verdict(machine, architecture, number, OWN) == ALLOW
    else:
        expected = UNKNOWN if number >= seccomp.NEWEST else REFUSE
    assert verdict(machine, architecture, number, OWN + 1) == expected
    assert verdict(machine, 0x40000003, number) == KILL


@pytest.mark.parametrize("machine", HEADERS)
def test_nothing_dangerous_is_allowed(machine: str) -> None:
    """Files, sockets, processes, threads, other processes' memory, the kernel's own languages: none is on the list."""
    feared = (
        "open openat creat socket connect bind sendto sendmsg fork vfork clone execve ptrace process_vm_readv "
        "memfd_create userfaultfd bpf mount unshare setns prctl seccomp ioctl fcntl dup2 shmget mq_open "
        "perf_event_open keyctl prlimit64 setrlimit kexec_load init_module chmod unlink rename mkdir getrandom"
    )
    assert not set(feared.split()) & {*seccomp.ALLOWED, *seccomp.ALLOWED_ON_ITSELF}
    assert all(numbers[HEADERS[machine][0]] != 425 for numbers in seccomp.ALLOWED.values())  # io_uring


def restricted(attempt: Callable[[], object]) -> str:
    """What becomes of an attempt in a process with the filter."""

    def attempted() -> str:
        kernel.control(kernel.SET_NO_NEW_PRIVILEGES, 1)
        seccomp.restrict()
        try:
            return f"done: {attempt()}"
        except (OSError, RuntimeError) as error:
            return f"{type(error).__name__}: {error}"

    return told_by_child(attempted)


@linux_only
@pytest.mark.parametrize(
    "attempt",
    [
        Path("/etc/passwd").read_text,
        lambda: list(Path("/").iterdir()),
        Path("/").stat,
        os.fork,
        lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),
        lambda: os.kill(os.getppid(), 0),
        lambda: os.kill(0, 0),
        lambda: os.kill(-1, 0),
        os.setsid,
        lambda: os.getrandom(1),
        os.pipe,
        lambda: os.memfd_create("hidden"),
        socket.socket,
        socket.socketpair,
        lambda: kernel.control(kernel.SET_DUMPABLE, 1),
        lambda: kernel.system_call(101 if platform.machine() == "x86_64" else 117, 0),  # ptrace
    ],
)
def test_what_is_refused_says_so(attempt: Callable[[], object]) -> None:
    """The process lives on, with an error that can be read."""
    assert restricted(attempt).startswith("PermissionError: [Errno 1] Operation not permitted")


@linux_only
def test_threads_and_new_calls_fail_as_on_an_old_kernel() -> None:
    """A thread can't be started, and io_uring isn't there."""
    assert (
        restricted(lambda: threading.Thread(target=print).start()) == "RuntimeError: can't start new thread"
    )
    assert "Function not implemented" in restricted(lambda: kernel.system_call(425, 1, 0))


@linux_only
def test_computing_goes_on() -> None:
    """Memory is had and given back, time passes, a pipe is written, and a signal to oneself arrives."""

    def work() -> int:
        import signal
        import time

        heard: list[int] = []
        signal.signal(signal.SIGUSR1, lambda number, _frame: heard.append(number))
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(0.001)
        return len(bytearray(50_000_000)) + len(heard)

    assert restricted(work) == "done: 50000001"


@linux_only
def test_an_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no numbers are known nothing is applied, rather than those of another architecture."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    seccomp.prepared.cache_clear()
    with pytest.raises(OSError, match="no filter for riscv64"):
        seccomp.restrict()
    seccomp.prepared.cache_clear()
