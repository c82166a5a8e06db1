"""What is said between evo and a language model: the seam that every provider implements.

An answer is what was paid for, good or bad, and so a value; what came to nothing raises. Everything here is plain
data that msgspec can save. Knows no SDK.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Fault = Literal["refusal", "truncated", "empty", "malformed", "cut"]
"""Why an answer is of no use.

The model refused; it came to its limit of tokens; it said nothing (but thoughts); what arrived is no answer (a page of
HTML, broken JSON, an empty object); the stream ended before the answer did.
"""


class Prompt(msgspec.Struct, frozen=True):
    """A question: `constant` is the same in all calls of a run, and so worth caching.

    `turns` are what was said after it, by the user and the model in turn; the user has the first word and the last.
    """

    constant: str
    turns: tuple[str, ...]


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens that were used: `input` includes those read from a cache or written to it, `output` the reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    """Read from a cache."""
    written: int = 0
    """Written to a cache."""
    reasoning: int = 0


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model answered; with a `fault` the text is what there is of it, and `message` says more."""

    model: str
    """As the server called it, or as it was asked for."""
    text: str = ""
    usage: Usage | None = None
    """None if the server didn't say."""
    fault: Fault | None = None
    message: str = ""
    seconds: float = 0.0
    """How long it took, waits for a server in trouble included; 0 where nobody wanted to know."""


class CallError(Exception):
    """A call that came to nothing, and as far as anybody knows cost nothing; `str(error)` is one line for the user.

    A `final` one would only come again (a wrong key, an empty account, a model that doesn't exist, a request that is
    refused). `wait` is how many seconds the server asked to be left alone.
    """

    def __init__(self, message: str, *, final: bool, wait: float | None = None) -> None:
        super().__init__(message)
        self.final = final
        self.wait = wait


class Provider(Protocol):
    """One model of one server, in one event loop; close it there."""

    async def complete(self, prompt: Prompt) -> Answer:
        """Ask once, without any retry; raises CallError."""

    async def close(self) -> None:
        """Give the connections back."""
