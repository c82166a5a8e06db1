"""`evo models`: which models are chosen, whether their keys are there, what they cost; and whether they answer.

Nothing is sent unless `--check` asks for it, and then it is said before what that costs at most. No key is shown.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any

import typer

from evo.cli.console import NOTHING, messages, one_line, results, table, write_json
from evo.cli.options import ConfigFile, Json
from evo.config import RunConfig, read_config
from evo.llm.exchange import Answer, CallError, Prompt, Usage
from evo.llm.keys import VARIABLES, Key, find_key, keys_of
from evo.llm.models import Model, Service, parse_models, shares
from evo.llm.prices import per_million, priced, setting, worst
from evo.llm.serving import provider_of
from evo.llm.settings import Settings

EXAMPLES: Mapping[Service, str] = {
    "anthropic": "anthropic:claude-sonnet-5-5",
    "openai": "openai:gpt-6.1-terra=0.3",
    "compatible": "http://localhost:11434/v1#qwen2.5-coder:7b",
}
"""How a model of each service is named."""

QUESTION = Prompt(
    constant="This only asks whether you can be reached.", turns=("Answer with the one word: ready",)
)
TOKENS = 1000
"""What an answer to the question may have, thoughts included: more than a word, as some models think first."""
SECONDS = 180.0
"""How long one may take: a server of one's own may have to load the model."""
SHOWN = 60
"""Characters of an answer that are shown."""

Specs = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="SPEC",
        help="SERVICE:ID or URL#NAME, with =WEIGHT if you like; may be given several times.",
        show_default="the configuration's",
    ),
]
Check = Annotated[bool, typer.Option("--check", help="Ask each a small question, which costs a little.")]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of asking: an answer and its price, or in `fault` why there is none."""

    text: str
    seconds: float
    usage: Usage | None = None
    price: Decimal | None = None
    fault: str | None = None


def models(
    model: Specs = None, config: ConfigFile = None, check: Check = False, as_json: Json = False
) -> None:
    """Say which models are chosen: their share of the calls, their keys, their prices, and whether they answer.

    Without any model it says what services there are. A model is anthropic:ID, openai:ID, or http://HOST:PORT/v1#NAME
    for any server that speaks Chat Completions (vLLM, llama.cpp, Ollama); names such as claude-opus-5-5 or gpt-6-sol
    will do. What stands behind the last = is its weight beside the others. Keys come from the environment or
    a file .env here, and are never shown. Prices are dollars per million tokens; unknown ones are given in the
    configuration.

    Only --check sends anything: one small question each. Exits with 1 if one of them doesn't answer, 2 if something
    about the input is wrong or a key is missing that --check needs.

        $ evo models
        $ evo models --model claude-sonnet-5-5 --model openai:gpt-6.1-terra=0.3
        $ evo models --model http://localhost:11434/v1#qwen2.5-coder:7b --check
        $ evo models --config experiment.toml --json
    """
    settings = read_config(config, {"models": model or None})
    chosen = parse_models(settings.models)
    if not chosen:
        _tell_services(as_json)
        return
    rows = [_row(one, share, settings) for one, share in zip(chosen, shares(chosen), strict=True)]
    if not as_json:
        _show(rows)
    checked = _check(chosen, settings) if check else []
    if as_json:
        asked = [{"check": _check_json(one)} for one in checked] or [{}] * len(rows)
        write_json({"models": [row | more for row, more in zip(rows, asked, strict=True)]})
    elif checked:
        _show_checks(chosen, checked)
    if any(one.fault for one in checked):
        raise typer.Exit(1)


def _tell_services(as_json: bool) -> None:
    found = {service: find_key(service) for service in VARIABLES}
    if as_json:
        write_json(
            {
                "services": [
                    {
                        "service": service,
                        "variable": VARIABLES[service],
                        "key": key.origin if key else None,
                        "example": EXAMPLES[service],
                    }
                    for service, key in found.items()
                ]
            }
        )
        return
    services = table("service", "key", "", "a model of it")
    for service, key in found.items():
        services.add_row(service, VARIABLES[service], _key_words(key), EXAMPLES[service])
    console = results()
    console.print(services)
    console.print(
        "\nNo model is chosen, so nobody is asked and nothing costs anything. To see what one would cost:"
    )
    console.print(f"  evo models --model {EXAMPLES['anthropic']}")


def _row(model: Model, share: float, config: RunConfig) -> dict[str, Any]:
    """All that is known of a model without asking it, ready for JSON."""
    key = find_key(model.service)
    rates = per_million(model, config.prices)
    return {
        "service": model.service,
        "id": model.id,
        "url": model.base,
        "name": model.name,
        "weight": model.weight,
        "share": share,
        "variable": VARIABLES[model.service],
        "key": key.origin if key else None,
        "dollars_per_million": rates and {"input": float(rates[0]), "output": float(rates[1])},
    }


def _show(rows: Sequence[Mapping[str, Any]]) -> None:
    listed = table(
        "service", "model", "share", "key", "$/M in", "$/M out", right=("share", "$/M in", "$/M out")
    )
    for row in rows:
        rates = row["dollars_per_million"] or {"input": "unknown", "output": "unknown"}
        listed.add_row(
            row["url"] or row["service"],
            row["id"],
            f"{100 * row['share']:.1f} %",
            row["key"] or f"missing: set {row['variable']}",
            *(f"{rate:g}" if isinstance(rate, float) else rate for rate in rates.values()),
        )
    console = results()
    console.print(listed)
    unknown = [row["name"] for row in rows if not row["dollars_per_million"]]
    if unknown:
        console.print(f"\nPrices that you know, for a configuration: {setting(unknown)}", soft_wrap=True)


def _check(chosen: Sequence[Model], config: RunConfig) -> list[Checked]:
    """Ask all at once, after saying what it costs; raises InputError if a key is missing."""
    import asyncio

    keys = keys_of(chosen)
    size = len("".join((QUESTION.constant, *QUESTION.turns)).encode())
    bounds = {model.name: worst(model, size, TOKENS, config.prices) for model in chosen}
    known = [bound for bound in bounds.values() if bound is not None]
    unknown = [name for name, bound in bounds.items() if bound is None]
    costs = [f"at most {_dollars(sum(known, Decimal(0)))}"] if known else []
    costs += [f"an unknown price for {' and '.join(unknown)}"] if unknown else []
    messages().print(f"Asks each a small question: {', and '.join(costs)}.", soft_wrap=True)

    async def ask_all() -> list[Checked]:
        return await asyncio.gather(*(_ask(model, keys[model.service], config) for model in chosen))

    return asyncio.run(ask_all())


async def _ask(model: Model, key: Key, config: RunConfig) -> Checked:
    """Ask one, once: the first trouble is what one wants to know."""
    allowed = Settings(model=model.id, effort=config.effort, tokens=TOKENS, seconds=SECONDS)
    provider = provider_of(model, key, allowed)
    began = time.perf_counter()
    try:
        answer = await provider.complete(QUESTION)
    except CallError as error:
        return Checked("", time.perf_counter() - began, fault=str(error))
    finally:
        await provider.close()
    price = None if answer.usage is None else priced(model, answer.usage, config.prices)
    return Checked(answer.text, time.perf_counter() - began, answer.usage, price, _fault(answer))


def _fault(answer: Answer) -> str | None:
    """Why an answer doesn't count as one; a model that thought until it was cut can be reached."""
    return None if answer.fault in (None, "truncated") else f"{answer.fault}: {answer.message}"


