"""The engine's side of the cage: a decider whose policy lives in a process of its own that may die at any moment.

What a policy does to its process ends as a fault of that policy, never as a fault of ours. Time is measured here,
from outside, and only while the engine waits for the policy.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from evo.cage.launch import Child, Template, TemplateLostError
from evo.cage.limits import Limits
from evo.cage.printing import Printed, told
from evo.cage.requests import OUT_OF_MEMORY
from evo.cage.wire import Begin, Collapsed, FromPolicy, Prepared, Started, Wire, WireError
from evo.errors import CageError, InputError
from evo.simulator.messages import AskMemory, Fault, MemoryProbe, Observation, Reply, Start

_ANSWERS: msgspec.msgpack.Decoder[FromPolicy] = msgspec.msgpack.Decoder(FromPolicy)

_LONGEST_KIND = 100
_LONGEST_MESSAGE = 2000

_MOST_PROGRAMS = 16
_LARGEST_PROGRAM = 1024 * 1024

_MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError")
"""Names under which Python and numpy report that the memory limit was met."""


class _Process(NamedTuple):
    """A policy's process: how to talk to it, what it prints, and the process itself."""

    wire: Wire
    printed: Printed
    child: Child

    def close(self) -> None:
        """Have it killed and reaped, and close all descriptors."""
        self.wire.close()
        self.child.dismiss()
        self.printed.close()


