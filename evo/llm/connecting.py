"""How the clients of all SDKs connect: one owner of retries, which isn't the SDK, and one deadline.

Knows no SDK but the network's library below them.
"""

from __future__ import annotations

from typing import Any

from evo.errors import InputError
from evo.llm.faults import Service
from evo.llm.settings import Settings

_CONNECT = 15.0
"""Seconds in which a server is reached, or isn't there."""


def connection(settings: Settings) -> dict[str, Any]:
    """What every client is made with, beside its key."""
    import httpx2

    timeout = httpx2.Timeout(settings.seconds, connect=min(settings.seconds, _CONNECT))
    return {"base_url": settings.base, "max_retries": 0, "timeout": timeout}


def key_of(settings: Settings, service: Service) -> str:
    """The key of a service that wants one; raises InputError if there is none."""
    if not settings.key:
        raise InputError(f"{settings.model} wants a key; set {service.key}")
    return settings.key
