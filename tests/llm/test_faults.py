"""Every error that an SDK or its network can raise is an error of a call, in one line."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.llm import CallError
from evo.llm.faults import (
    Service,
    dig,
    from_error,
    from_words,
    network_errors,
    read_object,
    said_by,
    waiting_time,
)
from evo.llm.settings import Settings

SERVICE = Service("acme", "ACME_API_KEY")
SETTINGS = Settings(model="m-1", key="sk-secret")
REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1")
CAUGHT: tuple[type[Exception], ...] = (anthropic.AnthropicError, openai.OpenAIError, *network_errors())


def exported() -> Iterator[type[Exception]]:
    """Every class of an exception that the SDKs and their network show to the world."""
    for module in (anthropic, openai, httpx2):
        for name in sorted(vars(module)):
            value = vars(module)[name]
            if isinstance(value, type) and issubclass(value, Exception) and not issubclass(value, Warning):
                yield value


def made(kind: type[Exception]) -> Exception:
    """An exception of this kind, as far as can be told from outside how it is made."""
    error: Exception = kind.__new__(kind)
    error.args = ("something\nwith sk-secret",)
    vars(error)["request_id"] = None
    status = getattr(kind, "status_code", None)
    if status is not None or issubclass(kind, (anthropic.APIStatusError, openai.APIStatusError)):
        vars(error)["status_code"] = status or 418
        vars(error)["response"] = httpx2.Response(status or 418, request=REQUEST)
        vars(error)["body"] = {"error": {"message": "no\nwith sk-secret"}}
    return error


def test_every_error_is_mapped() -> None:
    """Whatever is raised is caught, and becomes one line without the key."""
    for kind in set(exported()) - {
        openai.InvalidWebhookSignatureError
    }:  # that one only reading a webhook raises
        assert issubclass(kind, CAUGHT), kind
        error = from_error(made(kind), SERVICE, SETTINGS)
        assert isinstance(error, CallError)
        assert str(error).startswith("acme ")
        assert len(str(error).splitlines()) == 1
        assert "sk-secret" not in str(error)


def test_there_are_such_errors() -> None:
    """The test above has something to test."""
    assert len(set(exported())) > 60


def test_every_status_is_final_or_not() -> None:
    """What a user must mend is final, what the server must is not; an unusual status is told by its number."""
    for status in (301, 304, *range(400, 600)):
        error = anthropic.APIStatusError("no", response=httpx2.Response(status, request=REQUEST), body=None)
        told = from_error(error, SERVICE, SETTINGS)
        assert told.final == (status < 500 and status not in {408, 409, 425, 429, 499})
        assert str(status) in str(told)


@pytest.mark.parametrize(
    "error",
    [
        anthropic.ContractSpendLimitReachedError,
        anthropic.EnforcedSpendLimitReachedError,
    ],
)
def test_a_limit_of_spending_is_final(error: type[anthropic.RateLimitError]) -> None:
    """A 429 that is about money isn't waited for, though the SDK would."""
    code = {"Contract": "contract", "Enforced": "enforced"}[error.__name__[:8]] + "_spend_limit_reached"
    body = {"error": {"type": "rate_limit_error", "message": "Over", "details": {"error_code": code}}}
    assert from_error(
        error("no", response=httpx2.Response(429, request=REQUEST), body=body), SERVICE, SETTINGS
    ).final


def test_time_runs_out_in_many_ways() -> None:
    """A deadline, a slow read and a slow start are told apart from a server that isn't there."""
    slow = [
        TimeoutError(),
        httpx2.ReadTimeout("slow"),
        anthropic.APITimeoutError(REQUEST),
    ]
    for error in slow:
        assert "no answer within 600 s" in str(from_error(error, SERVICE, SETTINGS))
    away = anthropic.APITimeoutError(REQUEST)
    away.__cause__ = httpx2.ConnectTimeout("nobody")
    assert "can't be reached (nobody)" in str(from_error(away, SERVICE, SETTINGS))


def test_what_can_not_be_sent_is_final() -> None:
    """An address or a header that is none would be none the next time too."""
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = httpx2.LocalProtocolError("Illegal header value b'Bearer sk-secret'")
    told = from_error(error, SERVICE, SETTINGS)
    assert told.final
    assert str(told) == (
        "acme can't be asked (Illegal header value b'Bearer [key]'); check the address and the key"
    )


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 60.0),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT", "date": "Sun, 22 Nov 2026 12:00:00 GMT"}, 0.0),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:00 GMT"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], wait: float | None) -> None:
    """Seconds, milliseconds and dates are understood; what is none of these isn't."""
    assert waiting_time(headers) == wait


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_is_a_time_or_none(after: str, date: str) -> None:
    """Whatever a header says, it is a number of seconds or nothing."""
    wait = waiting_time({"retry-after": after, "date": date})
    assert wait is None or 0 <= wait < 1e13


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "a"}}, "a"),
        ({"error": "b"}, "b"),
        ({"object": "error", "message": "c", "code": 404}, "c"),
        ({"detail": "d"}, "d"),
        ("e", "e"),
        ("<html>f</html>", ""),
        ({"detail": [{"loc": []}]}, ""),
        (None, ""),
        ([], ""),
    ],
)
def test_servers_have_many_shapes_for_an_error(body: object, words: str) -> None:
    """The message is found where each server puts it; a page is none."""
    assert said_by(body) == words


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "message", "code", "type", "details", "error_code", "detail"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_any_body_makes_one_line(body: object) -> None:
    """Whatever a server says went wrong, the user sees one short line of letters that can be printed."""
    line = str(from_words(body, SERVICE, SETTINGS))
    assert line.isprintable()
    assert len(line) <= 300


@given(st.binary(max_size=60), ANYTHING)
def test_any_bytes_are_an_object_or_none(data: bytes, value: object) -> None:
    """Reading never fails, and a path into anything leads somewhere or nowhere."""
    assert read_object(data) is None or isinstance(read_object(data), dict)
    dig(value, "error", "message")