class _Programs:
    """What policies' processes have made of their sources, for later ones of the same policy; never looked into here.

    A policy can harm by it nobody but itself: it is told before the policy runs, and goes to no other policy.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, bool], bytes] = {}

    def begin(self, start: Start) -> Begin:
        """The first message to a process."""
        return Begin(start, self._known.get((start.source, start.every_tick), b""))

    def keep(self, start: Start, program: bytes) -> None:
        """Remember it, unless it is large, and forget what has been known for longest."""
        if len(program) > _LARGEST_PROGRAM:
            return
        self._known[start.source, start.every_tick] = program
        if len(self._known) > _MOST_PROGRAMS:
            del self._known[next(iter(self._known))]


class Cage:
    """A warm process from which each run of a policy gets a fresh one; a context manager, for one thread.

    It starts with the first run. A policy that dies, hangs or devours its memory costs its own run only. Raises
    CageError where this machine can't start the processes.

    With a `core` of their own the policies run there, and both sides stay awake while they wait for each other: the
    caller keeps to another one (`cores.settle`).
    """

    def __init__(self, limits: Limits | None = None, core: int | None = None) -> None:
        self.limits = limits or Limits()
        self._core = core
        self._template: Template | None = None
        self._programs = _Programs()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def decider(self, source: str, key: str, *, every_tick: bool = False) -> CagedDecider:
        """A fresh process for one run of the policy `source`, which registers `key`; close it after the run.

        With `every_tick` the policy is called in every tick; its limits are the same, and so met sooner.
        """
        wire, theirs = Wire.pair(eager=self._core is not None)
        printed = Printed()
        try:
            child = self._fork((*theirs, *printed.ends))
        except BaseException:
            wire.close()
            printed.close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)
            printed.hand_over()
        start = Start(source, key, {}, every_tick)
        return CagedDecider(_Process(wire, printed, child), self.limits, start, self._programs)

    def close(self) -> None:
        """End all processes of this cage."""
        if self._template is not None:
            self._template.close()
            self._template = None

    def _fork(self, descriptors: Sequence[int]) -> Child:
        if self._template is not None:
            with suppress(TemplateLostError):
                return self._template.fork(descriptors)
            self.close()
        self._template = Template(self.limits, self._core)
        try:
            return self._template.fork(descriptors)
        except TemplateLostError as error:
            raise CageError(f"the process that starts policies ended at once: {error}") from None


class CagedDecider:
    """A policy in a process of its own, as the engine sees it (`Decider`); serves one run, then must be closed."""

    def __init__(self, process: _Process, limits: Limits, start: Start, programs: _Programs) -> None:
        self._process = process
        self._wire = process.wire
        self._limits = limits
        self._left = limits.seconds
        self._start = start
        self._programs = programs
        self._memory: MemoryProbe | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Load the policy and call its init function; raises InputError for a parameter too large to be sent."""
        self._memory = memory
        begin = self._programs.begin(msgspec.structs.replace(self._start, parameters=parameters))
        try:
            answer = self._exchange(begin, "init")
        except OverflowError:
            raise InputError("a parameter is beyond 64 bits: give a smaller number") from None
        if isinstance(answer, Prepared) and not begin.program:
            self._programs.keep(self._start, answer.program)
            answer = self._exchange(None, "init")
        if isinstance(answer, Started):
            return answer.fault and self._told(answer.fault)
        return self._told(answer if isinstance(answer, Fault) else _nonsense("init"))

    def decide(self, observation: Observation) -> Reply:
        """What the policy does in the ticks that `observation` grants it."""
        first, last = observation.tick, observation.tick + observation.quiet
        answer = self._converse(observation, "policy", first, last)
        if isinstance(answer, Reply):
            if answer.fault is None:
                return answer
            return msgspec.structs.replace(answer, fault=self._told(answer.fault))
        fault = self._told(answer if isinstance(answer, Fault) else _nonsense("policy"))
        return Reply(first, every_tick=False, fault=fault)

    def close(self) -> None:
        """Have the policy's process killed and reaped."""
        self._process.close()

    def _converse(self, message: object, phase: str, first: int, last: int) -> FromPolicy | Fault:
        """Send a message and wait for the answer, answering questions about memory in ticks `first` to `last`."""
        answer = self._exchange(message, phase)
        while isinstance(answer, AskMemory):
            if self._memory is None or not first <= answer.tick <= last:
                return _nonsense(phase)
            answer = self._exchange(self._memory(answer.tick), phase)
        return answer

    def _exchange(self, message: object | None, phase: str) -> FromPolicy | Fault:
        """Send a message, if there is one, and wait for the answer."""
        begun = time.monotonic()
        try:
            if message is not None:
                self._wire.send(message, self._left)
            answer = self._wire.receive(_ANSWERS, self._left - (time.monotonic() - begun))
        except TimeoutError:
            return Fault(phase, "time", f"the policy took more than {self._limits.seconds:g} seconds")
        except (EOFError, OSError):
            return self._death(phase)
        except WireError as error:
            return Fault(phase, "output", f"the policy's process sent {error}")
        self._left -= time.monotonic() - begun
        if isinstance(answer, Collapsed):
            return Fault(phase, "crash", f"the policy's process failed around the policy: {answer.reason}")
        return answer

    def _told(self, fault: Fault) -> Fault:
        """The fault as the cage reports it, at the end of the policy's process: with what was printed last."""
        self._process.child.end(patient=False)
        kind, message = fault.kind, fault.message
        if kind in _MEMORY_ERRORS:
            kind, message = "memory", _memory_message(self._limits)
        return msgspec.structs.replace(
            fault,
            kind=told(kind[:_LONGEST_KIND]),
            message=told(message[:_LONGEST_MESSAGE]),
            printed=self._process.printed.last(),
        )

    def _death(self, phase: str) -> Fault:
        """The fault of a policy whose process has hung up."""
        status = self._process.child.end(patient=True)
        if status is None:
            return Fault(phase, "crash", "the policy's process ended, and the one that started it too")
        code = os.waitstatus_to_exitcode(status)
        if code == OUT_OF_MEMORY:
            return Fault(phase, "memory", _memory_message(self._limits))
        if code >= 0:
            return Fault(phase, "crash", f"the policy's process ended with exit status {code}")
        name = str(-code)
        with suppress(ValueError):
            name = signal.Signals(-code).name
        return Fault(phase, "crash", f"the policy's process was ended by the signal {name}")


def _memory_message(limits: Limits) -> str:
    return f"the policy needed more than {limits.memory_mb} MB of memory"


def _nonsense(phase: str) -> Fault:
    return Fault(phase, "output", "the policy's process sent a message out of turn")
