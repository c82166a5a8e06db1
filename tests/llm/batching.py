"""The batches of two services: the server of `tests.llm.server`, with what is asked there many at a time.

Each question of a batch is answered as the script says, numbered over all batches, and billed when the batch is taken.
A batch has ended at its second look, unless it is to be held. No batch is ever cancelled by a client here.
"""

from __future__ import annotations

import email
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from urllib.parse import parse_qs

from tests.llm.dialects import PATHS, Say, Service, bill, error, message, response
from tests.llm.server import Behaviour, Fail, Request, Reset, Server, _Line

Way = Literal["expired", "canceled"]


@dataclass(frozen=True)
class Left:
    """A question that is not answered, nor billed, since the batch has come to another end."""

    way: Way


@dataclass(frozen=True)
class Lost:
    """The request is taken, but its reply never arrives."""


Reply = Say | Fail | Left
Trouble = Fail | Reset | Lost | None


@dataclass
class Held:
    """A batch as the server has it; its lines are the results."""

    id: str
    service: Service
    asked: list[dict[str, Any]]
    lines: list[dict[str, Any]]
    metadata: dict[str, str] = field(default_factory=dict)
    looks: int = 0
    refused: str = ""


class BatchServer(Server):
    """Serves batches too. `trouble` may befall any request, by its number, its method and its path.

    While `held`, no batch ends; `refusals` are words with which whole batches of OpenAI fail, one after the other.
    """

    def __init__(
        self,
        script: Callable[[int, dict[str, Any]], Reply] = lambda number, body: Say(),
        trouble: Callable[[int, str, str], Trouble] = lambda number, method, path: None,
    ) -> None:
        super().__init__(lambda number, body: cast(Behaviour, script(number, body)))
        self.batches: list[Held] = []
        self.held = False
        self.refusals: list[str] = []
        self._reply = script
        self._befalls = trouble
        self._files: dict[str, bytes] = {}

    @property
    def questions(self) -> int:
        """How many there are in all batches."""
        return sum(len(batch.asked) for batch in self.batches)

    async def _answer(self, request: Request, line: _Line) -> None:
        path, _, query = request.path.partition("?")
        if path in PATHS:
            await super()._answer(request, line)
            return
        trouble = self._befalls(request.number, request.method, path)
        if isinstance(trouble, Reset):
            line.reset()
        if isinstance(trouble, Fail):
            told = json.dumps(error(_service(path), trouble.kind, trouble.message)).encode()
            line.whole(trouble.status, told, headers=trouble.headers)
            return
        said = self._said(request, path, {key: value[0] for key, value in parse_qs(query).items()})
        if isinstance(trouble, Lost):
            line.reset()
        if said is None:
            told = json.dumps(error(_service(path), "not_found_error", f"no {path}")).encode()
            line.whole(404, told)
        else:
            line.whole(200, said)

    def _said(self, request: Request, path: str, query: dict[str, str]) -> bytes | None:
        """What is answered to a request, as a service does in good health; None if there is no such thing."""
        parts = path.removeprefix("/v1/").split("/")
        return self._posted(parts, request) if request.method == "POST" else self._got(parts, query)

    def _posted(self, parts: list[str], request: Request) -> bytes | None:
        match parts:
            case ["messages", "batches"]:
                return self._told(self._taken("anthropic", request.body["requests"]))
            case ["files"]:
                name = f"file-{len(self._files)}"
                self._files[name] = _uploaded(request)
                return json.dumps({"id": name, "object": "file"}).encode()
            case ["batches"]:
                lines = self._files[request.body["input_file_id"]].splitlines()
                taken = self._taken("openai", [json.loads(line) for line in lines])
                taken.metadata = request.body["metadata"]
                taken.refused = self.refusals.pop(0) if self.refusals else ""
                return self._told(taken)
        return None

    def _got(self, parts: list[str], query: dict[str, str]) -> bytes | None:
        match parts:
            case ["messages", "batches"] | ["batches"]:
                return self._listed("anthropic" if len(parts) > 1 else "openai", query)
            case ["files", name, "content"]:
                return self._files.get(name)
            case ["messages", "batches", name, *rest] | ["batches", name, *rest]:
                found = self._found(name)
                if found is None or rest:
                    return None if found is None else _lines(found.lines)
                found.looks += not self.held
                return self._told(found)
        return None

    def _found(self, name: str) -> Held | None:
        return next((one for one in self.batches if one.id == name), None)

    def _taken(self, service: Service, asked: list[dict[str, Any]]) -> Held:
        """A new batch, whose questions are answered and billed at once, and told later and in another order."""
        assert all(len(one["custom_id"]) <= 64 for one in asked)
        assert len({one["custom_id"] for one in asked}) == len(asked)
        lines = [self._line(service, self.questions + place, one) for place, one in enumerate(asked)]
        self.batches.append(Held(f"batch-{len(self.batches)}", service, asked, lines[::-1]))
        return self.batches[-1]

    def _line(self, service: Service, number: int, one: dict[str, Any]) -> dict[str, Any]:
        body = one["params"] if service == "anthropic" else one["body"]
        reply = self._reply(number, body)
        if isinstance(reply, Say):
            cost = bill(service, body, reply, self._cache.split(service, body))
            if not self.refusals:
                self.billed.append(cost)
            if service == "anthropic":
                result = {"type": "succeeded", "message": message(reply, cost)}
                return {"custom_id": one["custom_id"], "result": result}
            return _openai(one, {"status_code": 200, "body": response(reply, cost)}, None)
        if service == "anthropic":
            if isinstance(reply, Left):
                return {"custom_id": one["custom_id"], "result": {"type": reply.way}}
            result = {"type": "errored", "error": error(service, reply.kind, reply.message)}
            return {"custom_id": one["custom_id"], "result": result}
        if isinstance(reply, Left):
            way = "cancelled" if reply.way == "canceled" else reply.way
            return _openai(one, None, {"code": f"batch_{way}", "message": "it came to nothing"})
        told = {"status_code": reply.status, "body": error(service, reply.kind, reply.message)}
        return _openai(one, told, None)

    def _told(self, batch: Held) -> bytes:
        """A batch as its service tells of it."""
        ended = batch.looks > 1
        size = len(batch.asked)
        if batch.service == "anthropic":
            kinds = [line["result"]["type"] for line in batch.lines] if ended else ["processing"] * size
            names = ("processing", "succeeded", "errored", "canceled", "expired")
            return json.dumps(
                {
                    "id": batch.id,
                    "type": "message_batch",
                    "processing_status": "ended" if ended else "in_progress",
                    "request_counts": {name: kinds.count(name) for name in names},
                    "archived_at": None,
                }
            ).encode()
        good = [line for line in batch.lines if (line["response"] or {}).get("status_code") == 200]
        told = {"id": batch.id, "object": "batch", "status": "in_progress", "metadata": batch.metadata}
        told["request_counts"] = {"total": size, "completed": len(good) if ended else 0, "failed": 0}
        if ended and batch.refused:
            fault = {"code": batch.refused, "message": f"no: {batch.refused}"}
            told |= {"status": "failed", "errors": {"object": "list", "data": [fault]}}
        elif ended:
            bad = [line for line in batch.lines if line not in good]
            for name, lines in (("output_file_id", good), ("error_file_id", bad)):
                if lines:
                    told[name] = f"{batch.id}-{name}"
                    self._files[f"{batch.id}-{name}"] = _lines(lines)
            told["status"] = "completed"
        return json.dumps(told).encode()

    def _listed(self, service: Service, query: dict[str, str]) -> bytes:
        newest = [batch for batch in reversed(self.batches) if batch.service == service]
        after = query.get("after_id") or query.get("after")
        begin = next((place + 1 for place, one in enumerate(newest) if one.id == after), 0)
        page = newest[begin : begin + int(query["limit"])]
        more = begin + len(page) < len(newest)
        data = [json.loads(self._told(one)) for one in page]
        last = page[-1].id if page else None
        return json.dumps({"data": data, "has_more": more, "last_id": last}).encode()


def _service(path: str) -> Service:
    return "anthropic" if "messages" in path else "openai"


def _uploaded(request: Request) -> bytes:
    """The file in a form."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    for part in email.message_from_bytes(head + request.data).walk():
        if part.get_filename():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            return data
    raise AssertionError("no file in the form")


def _openai(one: dict[str, Any], told: dict[str, Any] | None, fault: dict[str, Any] | None) -> dict[str, Any]:
    return {"id": "batch_req_1", "custom_id": one["custom_id"], "response": told, "error": fault}


def _lines(lines: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()
