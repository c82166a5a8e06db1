"""The wire: any message arrives as it was sent, and any other bytes are refused."""

from __future__ import annotations

import collections
import os
import threading
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.cage.wire import FromPolicy, Wire, WireError
from evo.simulator.messages import Order, Reply

pytestmark = pytest.mark.all_cores

DECODER: msgspec.msgpack.Decoder[FromPolicy] = msgspec.msgpack.Decoder(FromPolicy)

numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
orders = st.builds(
    Order,
    ops=st.lists(st.integers(0, 2**40), max_size=5).map(tuple),
    cpu=numbers,
    ram=numbers,
    pool=numbers | st.text() | st.none(),
    pipeline=st.text(),
)
replies = st.builds(
    Reply,
    tick=st.integers(0, 10**9),
    every_tick=st.booleans(),
    orders=st.lists(orders, max_size=5).map(tuple),
)


@pytest.fixture(params=[False, True], ids=["sleepy", "eager"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Wire, Wire]]:
    """Both ends of a connection."""
    ours, theirs = Wire.pair(eager=request.param)
    other = Wire(*theirs, eager=request.param)
    yield ours, other
    ours.close()
    other.close()


@given(st.lists(replies, min_size=1, max_size=3))
def test_messages_arrive_as_they_were_sent(messages: list[Reply]) -> None:
    """Several messages sent at once come out one by one, with every number of its own kind."""
    ours, theirs = Wire.pair()
    other = Wire(*theirs)
    for message in messages:
        other.send(message)
    received = [ours.receive(DECODER, 5) for _ in messages]
    assert received == messages
    assert repr(received) == repr(messages)
    ours.close()
    other.close()


@given(st.binary(min_size=1, max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    """Whatever bytes arrive, the outcome is a message of ours, a refusal, or the end of the connection."""
    ours, (reader, writer) = Wire.pair()
    os.write(writer, data)
    os.close(writer)
    with pytest.raises((WireError, EOFError)):
        collections.deque(iter(lambda: ours.receive(DECODER, 5), None), maxlen=0)
    ours.close()
    os.close(reader)


def test_a_message_larger_than_the_pipe_passes(ends: tuple[Wire, Wire]) -> None:
    """A megabyte goes through a pipe of some kilobytes while the other end reads."""
    ours, other = ends
    message = Reply(1, every_tick=True, assigned=tuple(range(300_000)))
    sender = threading.Thread(target=other.send, args=(message,))
    sender.start()
    assert ours.receive(DECODER, 20) == message
    sender.join()


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    """The announced length alone decides."""
    ours, (reader, writer) = Wire.pair()
    os.write(writer, (2**31).to_bytes(4, "big"))
    with pytest.raises(WireError, match="at most"):
        ours.receive(DECODER, 5)
    ours.close()
    os.close(reader)
    os.close(writer)


def test_waiting_ends_in_time(ends: tuple[Wire, Wire]) -> None:
    """Silence, a message that never gets complete, and a reader that never reads all end in a timeout."""
    ours, other = ends
    with pytest.raises(TimeoutError):
        ours.receive(DECODER, 0.01)
    with pytest.raises(TimeoutError):
        ours.receive(DECODER, -1)
    os.write(other._writer, b"\0\0")
    with pytest.raises(TimeoutError):
        ours.receive(DECODER, 0.01)
    with pytest.raises(TimeoutError):
        ours.send(Reply(1, every_tick=True, assigned=tuple(range(300_000))), 0.01)


def test_an_eager_end_tires_of_silence_and_wakes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked for in vain, messages are waited for asleep more and more often; one in time, and it is awake again."""
    ours, theirs = Wire.pair(eager=True)
    other = Wire(*theirs)
    looks: list[bool] = []
    look = ours._look

    def watched() -> bool:
        before = ours._looks
        seen = look()
        looks.append(ours._looks < before)
        return seen

    monkeypatch.setattr(ours, "_look", watched)
    for _ in range(40):
        with pytest.raises(TimeoutError):
            ours.receive(DECODER, 0)
    assert [place for place, awake in enumerate(looks) if awake] == [0, 3, 8, 17, 34]
    for _ in range(100):
        other.send(Reply(1, every_tick=True))
        ours.receive(DECODER, 1)
    assert all(looks[-50:])
    ours.close()
    other.close()


def test_a_closed_end_is_noticed(ends: tuple[Wire, Wire]) -> None:
    """Reading from a connection that the other end has closed ends at once, and so does writing to it."""
    ours, other = ends
    other.close()
    with pytest.raises(EOFError):
        ours.receive(DECODER, 5)
    with pytest.raises(BrokenPipeError):
        ours.send(Reply(1, every_tick=False))
