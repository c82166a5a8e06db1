"""A server on this machine that behaves like the three services, their faults included, as a script tells it.

    def script(number: int, body: dict[str, Any]) -> Behaviour:
        return Fail(529) if number == 0 else Say("class Policy: ...", delay=0.1)

    with Server(script) as server:
        ...  # ask at server.url (Anthropic), server.v1 (both protocols of OpenAI)
        server.requests, server.billed

Requests are numbered from 0 as they come, over all services. Real sockets, a thread and an event loop of its own; the
script runs there. An answer is billed when it is sent, a cut one as far as its stream has told; nothing else is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.llm.dialects import (
    PATHS,
    Bill,
    Cache,
    Say,
    Service,
    bill,
    completion,
    error,
    event,
    events,
    response,
    tokens,
)

__all__ = [
    "Behaviour",
    "Bill",
    "Cut",
    "Fail",
    "Raw",
    "Request",
    "Reset",
    "Say",
    "Script",
    "Server",
    "Stall",
    "Torn",
    "Trouble",
    "tokens",
]


@dataclass(frozen=True)
class Fail:
    """A status other than 200, with the service's error object (or a page, if one is given)."""

    status: int
    kind: str = "api_error"
    message: str = "something went wrong"
    headers: Mapping[str, str] = field(default_factory=dict)
    page: str | None = None


@dataclass(frozen=True)
class Raw:
    """A 200 that holds what it likes."""

    content: bytes
    kind: str = "application/json"


@dataclass(frozen=True)
class Reset:
    """The connection is reset before anything is said."""


@dataclass(frozen=True)
class Stall:
    """Nothing comes for a long time; with a text, after having begun to say it.

    With a `drip`, something that says nothing comes every so many seconds, for five in all.
    """

    text: str = ""
    drip: float = 0.0


@dataclass(frozen=True)
class Torn:
    """A whole body whose end is missing all the same: half of its JSON, or of its last event."""

    text: str = "So be it."


@dataclass(frozen=True)
class Cut:
    """An answer that ends before its end: the connection is cut, or closed as if all were well."""

    text: str = "So be"
    clean: bool = False


@dataclass(frozen=True)
class Trouble:
    """An error on a 200: an `error` event after some text, or an object with an error in it."""

    kind: str = "overloaded_error"
    text: str = ""
    message: str = "something went wrong"


Behaviour = Say | Fail | Raw | Reset | Stall | Torn | Cut | Trouble
Script = Callable[[int, dict[str, Any]], Behaviour]


@dataclass(frozen=True)
class Request:
    """What a client sent; header names are in lower case, and the body is empty unless it is JSON."""

    number: int
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    method: str = "POST"
    data: bytes = b""


