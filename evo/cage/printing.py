"""What a policy prints: in a pipe that forgets its beginning, so that nobody ever waits for anybody.

The policy's process writes, and drops the oldest itself where the pipe is full; the engine looks into it only when
the policy has failed and its process is gone. What comes out is data of bounded size that commands no terminal.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress

from evo.printable import printable

KEPT = 2000
"""Characters of the last that a policy printed, as far as anybody is told."""

_AT_ONCE = 4096  # bytes that a pipe takes whole or not at all, on Linux (PIPE_BUF)
_CAREFUL = 2000  # pieces; a line has two or more
_DROPPED = 32768  # half of what a pipe holds
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_MOST_READ = 64  # pieces to look at: a policy may have made the pipe larger, but not without end


class Printed:
    """The engine's end of what one policy prints."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        for descriptor in self.ends:
            os.set_blocking(descriptor, False)

    @property
    def ends(self) -> tuple[int, int]:
        """The descriptors that the policy's process needs: to write to, and to drop the oldest from."""
        return self._writer, self._reader

    def last(self) -> str:
        """What was printed last; only once nobody can write any more. Each piece is told once."""
        os.set_blocking(self._reader, False)  # the policy's process could have changed it
        data = b""
        with suppress(BlockingIOError):
            for _ in range(_MOST_READ):
                piece = os.read(self._reader, 2 * _DROPPED)
                if not piece:
                    break
                data = (data + piece)[-4 * KEPT :]  # a character has four bytes at most
        return told(data.decode("utf-8", "replace")[-KEPT:])[-KEPT:]

    def hand_over(self) -> None:
        """Close the end that only the policy's process writes to."""
        if self._writer >= 0:
            os.close(self._writer)
            self._writer = -1

    def close(self) -> None:
        """Close what is still open."""
        self.hand_over()
        if self._reader >= 0:
            os.close(self._reader)
            self._reader = -1


class _Output(io.RawIOBase):
    """A stream into a pipe that never waits, fails or tells how full the pipe is."""

    def __init__(self, descriptor: int, oldest: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._oldest = oldest
        self._pieces = 0
        # Each piece is written at once, for a policy may die at any moment.
        self.text = io.TextIOWrapper(self, "utf-8", "backslashreplace", write_through=True)  # type: ignore[type-var]

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """The descriptor of this stream in any process."""
        return self._descriptor

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        """Write the end of the data, as much as anybody will read; what the policy has closed takes nothing."""
        self._pieces += 1
        if self._pieces == _CAREFUL:  # who prints so much may lose the last of it by dying, but waits less
            self.text.reconfigure(write_through=False)
        rest = bytes(data)[-_AT_ONCE:]
        with suppress(OSError):
            while not self._taken(rest):
                os.read(self._oldest, _DROPPED)
        return len(data)

    def _taken(self, data: bytes) -> bool:
        try:
            os.write(self._descriptor, data)
        except BlockingIOError:
            return False
        return True


def capture(oldest: int) -> Callable[[], None]:
    """Make `print` write to this process's descriptors 1 and 2, both a pipe whose other end is `oldest`.

    Gives a function that writes what may have been held back.
    """
    texts = [_Output(descriptor, oldest).text for descriptor in (1, 2)]
    sys.stdout, sys.stderr = texts
    vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)

    def flush() -> None:
        for text in texts:
            with suppress(ValueError):  # the policy has closed it
                text.flush()

    return flush


def told(text: str) -> str:
    """A policy's text as it is passed on: nothing in it commands a terminal, or tells where in memory something lay.

    Addresses differ from run to run, and what is saved of equal runs must be equal.
    """
    return _ADDRESS.sub("at 0x…", printable(text, keep="\n"))
