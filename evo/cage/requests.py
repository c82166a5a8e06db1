"""What the engine's side and the template say to each other, which each of them must know without the other.

Nothing but the shape of requests and answers: the engine's side never loads what runs in the template.
"""

from __future__ import annotations

import struct

REQUEST = struct.Struct("!cq?")
"""What to do (`FORK` or `END`), the child to end, and whether to let it end by itself first."""

ANSWER = struct.Struct("!q")
"""The child's number or its wait status; minus the error number if the system refused."""

FORK, END = b"F", b"E"

OUT_OF_MEMORY = 86
"""Exit status of a child that found no memory even to say so."""
