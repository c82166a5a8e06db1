"""Questions in batches, at both services that have them: gathered, found again, and never asked twice without need."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Self, TypeVar

import msgspec
import pytest

from evo.llm import Answer, CallError, Prompt
from evo.llm.anthropic_batches import AnthropicBatches
from evo.llm.batches import BatchBoard, Manner, Pace
from evo.llm.batching import Batch, Service
from evo.llm.openai_batches import OpenAIBatches
from evo.llm.patience import Patience, bear
from evo.llm.settings import Settings
from tests.llm.asking import KEY
from tests.llm.batching import BatchServer, Left, Lost, Reply, Trouble
from tests.llm.server import Fail, Reset, Say

T = TypeVar("T")

KINDS: dict[str, Callable[[Settings], Service]] = {"anthropic": AnthropicBatches, "openai": OpenAIBatches}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each service in turn."""
    return str(request.param)


class Notes:
    """Batches on record in memory."""

    def __init__(self) -> None:
        self.batches: dict[str, Batch] = {}
        self.saved: list[Batch] = []

    def name(self) -> str:
        return f"name{len(self.saved)}"

    def save(self, batch: Batch) -> None:
        self.saved.append(batch)
        if batch.labels:
            self.batches[batch.name] = batch
        else:
            self.batches.pop(batch.name, None)

    def all(self) -> Iterator[Batch]:
        yield from self.batches.values()


