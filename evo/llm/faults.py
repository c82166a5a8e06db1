"""What goes wrong between evo and a server, told in one line: every error of an SDK becomes a CallError here.

Knows statuses, the words that services have for their errors, and the shapes they send them in; no SDK. What the
user can mend is final and says how; what heals by itself is not, and says how long the server wants to be left alone.
"""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from evo.llm.exchange import CallError
from evo.llm.settings import Settings


class Service(NamedTuple):
    """How a server is called in messages, and where its key comes from."""

    name: str
    key: str


STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "timeout_error": 408,
    "conflict_error": 409,
    "request_too_large": 413,
    "context_length_exceeded": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "vector_store_timeout": 500,
    "unavailable_error": 503,
    "overloaded_error": 529,
}
"""The status that an error without one would have had, by the word for its kind."""

SPENT = frozenset(
    {
        "insufficient_quota",
        "billing_error",
        "billing_hard_limit_reached",
        "billing_not_active",
        "enforced_spend_limit_reached",
        "contract_spend_limit_reached",
        "linked_organization_billing_unavailable",
        "linked_organization_spend_limit_reached",
    }
)
"""Words for an empty account or a limit of spending: waiting doesn't help, whatever the status."""

HEALING = frozenset({408, 409, 425, 429, 499})
"""Statuses below 500 that a second try may not meet again."""

MENDS = {
    400: "refuses the request (400)",
    401: "refuses the key (401); check {key}",
    402: "wants payment (402); add credit to the account or raise its limit",
    403: "doesn't let this key use {model} (403); check the account's permissions, or choose another model",
    404: "knows no model {model} at this address (404); check both",
    408: "took too long (408)",
    409: "met a conflict (409)",
    413: "finds the prompt too long (413); choose a model with a larger context",
    422: "refuses the request (422)",
    429: "wants fewer calls (429)",
    503: "is not available at the moment (503)",
    504: "took too long (504)",
    529: "is overloaded (529)",
}
"""What a status means to the user."""


UNSENT = frozenset({"CredentialsError", "InvalidURL", "UnsupportedProtocol", "LocalProtocolError"})
"""Errors that come before anything is sent, and will again."""


def network_errors() -> tuple[type[Exception], ...]:
    """What gets past both SDKs as it is: errors of the network below them, and bytes that are no text."""
    import anyio
    import httpx2

    below = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)
    above = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, httpx2.CookieConflict)
    return (*above, *below, OSError, UnicodeError)


def from_error(error: Exception, service: Service, settings: Settings) -> CallError:
    """Whatever an SDK or its network raised, as the error of a call."""
    status = getattr(error, "status_code", None)
    body = getattr(error, "body", None)
    if isinstance(status, int) and status >= 300:
        headers = getattr(getattr(error, "response", None), "headers", {})
        return from_status(status, body, service, settings, headers)
    if body is not None:
        return from_words(body, service, settings)
    kinds = _kinds(error)
    if kinds & UNSENT:
        reason = one_line(_cause(error), settings)
        return CallError(
            f"{service.name} can't be asked ({reason}); check the address and the key", final=True
        )
    if "ConnectTimeout" not in kinds and any("Timeout" in kind for kind in kinds):
        return CallError(
            f"{service.name} gave no answer within {settings.seconds:g} s; allow more, or ask for less effort",
            final=False,
        )
    where = f" at {settings.base}" if settings.base else ""
    reason = one_line(_cause(error), settings)
    return CallError(
        f"{service.name} can't be reached{where} ({reason}); check the network and the address", final=False
    )


def from_words(body: object, service: Service, settings: Settings) -> CallError:
    """An error without a status, as streams have them: its own words tell which it would have had.

    Words that nobody knows are taken for trouble of the server's own.
    """
    return from_status(known_status(body) or 500, body, service, settings)


def known_status(body: object) -> int:
    """The status that goes with an error's own words; 0 if they are none that we know."""
    for word in _words(body):
        if word in STATUSES:
            return STATUSES[word]
        if re.fullmatch(r"[45]\d\d", word, re.ASCII):
            return int(word)
    return 0


def from_status(
    status: int, body: object, service: Service, settings: Settings, headers: Mapping[str, str] | None = None
) -> CallError:
    """An error by its status and, where money is concerned, by its words."""
    spent = bool(SPENT & set(_words(body)))
    shape = MENDS[402].replace("402", str(status)) if spent else MENDS.get(status) or _unusual(status)
    said = said_by(body)
    message = f"{service.name} {shape.format(key=service.key, model=settings.model)}"
    return CallError(
        one_line(f"{message}: {said}" if said else message, settings),
        final=spent or not (status >= 500 or status in HEALING),
        wait=waiting_time(headers or {}),
    )


def waiting_time(headers: Mapping[str, str]) -> float | None:
    """How many seconds the server asks to be left alone: `retry-after-ms`, or `retry-after` in seconds or as a date.

    A date is counted from the server's own, so no clock of ours is asked.
    """
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "").strip()
        if re.fullmatch(r"\d{1,12}(\.\d*)?", text, re.ASCII):
            return float(text) / scale
    moments = [email.utils.parsedate_tz(headers.get(name, "")) for name in ("date", "retry-after")]
    now, then = (None if moment is None else email.utils.mktime_tz(moment) for moment in moments)
    return None if now is None or then is None else float(max(0, then - now))


def read_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object that a server sent; None if it is anything else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def dig(value: object, *path: str) -> Any:
    """What lies at the end of this path of keys in nested objects; None if it leads nowhere."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def said_by(body: object) -> str:
    """What a server says about its error; nothing if that is a page or not to be found."""
    for place in (
        dig(body, "error", "message"),
        dig(body, "message"),
        dig(body, "error"),
        dig(body, "detail"),
        body,
    ):
        if isinstance(place, str) and place.strip() and not place.lstrip().startswith(("<", "{", "[")):
            return place
    return ""


def _unusual(status: int) -> str:
    return f"has trouble of its own ({status})" if status >= 500 else f"answers {status}; check the address"


def _kinds(error: BaseException) -> set[str]:
    """The names of an error's classes, and of those of its causes."""
    kinds: set[str] = set()
    link: BaseException | None = error
    while link is not None:
        kinds |= {parent.__name__ for parent in type(link).__mro__}
        link = link.__cause__
    return kinds


def _words(body: object) -> list[str]:
    """The words for an error's kind, wherever services put them."""
    places = [
        found
        for inner in (body, dig(body, "error"))
        for found in (dig(inner, "code"), dig(inner, "type"), dig(inner, "details", "error_code"))
    ]
    return [str(place) for place in places if isinstance(place, (str, int))]


def _cause(error: BaseException) -> str:
    """The innermost of an error's causes, which knows what really happened."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__


def one_line(text: str, settings: Settings) -> str:
    """Text of others as one line fit to print, without the key, cut short."""
    hidden = text.replace(settings.key, "[key]") if settings.key else text
    plain = "".join(letter if letter.isprintable() else " " for letter in hidden)
    words = " ".join(plain.split())
    return words if len(words) <= 300 else f"{words[:297]}..."
