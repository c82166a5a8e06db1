"""`evo cost`: what a run's models cost, by model, purpose or generation, and what was gained for it.

Everything is counted from the answers that the run holds; prices are those of the day on which it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.table import Table

from evo.answers import Answers, SavedAnswer
from evo.cli.console import NOTHING, messages, one_line, results, table, write_json
from evo.cli.options import Json, Populations, RunName
from evo.cli.words import failures, measure, percent
from evo.saved import Run, read_run
from evo.spending import By, Gain, Spent, forecast, gained, spent, split

Split = Annotated[
    By | None, typer.Option("--by", help="What to split the bill by.", show_default="model, then purpose")
]


def cost(name: RunName, by: Split = None, as_json: Json = False, populations: Populations = None) -> None:
    """Show what a run's language models cost, and what was gained for it.

    Counted are all answers that the run holds, also those that were of no use and those for children that are still to
    be scored. Of the tokens that were read, some came from the service's cache, which is cheaper; those that were
    written include the model's thoughts. Where nobody knows a price, a sum is the least that was spent; the setting
    `prices` of a run's configuration gives one. What a run that goes on will have cost in the end is a guess.

        $ evo cost quick-penalized-1
        $ evo cost quick-penalized-1 --by generation
        $ evo cost quick-penalized-1 --json
    """
    run = read_run(populations, name)
    answers = list(Answers(run.folder).all())
    parts = list(By) if as_json and by is None else [By.MODEL, By.PURPOSE] if by is None else [by]
    bills = {part.value: split(answers, part) for part in parts}
    if as_json:
        write_json(_as_json(run, answers, bills))
    elif not answers:
        _tell_nothing(run)
    else:
        _show(run, spent(answers), bills)


def money(dollars: Decimal | None, *, at_least: bool = False) -> str:
    """Dollars for the eye: to the cent, or to two digits if they are less than a dollar."""
    if dollars is None:
        return "unknown"
    digits = 2 if dollars >= 1 or not dollars else max(2, 1 - dollars.adjusted())
    return f"{'at least ' * at_least}${dollars:,.{digits}f}"


def _tell_nothing(run: Run) -> None:
    if run.config.models:
        results().print(f"'{run.name}' has no answer of a model yet: it has cost nothing.", soft_wrap=True)
    else:
        results().print(f"'{run.name}' has no models: it cost nothing.", soft_wrap=True)


def _show(run: Run, total: Spent, bills: Mapping[str, Mapping[str, Spent]]) -> None:
    console = results()
    for part, bill in bills.items():
        console.print(_table(part, bill, total))
        console.print()
    unknown = f" Nobody knows the price of {total.unpriced} of them." if total.unpriced else ""
    counts = f"{total.calls} calls and {total.children} children."
    console.print(f"{_spent(total)} for {counts}{unknown}", soft_wrap=True)
    if total.cached_share is not None:
        console.print(f"{total.cached_share:.0%} of the tokens read came from a cache.", soft_wrap=True)
    if total.faults:
        console.print(f"Answers of no use: {failures(total.faults)}.", soft_wrap=True)
    console.print(_improvement(gained(run), total), soft_wrap=True)
    foreseen = forecast(run, total)
    if run.stop is None and foreseen is not None:
        text = money(foreseen, at_least=total.at_least)
        messages().print(f"At this rate {text} by the end.", soft_wrap=True)


def _spent(total: Spent) -> str:
    text = money(total.dollars, at_least=total.at_least and total.dollars is not None)
    return text[0].upper() + text[1:] + (" dollars" if total.dollars is None else "")


def _table(part: str, bill: Mapping[str, Spent], total: Spent) -> Table:
    numbers = ("calls", "tokens in", "cached", "tokens out", "reasoning", "dollars", "no use")
    rows = table(part, *numbers, right=numbers)
    for name, each in bill.items():
        rows.add_row(*_row(one_line(name), each))
    if len(bill) > 1:
        rows.add_section()
        rows.add_row(*_row("all", total))
    return rows


def _row(name: str, each: Spent) -> list[str]:
    share = each.cached_share
    return [
        name,
        f"{each.calls:,}",
        f"{each.input:,}",
        NOTHING if share is None else f"{share:.0%}",
        f"{each.output:,}",
        f"{each.reasoning:,}",
        money(each.dollars, at_least=each.at_least and each.dollars is not None),
        str(sum(each.faults.values())),
    ]


def _improvement(gain: Gain | None, total: Spent) -> str:
    """What was gained, and at what price, in words."""
    if gain is None:
        return "No policy of the first population has a fitness to compare the best with."
    first = measure(gain.first, gain.metric)
    if not gain.amount:
        return f"Nothing is better than the best of the first population yet ({first})."
    text = f"The best went from {first} to {measure(gain.best, gain.metric)} ({percent(gain.percent)})"
    unit, part = gain.price(total)
    prices = [(unit, f"a {gain.metric.unit}".replace("containers", "container")), (part, "a percent")]
    told = [f"{money(price, at_least=total.at_least)} {each}" for price, each in prices if price is not None]
    return f"{text}: {', '.join(told)}." if told else f"{text}."


def _as_json(
    run: Run, answers: list[SavedAnswer], bills: Mapping[str, Mapping[str, Spent]]
) -> dict[str, Any]:
    total, gain = spent(answers), gained(run)
    unit, part = (None, None) if gain is None else gain.price(total)
    return {
        "run": run.name,
        "total": _spent_json(total),
        "by": {
            name: {each: _spent_json(value) for each, value in bill.items()} for name, bill in bills.items()
        },
        "improvement": gain
        and {
            "metric": gain.metric.value,
            "first": gain.first,
            "best": gain.best,
            "amount": gain.amount,
            "percent": gain.percent,
            "dollars_per_unit": _dollars(unit),
            "dollars_per_percent": _dollars(part),
        },
        "forecast": _dollars(forecast(run, total)),
    }


def _spent_json(each: Spent) -> dict[str, Any]:
    return {
        "calls": each.calls,
        "children": each.children,
        "tokens": {
            "input": each.input,
            "cached": each.cached,
            "output": each.output,
            "reasoning": each.reasoning,
        },
        "cached_share": each.cached_share,
        "dollars": _dollars(each.dollars),
        "unpriced": each.unpriced,
        "faults": dict(each.faults),
    }


def _dollars(dollars: Decimal | None) -> float | None:
    return None if dollars is None else float(dollars)