class Server:
    """Serves from `with` to its end; raises there what the script raised. `asked` is set by the first request."""

    def __init__(self, script: Script = lambda number, body: Say()) -> None:
        self.requests: list[Request] = []
        self.billed: list[Bill] = []
        self.asked = threading.Event()
        self.url = ""
        self._script = script
        self._cache = Cache()
        self._faults: list[Exception] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def v1(self) -> str:
        """The address as OpenAI's clients want it."""
        return f"{self.url}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._talk, "127.0.0.1", 0, limit=2**24))
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._faults and value is None:
            raise self._faults[0]

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _close(self) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            while (request := await self._read(reader)) is not None:
                await self._answer(request, _Line(writer))
                await writer.drain()
        except (ConnectionError, _HungUp, asyncio.CancelledError):
            pass  # the client, the script or the end of the test has ended this talk
        finally:
            self._talks.discard(talk)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip().split("\r\n")
            pairs = [line.partition(":") for line in lines]
            headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
            data = await reader.readexactly(int(headers.get("content-length", "0")))
        except asyncio.IncompleteReadError:
            return None
        body = json.loads(data) if data and "json" in headers.get("content-type", "json") else {}
        method, path, _ = first.split(" ")
        self.requests.append(Request(len(self.requests), path, headers, body, method, data))
        self.asked.set()
        return self.requests[-1]

    async def _answer(self, request: Request, line: _Line) -> None:
        service = PATHS.get(request.path)
        if service is None:
            line.whole(404, json.dumps(error("openai", "not_found_error", f"no {request.path}")).encode())
            return
        try:
            behaviour = self._script(request.number, request.body)
        except Exception as fault:  # noqa: BLE001 - raised again at the end of `with`
            self._faults.append(fault)
            behaviour = Fail(400, "invalid_request_error", "the script failed")
        await self._behave(behaviour, service, request.body, line)

    async def _behave(
        self, behaviour: Behaviour, service: Service, body: dict[str, Any], line: _Line
    ) -> None:
        match behaviour:
            case Say():
                await asyncio.sleep(behaviour.delay)
                self._say(behaviour, service, body, line)
            case Fail():
                told = json.dumps(error(service, behaviour.kind, behaviour.message))
                kind = "application/json" if behaviour.page is None else "text/html"
                line.whole(behaviour.status, (behaviour.page or told).encode(), kind, behaviour.headers)
            case Raw():
                line.whole(200, behaviour.content, behaviour.kind)
            case Reset():
                line.reset()
            case Stall():
                await self._stall(behaviour, service, body, line)
            case Torn():
                pieces = self._rehearse(behaviour.text, service, body)
                self._bill_beginning(service, pieces)
                line.whole(200, _torn(service, pieces))
            case Cut():
                self._cut(behaviour, service, body, line)
            case Trouble():
                self._trouble(behaviour, service, body, line)

    def _say(self, say: Say, service: Service, body: dict[str, Any], line: _Line) -> None:
        cost = bill(service, body, say, self._cache.split(service, body))
        self.billed.append(cost)
        if service == "anthropic":
            line.begin()
            for data in events(say, cost):
                line.chunk(data)
            line.end()
        else:
            answer = response(say, cost) if service == "openai" else completion(say, cost)
            line.whole(200, json.dumps(answer).encode())

    def _rehearse(self, text: str, service: Service, body: dict[str, Any]) -> list[bytes]:
        """An answer piece by piece, neither sent nor billed."""
        say = Say(text)
        cost = bill(service, body, say, self._cache.split(service, body))
        if service == "anthropic":
            return list(events(say, cost))
        answer = response(say, cost) if service == "openai" else completion(say, cost)
        return [json.dumps(answer).encode()]

    def _begin(self, text: str, service: Service, body: dict[str, Any], line: _Line) -> None:
        """Say the beginning of an answer; billed is what a stream has told by then."""
        pieces = self._rehearse(text, service, body)
        if service == "anthropic":
            line.begin()
            for data in pieces[:-3]:
                line.chunk(data)
            self._bill_beginning(service, pieces)
        else:
            line.promise(len(pieces[0]) + 1000)
            line.send(pieces[0])

    def _bill_beginning(self, service: Service, pieces: list[bytes]) -> None:
        """Bill what a stream has told with its first event; other services tell nothing before the end."""
        if service == "anthropic":
            start = json.loads(pieces[0].partition(b"data: ")[2])["message"]
            self.billed.append(Bill(service, start["model"], start["usage"]))

    async def _stall(self, stall: Stall, service: Service, body: dict[str, Any], line: _Line) -> None:
        if stall.text:
            self._begin(stall.text, service, body, line)
        if not stall.drip:
            await asyncio.sleep(3600)
        kind = "text/event-stream" if service == "anthropic" else "application/json"
        line.head(200, kind, {"transfer-encoding": "chunked"})
        for _ in range(round(5 / stall.drip)):
            line.chunk(event("ping") if service == "anthropic" else b" ")
            await line.writer.drain()  # ends the talk if nobody listens any more
            await asyncio.sleep(stall.drip)
        line.end()

    def _cut(self, cut: Cut, service: Service, body: dict[str, Any], line: _Line) -> None:
        self._begin(cut.text, service, body, line)
        if not cut.clean or service != "anthropic":
            raise _HungUp
        line.end()

    def _trouble(self, trouble: Trouble, service: Service, body: dict[str, Any], line: _Line) -> None:
        told = error(service, trouble.kind, trouble.message)
        if service == "anthropic":
            if trouble.text:
                self._begin(trouble.text, service, body, line)
            else:
                line.begin()
            line.chunk(event("error", error=told["error"]))
            line.end()
        elif service == "openai":
            failed: dict[str, Any] = {
                "id": "resp_1",
                "object": "response",
                "status": "failed",
                "output": [],
                "usage": None,
            }
            line.whole(200, json.dumps(failed | told).encode())
        else:
            line.whole(200, json.dumps(told).encode())


class _HungUp(Exception):  # noqa: N818 - no error: the script wants it so
    """The server ends the talk."""


@dataclass
class _Line:
    """One answer's way to the client."""

    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        lines = {"content-type": kind, "date": "Sun, 22 Nov 2026 12:00:00 GMT", **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.send(f"HTTP/1.1 {status} Status\r\n{text}\r\n".encode("latin-1"))

    def whole(
        self,
        status: int,
        content: bytes,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if content.startswith(b"event:"):
            kind = "text/event-stream"
        self.head(status, kind, {**(headers or {}), "content-length": str(len(content))})
        self.send(content)

    def promise(self, size: int) -> None:
        self.head(200, "application/json", {"content-length": str(size)})

    def begin(self) -> None:
        self.head(200, "text/event-stream", {"transfer-encoding": "chunked"})

    def chunk(self, data: bytes) -> None:
        self.send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def end(self) -> None:
        self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise _HungUp


def _torn(service: Service, pieces: list[bytes]) -> bytes:
    if service == "anthropic":
        return b"".join(pieces[:-3]) + pieces[-3][: len(pieces[-3]) // 2]
    return pieces[0][: len(pieces[0]) // 2]
