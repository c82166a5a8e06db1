"""Landlock by itself: no file, no TCP port, no signal to others, as far as this kernel's version goes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from evo.cage import kernel, landlock
from tests.cage.processes import told_by_child

needs = pytest.mark.skipif(landlock.version() == 0, reason="needs Landlock")


def restricted(attempt: Callable[[], object]) -> str:
    """What becomes of an attempt in a process that has applied Landlock."""

    def attempted() -> str:
        kernel.control(kernel.SET_NO_NEW_PRIVILEGES, 1)
        landlock.restrict()
        try:
            return f"done: {attempt()}"
        except OSError as error:
            return type(error).__name__

    return told_by_child(attempted)


@needs
def test_no_file_can_be_opened(tmp_path: Path) -> None:
    """Neither read nor written, made nor removed, even by its owner; what was open stays open."""
    kept = tmp_path / "kept"
    kept.write_text("mine")
    with kept.open() as open_before:
        assert restricted(open_before.read) == "done: mine"
    attempts: list[Callable[[], object]] = [
        kept.read_text,
        kept.unlink,
        (tmp_path / "new").touch,
        (tmp_path / "new").mkdir,
        lambda: list(tmp_path.iterdir()),
        lambda: Path("/proc/self/environ").read_bytes(),
        lambda: kept.rename(tmp_path / "moved"),
    ]
    for attempt in attempts:
        assert restricted(attempt) == "PermissionError"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.skipif(landlock.version() < landlock.TCP, reason="needs Landlock 4")
def test_no_tcp() -> None:
    """No port is taken, and a listener on this machine hears nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as caller:
        assert restricted(lambda: caller.connect(listener.getsockname())) == "PermissionError"
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()
    with socket.socket() as taker:
        assert restricted(lambda: taker.bind(("127.0.0.1", 0))) == "PermissionError"


@pytest.mark.skipif(landlock.version() < landlock.SIGNALS, reason="needs Landlock 6")
def test_no_signal_and_no_abstract_socket_to_others() -> None:
    """The parent can't be reached."""
    assert restricted(lambda: os.kill(os.getppid(), 0)) == "PermissionError"
    assert restricted(lambda: os.kill(os.getpid(), 0)) == "done: None"
    name = f"\0evo-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(name)
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        assert restricted(lambda: sender.sendto(b"hello", name)) == "PermissionError"
        sender.close()


def test_a_kernel_without_it_has_version_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel knows no such call, or this is no Linux, that is said, and restricting is an OSError."""
    monkeypatch.setattr(kernel, "_syscall", None)
    landlock.prepared.cache_clear()
    assert landlock.version() == 0
    with pytest.raises(OSError, match="not implemented"):
        landlock.restrict()
    landlock.prepared.cache_clear()


@pytest.mark.parametrize(
    ("version", "files", "network", "scopes", "size", "flags"),
    [
        (1, 0x1FFF, 0, 0, 8, 0),
        (2, 0x3FFF, 0, 0, 8, 0),
        (3, 0x7FFF, 0, 0, 8, 0),
        (4, 0x7FFF, 3, 0, 16, 0),
        (5, 0xFFFF, 3, 0, 16, 0),
        (6, 0xFFFF, 3, 3, 24, 0),
        (7, 0xFFFF, 3, 3, 24, 1),
        (99, 0xFFFF, 3, 3, 24, 1),
    ],
)
def test_each_version_is_asked_for_what_it_knows(
    version: int,
    files: int,
    network: int,
    scopes: int,
    size: int,
    flags: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A kernel refuses bits and sizes that it doesn't know, so each gets the structure of its own version."""
    asked: list[tuple[int, ...]] = []

    def system_call(number: int, first: int = 0, second: int = 0, third: int = 0) -> int:
        if third:
            return version
        if number == 444:
            rules = landlock._Ruleset.from_address(first)
            asked.append((rules.files, rules.network, rules.scopes, second))
            return os.open(os.devnull, os.O_RDONLY)
        asked.append((second,))
        return 0

    monkeypatch.setattr(landlock, "system_call", system_call)
    landlock.prepared.cache_clear()
    landlock.restrict()
    landlock.prepared.cache_clear()
    assert asked == [(files, network, scopes, size), (flags,)]
