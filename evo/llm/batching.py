"""What is said between evo and a service of batches: many questions sent together, answered hours later, and cheaper.

A batch has a name before it is sent, which is part of all that is sent: by that a batch is found again whose sender
never learned whether it had arrived. Everything here is plain data that msgspec can save. Knows no SDK and no file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

import msgspec

from evo.llm.exchange import Answer, CallError, Prompt

Outcome = Answer | CallError
"""What came of one question of a batch; after an error that isn't final it may be asked again."""


class Batch(msgspec.Struct, frozen=True, omit_defaults=True):
    """Questions, by label, that are asked of one model together."""

    name: str
    """Ours, and unlike any other: up to 20 of a-z and 0-9."""
    model: str
    labels: tuple[str, ...]
    since: str = ""
    """The newest batch that the service had before this one; none if it had none."""
    id: str = ""
    """The service's; none as long as it isn't known whether it has the batch."""

    def custom_id(self, label: str) -> str:
        """What the service is to call a question."""
        return f"{self.name}-{label}"

    def label(self, custom_id: object) -> str | None:
        """The label of a question that the service calls so; None if it is none of ours."""
        name, _, label = str(custom_id).partition("-")
        return label if name == self.name else None


class Look(NamedTuple):
    """How far a batch is."""

    ended: bool
    done: int


class Service(Protocol):
    """Batches for one model, in one event loop; close it there. All but `close` ask once, and raise CallError."""

    async def newest(self) -> str:
        """The newest batch there is, "" if there is none."""

    async def send(self, batch: Batch, prompts: Mapping[str, Prompt]) -> str:
        """Have the questions answered; the batch's id. After an error that is not final it may have arrived all the same."""

    async def find(self, batch: Batch, others: Collection[str]) -> str | None:
        """The id of a batch that may be this one, which perhaps was sent; none of the `others`."""

    async def look(self, batch: Batch) -> Look:
        """How far it is."""

    async def outcomes(self, batch: Batch) -> dict[str, Outcome] | None:
        """What came of the questions of a batch that has ended, by label; None if it is another batch than was thought."""

    async def close(self) -> None:
        """Give the connections back."""


class Pending(Protocol):
    """Where batches are on record, so that whoever comes after a sudden end finds them."""

    def name(self) -> str:
        """A name that no batch of anybody has."""

    def save(self, batch: Batch) -> None:
        """Have it on record, in place of what it was before; without labels it is forgotten."""

    def all(self) -> Iterable[Batch]:
        """Those whose answers are not all safe elsewhere."""
