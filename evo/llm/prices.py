"""What a call costs, in dollars: by the prices that the user gives, else by those that genai-prices knows.

Each call is priced by itself, since most models cost more a token the longer the prompt is. None is a price that nobody
knows, and never 0: a server of one's own costs nothing only if the user says so. Prices are those of the day, from the
library's own tables; nothing is ever fetched. Knows no budget and no sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from evo.errors import InputError
from evo.llm.exchange import Usage
from evo.llm.models import Model

if TYPE_CHECKING:
    from genai_prices.types import PriceCalculation

__all__ = ["FRAME", "Overrides", "demand", "per_million", "priced", "setting", "unknown", "worst"]

Overrides = Mapping[str, tuple[float, float]]
"""Dollars per million tokens of input and of output, by a model's name or its id; the name stands above the id."""

FRAME = 500
"""Tokens by which a service may frame a prompt (roles, separators), on the safe side."""

_MILLION = 1_000_000

_WAYS = ((), ("cache_read_tokens",), ("cache_write_tokens",), ("cache_write_tokens", "cache_write_1h_tokens"))
"""What the tokens of a prompt may be billed as besides input; what is written for an hour is also written."""


def priced(model: Model, usage: Usage, overrides: Overrides, *, batch: bool = False) -> Decimal | None:
    """What a call with this usage costs, alone or in a `batch`; None if the price is unknown.

    A given price holds for all input, also what was read from a cache or written to it, and for batches too; a known
    one is lower for reads and batches, and higher for writes (of the usual five minutes). Where a server counts more
    tokens in its cache than in its input, the larger counts. Raises InputError for a given price that is none.
    """
    cached, written, output = max(usage.cached, 0), max(usage.written, 0), max(usage.output, 0)
    total = max(usage.input, cached + written)
    given = _given(model, overrides)
    if given is not None:
        return (given[0] * total + given[1] * output) / _MILLION
    counts = {"input_tokens": total, "output_tokens": output}
    counts |= {"cache_read_tokens": cached, "cache_write_tokens": written}
    known = _known(model, counts, batch=batch)
    return None if known is None else known.total_price


def per_million(model: Model, overrides: Overrides) -> tuple[Decimal, Decimal] | None:
    """Dollars per million tokens of input and of output, of a short prompt and without a cache; None if unknown."""
    given = _given(model, overrides)
    if given is not None:
        return given
    known = _known(model, {"input_tokens": 1, "output_tokens": 1})
    return None if known is None else (known.input_price * _MILLION, known.output_price * _MILLION)


def worst(
    model: Model, size: int, tokens: int, overrides: Overrides, *, batch: bool = False
) -> Decimal | None:
    """The most that a call can cost, whose prompt has `size` bytes and whose answer at most `tokens`; None if unknown.

    Every byte counts as a token, at the rate that is dearest for a prompt of that length: written to a cache, for an hour.
    """
    prompt = size + FRAME
    given = _given(model, overrides)
    if given is not None:
        return (given[0] * prompt + given[1] * tokens) / _MILLION
    counts = {"input_tokens": prompt, "output_tokens": tokens}
    ways = [_known(model, counts | dict.fromkeys(kinds, prompt), batch=batch) for kinds in _WAYS]
    return max((way.total_price for way in ways if way is not None), default=None)


def demand(models: Sequence[Model], overrides: Overrides) -> None:
    """Raise InputError, naming all, if the price of any of these models is unknown: for a run that has a budget."""
    names = [model.name for model in models if per_million(model, overrides) is None]
    if names:
        raise unknown(names)


def unknown(names: Sequence[str]) -> InputError:
    """The error that a budget can't hold for want of these models' prices, and the mend."""
    return InputError(
        f"a budget needs every price, and {' and '.join(names)} has none that is known; give the dollars per million"
        f" tokens in and out in the configuration: {setting(names)} (0 and 0 for a server of your own)"
    )


def setting(names: Sequence[str]) -> str:
    """The line of a configuration that gives these models' prices, to be filled in."""
    pairs = ", ".join(f'"{name}" = [IN, OUT]' for name in names)
    return f"prices = {{ {pairs} }}"


def _given(model: Model, overrides: Overrides) -> tuple[Decimal, Decimal] | None:
    """The user's price of a model, exact as it was written."""
    pair = overrides.get(model.name, overrides.get(model.id))
    if pair is None:
        return None
    if not all(math.isfinite(price) and price >= 0 for price in pair):
        raise InputError(
            f"the price of {model.name!r}: must be two numbers of dollars per million tokens, in and out, is {list(pair)}"
        )
    return Decimal(str(pair[0])), Decimal(str(pair[1]))


def _known(model: Model, counts: Mapping[str, int], *, batch: bool = False) -> PriceCalculation | None:
    """What genai-prices says; None for what it doesn't know, or not by tokens of input and output."""
    if model.service == "compatible":
        return None
    from genai_prices import Usage as Tokens
    from genai_prices import calc_price

    context = {"processing": "batch"} if batch else None
    try:
        price = calc_price(Tokens(**counts), model.id, provider_id=model.service, price_context=context)
    except LookupError:
        return None
    rates = price.model_price
    return None if rates.input_mtok is None or rates.output_mtok is None else price
