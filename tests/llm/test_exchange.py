"""The contract of the seam: whatever a server does, each provider gives an answer, an answer with its fault, or CallError."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import msgspec
import pytest

from evo.errors import InputError
from evo.llm import Answer, CallError, Prompt, Usage
from evo.llm.settings import Settings
from tests.llm.asking import KEY, KINDS, QUESTION, Desk, ask_all, provider
from tests.llm.server import Behaviour, Bill, Cut, Fail, Raw, Reset, Say, Server, Stall, Torn, Trouble

USELESS: dict[str, tuple[Behaviour, str]] = {
    "a refusal": (Say("I can't.", stop="refusal"), "refusal"),
    "an end by tokens": (Say("def sched", stop="tokens"), "truncated"),
    "thoughts up to the limit": (Say("", thoughts="Hm, ", stop="tokens"), "truncated"),
    "nothing": (Say(""), "empty"),
    "spaces": (Say(" \n "), "empty"),
    "thoughts alone": (Say("\n", thoughts="Hm."), "empty"),
    "a page": (Raw(b"<html>Welcome!</html>", "text/html"), "malformed"),
    "an empty object": (Raw(b"{}"), "malformed"),
    "null": (Raw(b"null"), "malformed"),
    "an empty body": (Raw(b""), "malformed"),
    "no JSON": (Raw(b"\xff\xfe{"), "malformed"),
    "endless brackets": (Raw(b"[" * 100_000), "malformed"),
    "an object of another kind": (Raw(b'{"object": "list", "data": []}'), "malformed"),
}

MENDABLE: dict[str, tuple[Behaviour, str]] = {
    "a bad request": (
        Fail(400, "invalid_request_error", "max_tokens is too large"),
        "max_tokens is too large",
    ),
    "a wrong key": (Fail(401, "authentication_error", f"no such key: {KEY}"), "check"),
    "an unpaid bill": (Fail(402, "billing_error"), "add credit"),
    "no permission": (Fail(403, "permission_error"), "permissions"),
    "an unknown model": (Fail(404, "not_found_error"), "knows no model m-1"),
    "a long prompt": (Fail(413, "request_too_large"), "larger context"),
    "a bad value": (Fail(422, "invalid_request_error"), "refuses the request (422)"),
    "an empty account": (Fail(429, "insufficient_quota"), "add credit"),
    "an own limit": (Fail(429, "enforced_spend_limit_reached"), "raise its limit"),
    "a contract's limit": (Fail(429, "contract_spend_limit_reached"), "raise its limit"),
    "a method unknown": (Fail(405, page="<html>405</html>"), "check the address"),
    "a wrong key on a 200": (Trouble("authentication_error"), "check"),
}

HEALING: dict[str, tuple[Behaviour, float | None, str]] = {
    "slow down": (Fail(429, "rate_limit_error"), None, "fewer calls (429)"),
    "slow down, 200 s": (Fail(429, "rate_limit_error", headers={"retry-after": "200"}), 200.0, "(429)"),
    "slow down, 300 ms": (Fail(429, "rate_limit_error", headers={"retry-after-ms": "300"}), 0.3, "(429)"),
    "slow down till then": (
        Fail(429, "rate_limit_error", headers={"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}),
        30.0,
        "(429)",
    ),
    "a timeout there": (Fail(408, "timeout_error"), None, "took too long"),
    "a conflict": (Fail(409, "conflict_error"), None, "conflict"),
    "an error there": (Fail(500), None, "trouble of its own (500): something went wrong"),
    "a gateway's page": (Fail(502, page="<html>Bad Gateway</html>"), None, "trouble of its own (502)"),
    "a restart": (Fail(503, page="", headers={"retry-after": "5"}), 5.0, "not available"),
    "overload": (Fail(529, "overloaded_error", "Overloaded"), None, "is overloaded (529): Overloaded"),
    "overload on a 200": (Trouble("overloaded_error"), None, "is overloaded (529)"),
    "trouble on a 200": (Trouble("server_error"), None, "trouble of its own (500)"),
    "a limit on a 200": (Trouble("rate_limit_exceeded"), None, "fewer calls (429)"),
    "a reset": (Reset(), None, "can't be reached at http://127.0.0.1:"),
}


@pytest.fixture(scope="module", params=sorted(KINDS))
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """Each kind of provider in turn."""
    with Desk(request.param) as desk:
        yield desk


@pytest.fixture
def kind(desk: Desk) -> str:
    """Each kind in turn, for a provider with settings of its own."""
    return desk.kind


def usage_of(bill: Bill) -> Usage:
    """A service's bill in evo's convention."""
    told = bill.usage
    apart = told.get("input_tokens_details", {})
    thoughts = told.get("output_tokens_details", {})
    return Usage(
        input=bill.input,
        output=bill.output,
        cached=told.get("cache_read_input_tokens", 0) + apart.get("cached_tokens", 0),
        written=told.get("cache_creation_input_tokens", 0) + apart.get("cache_write_tokens", 0),
        reasoning=thoughts.get("thinking_tokens", 0) + thoughts.get("reasoning_tokens", 0),
    )


class TestEveryProvider:
    """What holds for all of them."""

    def test_an_answer_comes_with_its_bill(self, kind: str) -> None:
        """Text and usage arrive as the server meant them, with the cached part of the prompt known as such."""
        with Server(lambda number, body: Say(f"answer {number}", thoughts="Well." * number)) as server:
            came = ask_all(kind, server, [QUESTION] * 3, cache_key="run-1")
            bills = server.billed
        for number, (answer, bill) in enumerate(zip(came, bills, strict=True)):
            assert isinstance(answer, Answer)
            assert answer.text.endswith(f"answer {number}")
            assert (answer.model, answer.fault, answer.message) == ("m-1", None, "")
            assert answer.usage == usage_of(bill)
            assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer

    def test_the_question_arrives_whole(self, kind: str) -> None:
        """The constant part comes first, the turns alternate, and what can't be written is replaced."""
        prompt = Prompt("Always \udead.", ("First?", "  ", "And \ud83d\ude00?"))
        with Server() as server:
            ask_all(kind, server, [prompt], effort="high", tokens=77)
            (request,) = server.requests
        turns = request.body["input" if kind == "openai" else "messages"]
        told = [(turn["role"], turn["content"]) for turn in turns if turn["role"] != "system"]
        assert told == [("user", "First?"), ("assistant", "(nothing)"), ("user", "And \U0001f600?")]
        assert "Always \ufffd." in str(request.body)
        assert 77 in request.body.values()
        assert "high" in str(request.body)
        assert not {"temperature", "top_p", "seed"} & set(request.body)
        assert request.headers["authorization"] == f"Bearer {KEY}"

    def test_nothing_is_sent_that_was_not_asked_for(self, kind: str) -> None:
        """Without an effort, a cache's key or a constant part, the request holds none."""
        with Server() as server:
            ask_all(kind, server, [Prompt("", ("Hi",))])
            body = server.requests[0].body
        optional = {"system", "instructions", "prompt_cache_key", "reasoning", "reasoning_effort"}
        assert not (optional | {"output_config", "thinking"}) & set(body)
        assert "system" not in str(body)

    @pytest.mark.parametrize("name", USELESS)
    def test_a_useless_answer_is_a_value(self, desk: Desk, name: str) -> None:
        """An answer of no use says why, in one line, and what it cost is kept if the server told it."""
        behaviour, fault = USELESS[name]
        answer = desk.answer(behaviour)
        assert answer.fault == fault
        assert answer.message
        assert len(answer.message.splitlines()) == 1
        assert (answer.usage is not None) == isinstance(behaviour, Say)
        assert answer.model == "m-1"

    @pytest.mark.parametrize("name", MENDABLE)
    def test_what_the_user_must_mend_is_final(self, desk: Desk, name: str) -> None:
        """An error that would only come again is final, and its one line names what to do, but never the key."""
        behaviour, words = MENDABLE[name]
        error = desk.error(behaviour)
        assert error.final
        assert words in str(error)
        assert len(str(error).splitlines()) == 1
        assert KEY not in f"{error}{error!r}{error.__cause__}"

    @pytest.mark.parametrize("name", HEALING)
    def test_what_heals_by_itself_is_not_final(self, desk: Desk, name: str) -> None:
        """An error that may pass says so, and for how long the server wants to be left alone."""
        behaviour, wait, words = HEALING[name]
        error = desk.error(behaviour)
        assert not error.final
        assert error.wait == wait
        assert words in str(error)
        assert "<html>" not in str(error)

    @pytest.mark.parametrize("stall", [Stall(), Stall(drip=0.05)], ids=["silent", "dripping"])
    def test_a_stalled_call_has_a_deadline(self, kind: str, stall: Stall) -> None:
        """A server that says nothing, or says nothing in many pieces, is given up when the time is over."""
        with Server(lambda number, body: stall) as server:
            (error,) = ask_all(kind, server, [QUESTION], seconds=0.2)
        assert isinstance(error, CallError)
        assert not error.final
        assert "gave no answer within 0.2 s" in str(error)

    def test_a_server_that_is_not_there(self, kind: str) -> None:
        """Where nobody listens, the error names the address."""
        with socket.socket() as reserved, Server() as server:
            reserved.bind(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{reserved.getsockname()[1]}"
            (error,) = ask_all(kind, server, [QUESTION], base=base)
        assert isinstance(error, CallError)
        assert not error.final
        assert f"can't be reached at {base}" in str(error)

    def test_a_cut_answer(self, desk: Desk) -> None:
        """A stream that breaks off is a fault with the usage told till then; a body that does has told nothing."""
        for cut in (Cut("So be it"), Cut("So be it", clean=True)):
            billed = len(desk.server.billed)
            came = desk.ask(cut)
            bills = desk.server.billed[billed:]
            if desk.kind == "anthropic":
                assert isinstance(came, Answer)
                assert (came.fault, came.text) == ("cut", "So be it")
                assert came.usage == usage_of(bills[0])
            else:
                assert isinstance(came, CallError)
                assert not came.final
                assert not bills

    def test_a_torn_body(self, desk: Desk) -> None:
        """JSON that lacks its end is no answer; a stream that lacks it has broken off."""
        assert desk.answer(Torn()).fault == ("cut" if desk.kind == "anthropic" else "malformed")

    def test_usage_that_is_none(self, desk: Desk) -> None:
        """A server that doesn't tell its tokens, or tells nonsense, is believed to have told nothing."""
        nonsense: list[dict[str, object]] = [
            {"input_tokens": "many", "output_tokens": -1, "prompt_tokens": None, "completion_tokens": True},
            {"input_tokens": []},
        ]
        for say in (Say("So be it.", usage="missing"), *(Say("So be it.", usage=told) for told in nonsense)):
            answer = desk.answer(say)
            assert (answer.text, answer.fault, answer.usage) == ("So be it.", None, None)

    def test_text_that_can_not_be_saved_is_mended(self, desk: Desk) -> None:
        """Half a surrogate pair in an answer, or in a model's name, is replaced, so that the answer can be saved."""
        answer = desk.answer(Say("a\ud800b", model="m\udfff"))
        assert answer.text.startswith("a")
        assert answer.text.endswith("b")
        msgspec.json.encode(answer)

    def test_a_call_can_be_cancelled(self, kind: str) -> None:
        """Whoever stops waiting is not told that the server was at fault."""

        async def work(server: Server) -> None:
            asked = provider(kind, server)
            call = asyncio.create_task(asked.complete(QUESTION))
            await asyncio.to_thread(server.asked.wait, 10)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            await asked.close()

        with Server(lambda number, body: Stall("Well")) as server:
            asyncio.run(work(server))

    def test_many_calls_at_once(self, kind: str) -> None:
        """Calls in flight don't get each other's answers."""

        async def work(server: Server) -> list[Answer]:
            asked = provider(kind, server)
            answers = await asyncio.gather(
                *(asked.complete(Prompt("", (f"<{number}>",))) for number in range(12))
            )
            await asked.close()
            return answers

        def echo(number: int, body: dict[str, object]) -> Say:
            turns = body.get("messages") or body.get("input")
            assert isinstance(turns, list)
            return Say(turns[0]["content"], delay=0.01 * (number % 3))

        with Server(echo) as server:
            assert [answer.text for answer in asyncio.run(work(server))] == [f"<{n}>" for n in range(12)]

    def test_a_key_is_shown_nowhere(self, kind: str) -> None:
        """Neither a provider nor its settings show the key when printed."""
        with Server() as server:
            asked = provider(kind, server)
            assert KEY not in f"{asked!r}{asked._settings!r}{asked._settings}"  # type: ignore[attr-defined]
            asyncio.run(asked.close())


def test_what_a_service_needs_is_asked_for_at_once() -> None:
    """A service without a key, and a server without an address, are told of before anything is asked."""
    for kind, words in (
        ("anthropic", "ANTHROPIC_API_KEY"),
        ("openai", "OPENAI_API_KEY"),
        ("compatible", "address"),
    ):
        with pytest.raises(InputError, match=words):
            KINDS[kind](Settings(model="m-1", key=KEY if kind == "compatible" else ""))
