"""Messages between the engine's process and the policy's: length-prefixed msgpack over a pair of pipes.

Neither side trusts the other's bytes: lengths are capped, and what arrives is decoded into the very type expected
or refused. Pipes, because a round trip costs two thirds of one over a socket. Knows nothing of policies, limits or
processes.
"""

from __future__ import annotations

import os
import select
import time
from contextlib import suppress
from typing import Self, TypeVar

import msgspec

from evo.simulator.messages import AskMemory, Fault, Reply, Start

T = TypeVar("T")

LONGEST = 4 * 1024 * 1024
"""Bytes of the longest message that a policy may send: the longest honest ones have some hundred kilobytes.

Read, it takes up to twenty times as much memory on the engine's side, for a moment.
"""

_CHUNK = 16384
_HEADER = 4

_LOOKS = 500
"""How often an eager end looks for a message before it sleeps: some tenths of a millisecond."""

_LONGEST_SLEEP = 256
"""So many messages are waited for asleep, at most, after one for which an eager end has looked in vain."""

_MOST_LOOKS = 50_000_000
_SECONDS_AWAKE = 300
"""How often in all, and how long that takes at the very most."""


class Begin(msgspec.Struct, frozen=True, array_like=True, tag="begin"):
    """The first message: what to start, and what an earlier process has made of the same source, if there was one."""

    start: Start
    program: bytes = b""


class Prepared(msgspec.Struct, frozen=True, array_like=True, tag="prepared"):
    """What this process has made of the source, before the policy ran: for later processes of the same policy."""

    program: bytes


class Started(msgspec.Struct, frozen=True, array_like=True, tag="started"):
    """The policy's answer to `Start`: its init function returned, or failed with `fault`."""

    fault: Fault | None = None


class Collapsed(msgspec.Struct, frozen=True, array_like=True, tag="collapsed"):
    """The last words of a policy's process in which something failed that is not the policy's own code."""

    reason: str


FromPolicy = Reply | AskMemory | Prepared | Started | Collapsed


class WireError(Exception):
    """What arrived is no message of ours; the text says why."""


class Wire:
    """One end of a connection: the descriptors to read from and to write to, which are closed with it.

    Messages of more than `longest` bytes are refused. Sending and receiving raise EOFError or OSError when the other
    end is gone, TimeoutError when `seconds` (None: for ever) have passed. An `eager` end stays awake for a moment while
    it waits, for which it needs a core to itself, in all for up to `seconds_awake`.
    """

    def __init__(self, reader: int, writer: int, longest: int = LONGEST, *, eager: bool = False) -> None:
        self._reader = reader
        self._writer = writer
        self._longest = longest
        os.set_blocking(writer, False)
        self._readable = select.poll()
        self._readable.register(reader, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(writer, select.POLLOUT)
        self._encoder = msgspec.msgpack.Encoder()
        self._frame = bytearray(1024)
        self._rest = b""
        self._looks, self.seconds_awake = (_MOST_LOOKS, _SECONDS_AWAKE) if eager else (0, 0)
        self._misses = self._asleep = 0

    @classmethod
    def pair(cls, *, eager: bool = False) -> tuple[Self, tuple[int, int]]:
        """One end, and the descriptors for the other."""
        their_reader, writer = os.pipe()
        reader, their_writer = os.pipe()
        return cls(reader, writer, eager=eager), (their_reader, their_writer)

    def send(self, message: object, seconds: float | None = None) -> None:
        """Send one message; raises OverflowError or UnicodeEncodeError for values that msgpack can't carry."""
        frame = self._frame
        self._encoder.encode_into(message, frame, _HEADER)
        frame[:_HEADER] = (len(frame) - _HEADER).to_bytes(_HEADER, "big")
        try:
            sent = os.write(self._writer, frame)
        except BlockingIOError:
            sent = 0
        if sent < len(frame):
            self._send_rest(memoryview(bytes(frame))[sent:], _deadline(seconds))

    def receive(self, decoder: msgspec.msgpack.Decoder[T], seconds: float | None = None) -> T:
        """The next message; raises WireError for one that is too long or isn't of the decoder's type."""
        frame = self._rest or self._read(seconds)
        if len(frame) - _HEADER == int.from_bytes(
            frame[:_HEADER], "big"
        ):  # one whole message, as nearly always
            body = frame[_HEADER:]
            self._rest = b""
        else:
            body = self._cut(frame, seconds)
        try:
            return decoder.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise WireError(f"a malformed message: {error}") from None

    def close(self) -> None:
        """Close this end, if it is still open."""
        for descriptor in (self._reader, self._writer):
            if descriptor >= 0:
                os.close(descriptor)
        self._reader = self._writer = -1

    def _read(self, seconds: float | None) -> bytes:
        seen = self._looks > 0 and self._look()
        if not seen and seconds is not None and not self._readable.poll(max(seconds, 0) * 1000):
            raise TimeoutError
        chunk = os.read(self._reader, _CHUNK)
        if not chunk:
            raise EOFError("the other end is closed")
        return chunk

    def _look(self) -> bool:
        """Whether a message comes within a moment; looked for ever more rarely as long as none does."""
        if self._asleep:
            self._asleep -= 1
            return False
        self._looks -= _LOOKS
        poll = self._readable.poll
        for _ in range(_LOOKS):
            if poll(0):
                self._misses = 0
                return True
        self._misses += 1
        self._asleep = min(2**self._misses, _LONGEST_SLEEP)
        return False

    def _cut(self, frame: bytes, seconds: float | None) -> bytes:
        """The message at the beginning of what was read, of which there may be less or more; the rest is kept."""
        if len(frame) < self._end(frame):
            frame = self._whole(frame, _deadline(seconds))
        end = self._end(frame)
        self._rest = frame[end:]
        return frame[_HEADER:end]

    def _end(self, frame: bytes | bytearray) -> int:
        """Where the first message ends in what was read, as far as that can be told."""
        size = int.from_bytes(frame[:_HEADER], "big") if len(frame) >= _HEADER else 0
        if size > self._longest:
            raise WireError(f"a message of {size} bytes; at most {self._longest} are accepted")
        return _HEADER + size

    def _whole(self, begun: bytes, deadline: float | None) -> bytes:
        """The frame that begins with `begun`, and what follows it; a trickle of bytes doesn't stretch the time."""
        frame = bytearray(begun)
        while len(frame) < self._end(frame):
            frame += self._read(None if deadline is None else deadline - time.monotonic())
        return bytes(frame)

    def _send_rest(self, data: memoryview, deadline: float | None) -> None:
        while data:
            left = None if deadline is None else max(deadline - time.monotonic(), 0) * 1000
            if not self._writable.poll(left):
                raise TimeoutError
            with suppress(BlockingIOError):
                data = data[os.write(self._writer, data) :]


def _deadline(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds
