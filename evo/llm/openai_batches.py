"""OpenAI's batches of responses: a file of questions goes up, and one of answers and one of errors come down.

A batch carries our name as metadata, by which it is found again. Whatever the service sends is read as plain data.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from evo.llm.batching import Batch, Look, Outcome
from evo.llm.exchange import CallError, Prompt
from evo.llm.faults import dig, from_status, from_words, said_by
from evo.llm.openai_responses import SERVICE, connected, errors, read, request
from evo.llm.settings import Settings
from evo.llm.talking import Talk, listed, total

_ENDED = ("completed", "failed", "expired", "cancelled")
"""What the service calls a batch that it has done with."""

_CROWDED = ("token_limit_exceeded", "rate_limit_exceeded", "server_error")
"""Why the service may refuse a whole batch that it would take later."""

_MARK = "evo"
"""Under this key our name for a batch stands in its metadata."""

_PAGES, _PAGE = 10, 100
"""How far back a batch is looked for, if the service no longer has the one that it came after."""


class OpenAIBatches:
    """Batches for a model of OpenAI; raises InputError without a key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client = connected(settings)
        self._talk = Talk(SERVICE, settings, errors())
        self._batches = self._client.batches.with_raw_response
        self._files = self._client.files.with_raw_response

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.close()

    async def newest(self) -> str:
        """The newest batch there is, "" if there is none."""
        page = listed(await self._talk.told(self._batches.list(limit=1)))
        return self._talk.id_of(page[0]) if page else ""

    async def send(self, batch: Batch, prompts: Mapping[str, Prompt]) -> str:
        """Have the questions answered; the batch's id."""
        lines = [
            {
                "custom_id": batch.custom_id(label),
                "method": "POST",
                "url": "/v1/responses",
                "body": request(self._settings, prompts[label]),
            }
            for label in batch.labels
        ]
        data = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
        file = await self._talk.told(self._files.create(file=(f"{batch.name}.jsonl", data), purpose="batch"))
        told = await self._talk.told(
            self._batches.create(
                input_file_id=self._talk.id_of(file),
                endpoint="/v1/responses",
                completion_window="24h",
                metadata={_MARK: batch.name},
            )
        )
        return self._talk.id_of(told)

    async def find(self, batch: Batch, others: Collection[str]) -> str | None:
        """The batch that has our name, if it ever arrived."""
        query: dict[str, Any] = {"limit": _PAGE}
        for _ in range(_PAGES):
            page = await self._talk.told(self._batches.list(**query))
            for one in listed(page):
                known = self._talk.id_of(one)
                if known == batch.since:
                    return None
                if dig(one, "metadata", _MARK) == batch.name and known not in others:
                    return known
                query["after"] = known
            if not page.get("has_more"):
                return None
        return None

    async def look(self, batch: Batch) -> Look:
        """How far it is."""
        told = await self._talk.told(self._batches.retrieve(batch.id), batch.id)
        return Look(told.get("status") in _ENDED, total(told.get("request_counts")))

    async def outcomes(self, batch: Batch) -> dict[str, Outcome] | None:
        """What came of the questions, by label; why the batch left them open, for those that it did."""
        told = await self._talk.told(self._batches.retrieve(batch.id), batch.id)
        found: dict[str, Outcome] = {label: _left_open(told) for label in batch.labels}
        for kind in ("error_file_id", "output_file_id"):
            if file := told.get(kind):
                for line in await self._talk.lines(self._files.content(str(file)), batch.id):
                    label = batch.label(line.get("custom_id"))
                    if label is not None:
                        found[label] = self._outcome(line)
        return found

    def _outcome(self, line: dict[str, Any]) -> Outcome:
        """What came of one question."""
        status, body = dig(line, "response", "status_code"), dig(line, "response", "body")
        code = str(dig(line, "error", "code"))
        if code.startswith("batch_"):
            return _left_open({"status": code.removeprefix("batch_")})
        if not isinstance(status, int):
            return from_words(line, SERVICE, self._settings)
        if status != 200 or not isinstance(body, dict):
            return from_status(status, body, SERVICE, self._settings)
        try:
            return read(body, self._settings)
        except CallError as error:
            return error


def _left_open(told: dict[str, Any]) -> CallError:
    """Why a batch that has ended so left a question open."""
    status = told.get("status")
    if status == "failed":
        faults = dig(told, "errors", "data")
        fault = faults[0] if isinstance(faults, list) and faults else None
        said = said_by(fault) or "it gave no reason"
        return CallError(
            f"{SERVICE.name} refuses the batch: {said}", final=dig(fault, "code") not in _CROWDED
        )
    if status == "cancelled":
        return CallError(f"{SERVICE.name} says that the batch was canceled; resume to ask anew", final=True)
    return CallError(f"{SERVICE.name} didn't come to it in the time of a batch", final=False)
