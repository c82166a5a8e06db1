"""Anthropic's batches of messages: sent with one request, read from a file of lines when all have ended.

The service keeps no name for a batch, only for the questions in it, and tells those no sooner than at its end. So one
that was perhaps sent is known by when it came and how large it is, and for certain when it has ended.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from typing import Any

from evo.llm.anthropic_messages import SERVICE, connected, errors, read, request
from evo.llm.batching import Batch, Look, Outcome
from evo.llm.exchange import CallError, Prompt
from evo.llm.faults import dig, from_words
from evo.llm.settings import Settings
from evo.llm.talking import Talk, listed, total

_PATH = "/v1/messages/batches"

_PAGES, _PAGE = 10, 100
"""How far back a batch is looked for, if the service no longer has the one that it came after."""


class AnthropicBatches:
    """Batches for a model of Anthropic; raises InputError without a key."""

    def __init__(self, settings: Settings) -> None:
        import httpx2

        self._settings = settings
        self._client = connected(settings)
        self._talk = Talk(SERVICE, settings, errors())
        self._raw = httpx2.Response

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def newest(self) -> str:
        """The newest batch there is, "" if there is none."""
        page = listed(await self._talk.told(self._client.get(f"{_PATH}?limit=1", cast_to=self._raw)))
        return self._talk.id_of(page[0]) if page else ""

    async def send(self, batch: Batch, prompts: Mapping[str, Prompt]) -> str:
        """Have the questions answered; the batch's id."""
        requests = [
            {"custom_id": batch.custom_id(label), "params": request(self._settings, prompts[label])}
            for label in batch.labels
        ]
        body = {"requests": requests}
        return self._talk.id_of(await self._talk.told(self._client.post(_PATH, body=body, cast_to=self._raw)))

    async def find(self, batch: Batch, others: Collection[str]) -> str | None:
        """A batch of this size that came after the one that was the newest; preferred is one that is known to be ours."""
        perhaps: str | None = None
        async with aclosing(self._since(batch.since)) as later:
            async for one in later:
                known = self._talk.id_of(one)
                if known in others or total(one.get("request_counts")) != len(batch.labels):
                    continue
                if not _ended(one):
                    perhaps = known
                elif one.get("archived_at") is None and await self._results(known, batch) is not None:
                    return known
        return perhaps

    async def look(self, batch: Batch) -> Look:
        """How far it is; the service says little before the end."""
        told = await self._talk.told(self._client.get(f"{_PATH}/{batch.id}", cast_to=self._raw), batch.id)
        return Look(_ended(told), total(told.get("request_counts"), but="processing"))

    async def outcomes(self, batch: Batch) -> dict[str, Outcome] | None:
        """What came of the questions, by label; None if they are not ours."""
        results = await self._results(batch.id, batch)
        if results is None:
            return None
        return {label: self._outcome(result) for label, result in results.items()}

    async def _results(self, known: str, batch: Batch) -> dict[str, Any] | None:
        """The results of a batch that has ended, by label; None if they are not this one's."""
        lines = await self._talk.lines(self._client.get(f"{_PATH}/{known}/results", cast_to=self._raw), known)
        named = {batch.label(line.get("custom_id")): line.get("result") for line in lines}
        results = {label: result for label, result in named.items() if label is not None}
        return results if results or not lines else None

    def _outcome(self, result: object) -> Outcome:
        kind, message = dig(result, "type"), dig(result, "message")
        if kind == "succeeded" and isinstance(message, dict):
            return read(message, self._settings)
        if kind == "canceled":
            return CallError(
                f"{SERVICE.name} says that the batch was canceled; resume to ask anew", final=True
            )
        if kind == "expired":
            return CallError(f"{SERVICE.name} didn't come to it in the time of a batch", final=False)
        return from_words(dig(result, "error"), SERVICE, self._settings)

    async def _since(self, oldest: str) -> AsyncGenerator[dict[str, Any]]:
        """The batches that came after this one, newest first."""
        query = f"?limit={_PAGE}"
        for _ in range(_PAGES):
            page = await self._talk.told(self._client.get(f"{_PATH}{query}", cast_to=self._raw))
            for one in listed(page):
                if one.get("id") == oldest:
                    return
                yield one
            if not page.get("has_more"):
                return
            query = f"?limit={_PAGE}&after_id={page.get('last_id')}"


def _ended(told: dict[str, Any]) -> bool:
    return told.get("processing_status") == "ended"
