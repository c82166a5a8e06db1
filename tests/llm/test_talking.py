"""Whatever a service of batches sends, it is an object, a list of them, or an error that may heal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.llm.exchange import CallError
from evo.llm.faults import Service
from evo.llm.settings import Settings
from evo.llm.talking import Talk, listed, total

TALK = Talk(Service("acme", "ACME_KEY"), Settings(model="m"), (OSError,))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@dataclass(frozen=True)
class Said:
    """A reply of these bytes."""

    content: bytes


async def said(data: bytes) -> Said:
    """A service that says so."""
    return Said(data)


@pytest.mark.parametrize("data", [b"", b"<html>Log in</html>", b"[]", b'{"id":', b"\xff"])
def test_what_is_no_object(data: bytes) -> None:
    """Pages, lists and halves are errors that may heal, and say where to look."""
    with pytest.raises(CallError, match="acme sent broken data about a batch; check the address") as raised:
        asyncio.run(TALK.told(said(data)))
    assert not raised.value.final


def test_a_file_that_came_in_part() -> None:
    """Lines are objects; if one is broken none is believed, since what is missing would be asked and paid for again."""
    assert asyncio.run(TALK.lines(said(b'{"a":1}\n\n{"b":"\\n"}\n'), "b-1")) == [{"a": 1}, {"b": "\n"}]
    with pytest.raises(CallError, match="broken line") as raised:
        asyncio.run(TALK.lines(said(b'{"a":1}\n{"b":'), "b-1"))
    assert not raised.value.final


@given(JSON)
def test_nothing_is_believed(value: object) -> None:
    """Lists and counts are taken from anything at all; an id is a word, or an error."""
    told = {"data": value, "id": value}
    assert all(isinstance(one, dict) for one in listed(told))
    assert isinstance(total(value), int)
    if isinstance(value, str) and value:
        assert TALK.id_of(told) == value
    else:
        with pytest.raises(CallError, match="without an id"):
            TALK.id_of(told)


def test_counts() -> None:
    """A sum leaves out the total, or another count."""
    assert total({"total": 5, "completed": 3, "failed": 1}) == 4
    assert total({"processing": 5, "succeeded": 3}, but="processing") == 3
    assert total({"succeeded": True, "errored": None, "canceled": 2}) == 2
