"""A policy's failure as a journal holds it: nothing that JSON can't say, and kinds of every evo there was."""

from __future__ import annotations

from types import MappingProxyType

import msgspec

from evo.population import Failure, FailureKind


class SavedFailure(msgspec.Struct, frozen=True, omit_defaults=True):
    """A `Failure` as it is saved. Before its kinds were a fixed list, `kind` was an exception's type or a limit."""

    kind: str
    message: str
    trace: str | None = None
    tick: int | None = None
    line: int | None = None
    printed: str = ""
    repeats: bool = True

    @classmethod
    def of(cls, failure: Failure) -> SavedFailure:
        """The record of a failure, without what JSON can't hold: a message may have half a surrogate pair in it."""
        message, printed = (
            text.encode("utf-8", "replace").decode() for text in (failure.message, failure.printed)
        )
        place = (failure.trace, failure.tick, failure.line)
        return cls(failure.kind.value, message, *place, printed, failure.repeats)

    @property
    def failure(self) -> Failure:
        """The failure, its kind one of today's."""
        kind, message = _TODAY.get(self.kind), self.message
        if kind is None:
            kind, message = FailureKind.EXCEPTION, f"{self.kind}: {self.message}"
        place = (self.trace, self.tick, self.line)
        return Failure(kind, message, *place, self.printed, self.repeats and self.kind != "time")


_TODAY = MappingProxyType(
    {
        "time": FailureKind.TIMEOUT,
        "work": FailureKind.TIMEOUT,
        **{kind.value: kind for kind in FailureKind},
    }
)
"""Kinds by the names under which they were ever saved."""
