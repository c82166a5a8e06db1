"""Which models are asked, as a user writes them: `anthropic:ID`, `openai:ID`, `http://HOST:PORT/v1#NAME`, each `=WEIGHT`.

The weight is what stands behind the last "=", so an id that contains "=" is given its weight too; all else in an id
(":" and "/" as well) belongs to the id. A URL ends at the first "#". A bare id is known by its beginning. Nothing here
asks anybody whether such a model exists, and no key is ever part of a model.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from evo.errors import InputError

__all__ = ["FORMS", "Model", "Service", "parse_model", "parse_models", "shares"]

Service = Literal["anthropic", "openai", "compatible"]

FORMS = "anthropic:ID, openai:ID or http://HOST:PORT/v1#NAME, each with =WEIGHT if you like"

_KNOWN: tuple[tuple[Service, re.Pattern[str]], ...] = (
    ("anthropic", re.compile(r"claude-")),
    ("openai", re.compile(r"(gpt|chatgpt)-|o[134]($|-)")),
)
"""How the ids of a service begin."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of a service, and how often it is asked beside others: weights are relative."""

    service: Service
    id: str
    base: str | None = None
    """The URL of a compatible server, as its SDK wants it; None for the others."""
    weight: float = 1.0

    @property
    def name(self) -> str:
        """What the model is called everywhere: its specification without the weight."""
        return f"{self.service}:{self.id}" if self.base is None else f"{self.base}#{self.id}"

    @property
    def spec(self) -> str:
        """The specification in its shortest form; `parse_model` gives this model back."""
        if self.weight == 1 and "=" not in self.name:
            return self.name
        return f"{self.name}={repr(self.weight).removesuffix('.0')}"


def parse_model(spec: str) -> Model:
    """The model that a specification names; raises InputError."""
    if not spec.isprintable() or " " in spec:
        raise InputError(f"model {spec!r}: has a space or a control character; give {FORMS}")
    body, weight = _weighed(spec)
    if re.match("https?:", body, re.IGNORECASE):
        return _compatible(body, weight)
    service, colon, rest = body.partition(":")
    if colon and service in ("anthropic", "openai"):
        if not rest:
            raise InputError(f"model {spec!r}: the id is missing; give {FORMS}")
        return Model("anthropic" if service == "anthropic" else "openai", rest, weight=weight)
    for known, beginning in _KNOWN:
        if beginning.match(body):
            return Model(known, body, weight=weight)
    raise InputError(f"model {spec!r}: whose model it is can't be told from its name; give {FORMS}")


def parse_models(specs: Sequence[str]) -> tuple[Model, ...]:
    """All models that are named, in this order; raises InputError, also if one is named twice."""
    models: dict[str, Model] = {}
    for model in map(parse_model, specs):
        if model.name in models:
            raise InputError(
                f"model {model.name!r}: is given twice; give it once, with the weight it shall have"
            )
        models[model.name] = model
    return tuple(models.values())


def shares(models: Sequence[Model]) -> tuple[float, ...]:
    """What part of the calls each model gets by its weight; together 1."""
    # Of weights near the largest float the sum would be infinite; of their ratios it is not.
    largest = max((model.weight for model in models), default=1.0)
    ratios = [model.weight / largest for model in models]
    total = math.fsum(ratios)
    return tuple(ratio / total for ratio in ratios)


def _weighed(spec: str) -> tuple[str, float]:
    """What stands before the last "=", and the weight behind it."""
    body, equals, text = spec.rpartition("=")
    if not equals:
        return spec, 1.0
    try:
        weight = float(text)
    except ValueError as error:
        raise InputError(
            f"model {spec!r}: {text!r} is no weight; give a number behind the last '=', also for an id that has a '='"
        ) from error
    if not (math.isfinite(weight) and weight > 0):
        raise InputError(f"model {spec!r}: the weight must be a positive number, is {text}")
    return body, weight


def _compatible(body: str, weight: float) -> Model:
    url, _, name = body.partition("#")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InputError("model: the URL of a server is broken; give http://HOST:PORT/v1#NAME") from error
    if "@" in parts.netloc:
        raise InputError(
            f"model: the URL of {host!r} has a user or a password in it; leave them out, and give a key as EVO_COMPATIBLE_API_KEY"
        )
    fault = _fault(parts, host, name)
    if fault:
        raise InputError(f"model {body!r}: {fault}; give http://HOST:PORT/v1#NAME")
    address = f"[{host}]" if ":" in str(host) else host
    place = address if port is None else f"{address}:{port}"
    path = parts.path.rstrip("/") or "/"
    return Model("compatible", name, f"{parts.scheme}://{place}{path}", weight)


def _fault(parts: SplitResult, host: str | None, name: str) -> str | None:
    """What is wrong with a URL that can be read."""
    if not host:
        return "the URL has no host"
    if parts.query:
        return "the URL has a query"
    if not parts.path:
        return "the URL has no path (one of / is enough, for servers that want none)"
    return None if name else "the model's name is missing"