class Asker:
    """A board that asks model "m" of a server, and what it says of how things go."""

    def __init__(self, kind: str, server: BatchServer, notes: Notes, gather: float = 0.02) -> None:
        base = server.url if kind == "anthropic" else server.v1
        self.settings = Settings(model="m", key=KEY, base=base, seconds=20.0)
        self.news: list[str] = []
        self.trouble: list[str] = []
        self.now = 0.0
        patience = Patience(lambda: 0.5, sleep=self._sleep, clock=lambda: self.now)

        async def borne(model: str, attempt: Callable[[], Awaitable[T]]) -> T:
            return await bear(attempt, patience, lambda words, _: self.trouble.append(words))

        manner = Manner(borne, Pace(gather, 0.01, 0.02), lambda words, _: self.news.append(words))
        self.board = BatchBoard({"m": lambda: KINDS[kind](self.settings)}, notes, manner)

    async def _sleep(self, seconds: float) -> None:
        """Time that flies."""
        self.now += seconds
        await asyncio.sleep(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.board.close()

    def begin(self, *labels: str) -> list[Any]:
        """Ask a question for each label, all of them the same."""
        prompt = Prompt("What never changes.", ("A question.",))
        return [self.board.start(self.board.ask("m", prompt, label)) for label in labels]

    def ask(self, *labels: str) -> list[Answer | CallError]:
        """What came of a question for each label."""
        came: list[Answer | CallError] = []
        for future in self.begin(*labels):
            try:
                came.append(future.result(30))
            except CallError as error:
                came.append(error)
        return came


def texts(came: list[Answer | CallError]) -> list[str]:
    """The texts of answers, all of them sound."""
    assert all(isinstance(one, Answer) and one.fault is None for one in came), came
    return [one.text for one in came if isinstance(one, Answer)]


def numbered(number: int, body: dict[str, Any]) -> Reply:
    """Answers that tell the number of their question."""
    return Say(f"Answer {number}.")


def patiently(server: BatchServer, size: int) -> None:
    """Wait until the server has so many questions."""
    for _ in range(3000):
        if server.questions >= size:
            return
        time.sleep(0.01)
    raise AssertionError("nothing was asked")


def test_questions_are_sent_together(kind: str) -> None:
    """What is asked within a moment is one batch, and equal questions have an answer each; it is on record throughout."""
    notes = Notes()
    with BatchServer(numbered) as server, Asker(kind, server, notes) as asker:
        assert texts(asker.ask("a-0", "b-0", "c-1")) == ["Answer 0.", "Answer 1.", "Answer 2."]
        assert texts(asker.ask("a-1")) == ["Answer 3."]
        assert [len(batch.asked) for batch in server.batches] == [3, 1]
        assert len(server.billed) == 4
    assert asker.news == ["m: batch of 3 questions, 0 done", "m: batch of 1 question, 0 done"]
    first = [batch for batch in notes.saved if "c-1" in batch.labels]
    assert [bool(batch.id) for batch in first] == [False, True]


def test_what_is_told_of_an_answer(kind: str) -> None:
    """An answer in a batch is read as one that comes alone: its tokens, and why it is of no use."""
    said = [Say("Yes.", thoughts="Hm."), Say("", stop="refusal"), Say("Half", stop="tokens")]
    with BatchServer(lambda number, body: said[number]) as server, Asker(kind, server, Notes()) as asker:
        whole, refused, short = asker.ask("a", "b", "c")
        assert isinstance(whole, Answer)
        assert isinstance(refused, Answer)
        assert isinstance(short, Answer)
        assert whole.usage is not None
        assert (whole.usage.input, whole.usage.output, whole.usage.reasoning) == (
            server.billed[0].input,
            server.billed[0].output,
            1,
        )
    assert (whole.fault, short.fault) == (None, "truncated")
    assert refused.fault == ("refusal" if kind == "anthropic" else "empty")


def test_what_is_told_while_nothing_happens() -> None:
    """It is said once that a batch is pending, and once that the looks have become as rare as they will be."""
    with BatchServer(numbered) as server, Asker("anthropic", server, Notes()) as asker:
        server.held = True
        (future,) = asker.begin("a")
        while sum(request.path.endswith("batch-0") for request in server.requests) < 6:
            time.sleep(0.01)
        server.held = False
        assert future.result(30).text == "Answer 0."
    assert asker.news == ["m: batch of 1 question, 0 done"] * 2


@pytest.mark.parametrize("known", [True, False])
def test_who_comes_after_waits_for_what_was_sent(kind: str, known: bool) -> None:
    """After an end while a batch is pending, also before its id was on record, nothing is asked twice."""
    notes = Notes()
    with BatchServer(numbered) as server:
        server.held = True
        with Asker(kind, server, notes) as asker:
            asker.begin("a", "b")
            patiently(server, 2)
            while not asker.news:
                time.sleep(0.01)
        if not known:
            notes.save(msgspec.structs.replace(*notes.batches.values(), id=""))
        server.held = False
        with Asker(kind, server, notes) as asker:
            assert texts(asker.ask("b", "c", "a")) == ["Answer 1.", "Answer 2.", "Answer 0."]
        assert [len(batch.asked) for batch in server.batches] == [2, 1]


def test_a_record_of_what_was_never_sent(kind: str) -> None:
    """A batch that the service never had is asked for anew, and its record goes."""
    notes = Notes()
    notes.save(Batch("early", "m", ("a", "b")))
    with BatchServer(numbered) as server, Asker(kind, server, notes) as asker:
        assert texts(asker.ask("a", "b")) == ["Answer 0.", "Answer 1."]
        assert len(server.batches) == 1
    assert "early" not in notes.batches


def test_a_reply_that_is_lost(kind: str) -> None:
    """A batch whose taking was never confirmed is found again and not sent anew."""
    lost = iter([Lost()])

    def trouble(number: int, method: str, path: str) -> Trouble:
        return next(lost, None) if method == "POST" and path.endswith("batches") else None

    with BatchServer(numbered, trouble) as server, Asker(kind, server, Notes()) as asker:
        assert texts(asker.ask("a", "b")) == ["Answer 0.", "Answer 1."]
        assert len(server.batches) == 1
    assert len(asker.trouble) == 1


def test_a_batch_of_somebody_else() -> None:
    """One of the same size that came at the same time is known by its questions when it has ended, and left alone."""
    notes = Notes()
    with BatchServer(numbered) as server:
        with Asker("anthropic", server, Notes()) as other:
            assert texts(other.ask("x", "y")) == ["Answer 0.", "Answer 1."]
        server.held = True
        with Asker("anthropic", server, Other()) as other:
            other.begin("x", "y")
            patiently(server, 4)
        server.held = False
        notes.save(Batch("early", "m", ("a", "b")))
        with Asker("anthropic", server, notes) as asker:
            assert texts(asker.ask("a", "b")) == ["Answer 4.", "Answer 5."]
        assert len(server.batches) == 3


class Other(Notes):
    """Somebody else's records."""

    def name(self) -> str:
        return "other"


@pytest.mark.parametrize("reply", [Left("expired"), Fail(529, "overloaded_error")])
def test_what_is_left_open_is_asked_again(kind: str, reply: Reply) -> None:
    """Questions that a batch didn't come to, or that met trouble, are in the next one; what was answered stays on record."""
    notes = Notes()

    def script(number: int, body: dict[str, Any]) -> Reply:
        return reply if number in {0, 3} else Say(f"Answer {number}.")

    with BatchServer(script) as server, Asker(kind, server, notes) as asker:
        assert texts(asker.ask("a", "b", "c")) == ["Answer 4.", "Answer 1.", "Answer 2."]
        assert [len(batch.asked) for batch in server.batches] == [3, 1, 1]
        assert len(server.billed) == 3
    assert sorted(batch.labels for batch in notes.batches.values()) == [("a",), ("b", "c")]


def test_what_is_left_open_for_good(kind: str) -> None:
    """After three batches there is no fourth; what was canceled, or is refused, isn't asked again at all."""
    refused = Fail(400, "invalid_request_error", "no such thing")
    replies: dict[int, Reply] = {1: Left("canceled"), 2: refused}
    with (
        BatchServer(lambda number, body: replies.get(number, Left("expired"))) as server,
        Asker(kind, server, Notes()) as asker,
    ):
        came = asker.ask("a", "b", "c")
        assert [len(batch.asked) for batch in server.batches] == [3, 1, 1]
    assert all(isinstance(one, CallError) and one.final for one in came)
    for one, word in zip(came, ("3 times", "canceled", "no such thing"), strict=True):
        assert word in str(one)


def test_a_service_that_is_down_for_a_while(kind: str) -> None:
    """Errors and resets at every step are borne, and no batch is sent twice for them."""
    left: dict[tuple[str, str], list[Trouble]] = {}

    def trouble(number: int, method: str, path: str) -> Trouble:
        step = left.setdefault((method, path), [Fail(529, "overloaded_error"), Reset(), Fail(500)])
        return step.pop() if step else None

    with BatchServer(numbered, trouble) as server, Asker(kind, server, Notes()) as asker:
        assert texts(asker.ask("a", "b")) == ["Answer 0.", "Answer 1."]
        assert len(server.batches) == 1
    assert len(asker.trouble) == 3 * len(left)


def test_a_key_that_is_refused(kind: str) -> None:
    """What is refused for good was not sent: the error says what to do, and no record is left."""
    notes = Notes()

    def trouble(number: int, method: str, path: str) -> Trouble:
        return Fail(401, "authentication_error") if method == "POST" else None

    with BatchServer(numbered, trouble) as server, Asker(kind, server, notes) as asker:
        (came,) = asker.ask("a")
    assert isinstance(came, CallError)
    assert "refuses the key" in str(came)
    assert not notes.batches


def test_a_batch_that_is_gone(kind: str) -> None:
    """If the service doesn't know a batch that was sent, nothing is paid again before somebody says so."""
    notes = Notes()
    notes.save(Batch("early", "m", ("a",), id="batch-99"))
    with BatchServer(numbered) as server, Asker(kind, server, notes) as asker:
        (came,) = asker.ask("a")
        assert not server.batches
    assert isinstance(came, CallError)
    assert came.final
    assert "knows no batch batch-99" in str(came)
    assert "early" in notes.batches


def test_a_whole_batch_is_refused() -> None:
    """OpenAI may refuse a batch after having taken it: one too many is sent again later, one in error is not."""
    with BatchServer(numbered) as server, Asker("openai", server, Notes()) as asker:
        server.refusals = ["token_limit_exceeded"]
        assert texts(asker.ask("a")) == ["Answer 1."]
        server.refusals = ["model_not_found"]
        (came,) = asker.ask("b")
        assert len(server.batches) == 3
    assert isinstance(came, CallError)
    assert "refuses the batch: no: model_not_found" in str(came)