def _check_json(one: Checked) -> dict[str, Any]:
    return {
        "text": one.text,
        "fault": one.fault,
        "seconds": one.seconds,
        "tokens": one.usage and {"input": one.usage.input, "output": one.usage.output},
        "dollars": None if one.price is None else float(one.price),
    }


def _show_checks(chosen: Sequence[Model], checked: Sequence[Checked]) -> None:
    listed = table("model", "answer", "s", "in", "out", "cost", right=("s", "in", "out", "cost"))
    for model, one in zip(chosen, checked, strict=True):
        listed.add_row(
            model.name,
            one_line(
                f"FAILS: {one.fault}" if one.fault else one.text[:SHOWN] or "(cut before it said anything)"
            ),
            f"{one.seconds:.2f}",
            *([NOTHING, NOTHING] if one.usage is None else [f"{one.usage.input:,}", f"{one.usage.output:,}"]),
            (NOTHING if one.usage is None else "unknown") if one.price is None else _dollars(one.price),
        )
    console = results()
    console.print()
    console.print(listed)


def _key_words(key: Key | None) -> str:
    return "not set" if key is None else key.origin


def _dollars(amount: Decimal) -> str:
    """An amount for the eye: cents, or what is left of them, never rounded to less than it is."""
    places = Decimal("0.01") if amount >= 1 else Decimal("0.000001")
    return f"${amount.quantize(places, ROUND_CEILING):,f}" if amount else "$0"
