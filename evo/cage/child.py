"""The life of the process that runs one policy on one trace: confine itself, then answer the engine until told to stop.

The policy shares this process with its host and may do to it what it likes: it harms nobody but itself, because
the score is kept on the other side of the wire.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NoReturn

import msgspec

from evo.cage.confinement import confine, seal
from evo.cage.limits import Limits
from evo.cage.requests import OUT_OF_MEMORY
from evo.cage.wire import Begin, Collapsed, Prepared, Started, Wire
from evo.simulator.messages import AskMemory, Fault, Memory, Observation, Reply
from evo.simulator.scheduling.host import Host
from evo.simulator.scheduling.loading import blame
from evo.simulator.scheduling.program import give, packed, program, unpacked

# Made before the fork, once for all children.
_BEGINNINGS = msgspec.msgpack.Decoder(Begin)
_OBSERVATIONS = msgspec.msgpack.Decoder(Observation)
_MEMORIES = msgspec.msgpack.Decoder(Memory)


def live(
    descriptors: Sequence[int], wire: Wire, flush: Callable[[], None], parent: int, limits: Limits
) -> NoReturn:
    """Run the policy that comes over these descriptors, and end this process; never returns to the caller's frames.

    The descriptors are those of `Wire.pair` and `Printed.ends`; `wire` is one over `CONNECTION`, and `flush` what
    `capture` gave.
    """
    status = 1
    try:
        reader, writer, output, oldest = descriptors
        confine((reader, writer), (output, oldest), parent, limits.seconds + wire.seconds_awake)
        seal()
        try:
            serve(wire, flush, limits.work)
        except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
            wire.send(Collapsed(_plain(f"{type(error).__name__}: {error}")))
        status = 0
    except MemoryError:
        status = OUT_OF_MEMORY
    except (EOFError, ConnectionError):
        status = 0  # the engine has hung up, as it does at the end of a run
    finally:
        os._exit(status)


def serve(wire: Wire, flush: Callable[[], None], work: int) -> None:
    """Host one policy behind the wire until it fails to start or the engine hangs up."""

    def ask(tick: int) -> Memory:
        wire.send(AskMemory(tick))
        return wire.receive(_MEMORIES)

    begin = wire.receive(_BEGINNINGS)
    start = begin.start
    host = Host(start.source, start.key, every_tick=start.every_tick, work_limit=work)
    fault = _prepare(wire, begin) or host.start(start.parameters, ask)
    if fault is not None:
        flush()
    wire.send(Started(fault and _sendable(fault)))
    while fault is None:
        reply = host.decide(wire.receive(_OBSERVATIONS))
        fault = reply.fault
        if fault is not None:
            flush()
            reply = msgspec.structs.replace(reply, fault=_sendable(fault))
        _answer(wire, reply)


def _prepare(wire: Wire, begin: Begin) -> Fault | None:
    """Have the program of the policy ready: as it was given, or made here and told before the policy can change it."""
    source, every_tick = begin.start.source, begin.start.every_tick
    if begin.program:
        give(source, unpacked(begin.program), every_tick=every_tick, counted=True)
        return None
    try:
        made = program(source, every_tick=every_tick, counted=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return blame("init", error)
    wire.send(Prepared(packed(made)))
    return None


def _answer(wire: Wire, reply: Reply) -> None:
    try:
        wire.send(reply)
    except (OverflowError, UnicodeEncodeError) as error:
        message = f"what the policy returned can't be sent: {error}"
        fault = Fault("policy", type(error).__name__, message, action=True)
        wire.send(Reply(reply.tick, every_tick=False, fault=_sendable(fault)))


def _sendable(fault: Fault) -> Fault:
    """The fault with its texts in proper Unicode; an exception's text may be anything."""
    return msgspec.structs.replace(fault, kind=_plain(fault.kind), message=_plain(fault.message))


def _plain(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()
