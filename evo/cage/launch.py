"""How the template process is started and asked: its command line, its environment, its control socket.

The environment is made from nothing, so that no key of the user's can be in it. Knows nothing of policies.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import evo
from evo.cage.limits import Limits
from evo.cage.requests import ANSWER, END, FORK, REQUEST
from evo.errors import CageError

_PROGRAM = """
import json, sys
setup = json.loads(sys.argv[1])
sys.path[:] = setup["path"]
from evo.cage.limits import Limits
from evo.cage.template import main
main(setup["descriptor"], Limits(**setup["limits"]), setup["core"])
"""

_ANSWER_SECONDS = (
    60.0  # a fork takes milliseconds and a start under a second, but a machine may be badly overloaded
)

_ONE_THREAD = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
_FOR_THE_LOADER = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SYSTEMROOT")


class TemplateLostError(Exception):
    """The template has ended; the text says with what last words, if any."""


class Template:
    """A running template process, on this `core` if given; every method raises TemplateLostError once it has ended."""

    def __init__(self, limits: Limits, core: int | None) -> None:
        if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
            raise CageError(
                "policies run in forked processes, which this system lacks: use Linux, macOS or WSL"
            )
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_ANSWER_SECONDS)
        with theirs:
            self._process = self._start(theirs.fileno(), limits, core)
        self._owed = 1  # the first answer says that it is ready

    def fork(self, descriptors: Sequence[int]) -> Child:
        """Fork a child that serves a policy over four descriptors (see `child.live`).

        Raises CageError if the system refuses.
        """
        child = self._ask(REQUEST.pack(FORK, 0, False), descriptors)
        if child < 0:
            raise CageError(f"can't start a process for a policy: {os.strerror(-child)}")
        return Child(self, child)

    def end(self, child: int, *, patient: bool) -> int:
        """Kill and reap a child and return its wait status; `patient` lets it end by itself first, for half a second."""
        return self._ask(REQUEST.pack(END, child, patient))

    def dismiss(self, child: int) -> None:
        """Have a child killed and reaped, before anything else is asked for, and don't wait for it."""
        self._tell(REQUEST.pack(END, child, False))
        self._owed += 1

    def close(self) -> None:
        """End the template and its children."""
        self._control.close()
        try:
            self._process.wait(_ANSWER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _start(self, descriptor: int, limits: Limits, core: int | None) -> subprocess.Popen[bytes]:
        fields = {"seconds": limits.seconds, "memory_mb": limits.memory_mb, "work": limits.work}
        setup = {"path": search_path(), "descriptor": descriptor, "limits": fields, "core": core}
        try:
            return subprocess.Popen(  # noqa: S603 - this very interpreter, with a program of ours
                # Not -I, which would also ignore PYTHONHASHSEED; the environment holds nothing else for Python.
                [sys.executable, "-s", "-P", "-c", _PROGRAM, json.dumps(setup)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment(),
                cwd="/",
                pass_fds=(descriptor,),
                start_new_session=True,  # Ctrl-C is the owner's business
            )
        except OSError as error:
            self._control.close()
            raise CageError(f"can't start {sys.executable} for running policies: {error.strerror}") from error

    def _ask(self, request: bytes, descriptors: Sequence[int] = ()) -> int:
        self._tell(request, descriptors)
        with self._losses():
            return self._answer()

    def _tell(self, request: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send a request, once all earlier ones have been answered."""
        if self._control.fileno() < 0:
            raise TemplateLostError("it has been closed")
        with self._losses():
            while self._owed:
                self._answer()
                self._owed -= 1
            if descriptors:
                socket.send_fds(self._control, [request], descriptors)
            else:
                self._control.sendall(request)

    @contextmanager
    def _losses(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, ConnectionError):
            raise TemplateLostError(self._explanation()) from None
        except TimeoutError:
            message = "the process that starts policies doesn't answer: is this machine overloaded?"
            raise CageError(message) from None

    def _answer(self) -> int:
        data = b""
        while len(data) < ANSWER.size:
            more = self._control.recv(ANSWER.size - len(data))
            if not more:
                raise EOFError
            data += more
        (number,) = ANSWER.unpack(data)
        return int(number)

    def _explanation(self) -> str:
        assert self._process.stderr is not None
        lines = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self._process.wait()}"


class Child:
    """A process that a template has forked."""

    def __init__(self, template: Template, number: int) -> None:
        self._template = template
        self._number: int | None = number

    def end(self, *, patient: bool) -> int | None:
        """Kill and reap it, see `Template.end`; its wait status, None if it was gone already or nobody can tell."""
        number, self._number = self._number, None
        if number is None:
            return None
        with suppress(TemplateLostError):
            return self._template.end(number, patient=patient)
        return None

    def dismiss(self) -> None:
        """Have it killed and reaped, see `Template.dismiss`."""
        number, self._number = self._number, None
        if number is not None:
            with suppress(TemplateLostError):
                self._template.dismiss(number)


def search_path() -> list[str]:
    """Where the template finds evo and what it needs: as here, but for relative places."""
    home = str(Path(evo.__file__).resolve().parents[1])
    places = [place for place in sys.path if Path(place).is_absolute()]
    return places if home in places else [home, *places]


def environment() -> dict[str, str]:
    """Everything in the template's environment: the same for everybody, without a key of the user's."""
    threads = {f"{library}_NUM_THREADS": "1" for library in _ONE_THREAD}
    loader = {name: os.environ[name] for name in _FOR_THE_LOADER if name in os.environ}
    fixed = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "VECLIB_MAXIMUM_THREADS": "1"}
    return {**threads, **loader, **fixed}
