"""What both services of batches have in common: objects, lists of them, and files of them line by line.

Believes nothing: whatever isn't there, or is of another kind, is an error of the call that may heal. Knows no SDK.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from evo.llm.exchange import CallError
from evo.llm.faults import Service, from_error, read_object
from evo.llm.settings import Settings


class Reply(Protocol):
    """What an SDK gives back if it isn't to read it."""

    @property
    def content(self) -> bytes:
        """The bytes that came."""


class Talk:
    """Talk with one service, whose SDK raises these errors."""

    def __init__(self, service: Service, settings: Settings, errors: tuple[type[Exception], ...]) -> None:
        self._service = service
        self._settings = settings
        self._errors = errors

    async def said(self, reply: Awaitable[Reply], batch: str = "") -> bytes:
        """What the service says; `batch` is the id of one that it is asked for and should know. Raises CallError."""
        try:
            async with asyncio.timeout(self._settings.seconds):
                return (await reply).content
        except self._errors as error:
            if batch and getattr(error, "status_code", None) == 404:
                raise self._unknown(batch) from None
            raise from_error(error, self._service, self._settings) from None

    async def told(self, reply: Awaitable[Reply], batch: str = "") -> dict[str, Any]:
        """An object that the service sends."""
        data = read_object(await self.said(reply, batch))
        if data is None:
            raise self._strange("broken data about a batch")
        return data

    async def lines(self, reply: Awaitable[Reply], batch: str) -> list[dict[str, Any]]:
        """The objects in a file, one a line; a broken one is an error of all, since it may come whole yet."""
        lines = [read_object(line) for line in (await self.said(reply, batch)).splitlines() if line.strip()]
        whole = [line for line in lines if line is not None]
        if len(whole) < len(lines):
            raise self._strange("answers of a batch with a broken line")
        return whole

    def id_of(self, told: dict[str, Any]) -> str:
        """An object's id."""
        known = told.get("id")
        if not isinstance(known, str) or not known:
            raise self._strange("an object without an id")
        return known

    def _strange(self, what: str) -> CallError:
        return CallError(f"{self._service.name} sent {what}; check the address", final=False)

    def _unknown(self, batch: str) -> CallError:
        return CallError(
            f"{self._service.name} knows no batch {batch} (404), which was sent before; give the key that it was sent"
            " with, or delete the record of that batch to have its questions asked, and paid for, anew",
            final=True,
        )


def listed(told: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a page."""
    data = told.get("data")
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def total(counts: object, *, but: str = "total") -> int:
    """The sum of an object's counts, but for one."""
    pairs = counts.items() if isinstance(counts, dict) else ()
    return sum(count for name, count in pairs if name != but and type(count) is int)
