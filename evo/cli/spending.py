"""What `evo run` says of money and of models in trouble, before and while they are asked."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from evo.cli.console import messages
from evo.config import RunConfig
from evo.shipped import stock_policies

if TYPE_CHECKING:
    from evo.consulting import Calling

USUAL_INPUT, USUAL_OUTPUT = 9000, 4000
"""Tokens of a usual call: what models are told with a suite of eight traces, and a policy with some thoughts before it."""


def tell_costs(config: RunConfig) -> None:
    """Say how many calls the run will make, to whom, and about what they will cost; nothing if there are none."""
    from evo.llm.exchange import Usage
    from evo.llm.models import parse_models, shares
    from evo.llm.prices import priced

    models = parse_models(config.models)
    if not models:
        return
    founders = len(config.init or stock_policies())
    children = max(config.population - founders, 0) + config.generations * config.children
    if config.evaluations is not None:
        children = min(children, max(config.evaluations - founders, 0))
    calls = round(children * (config.model_share if config.strategy == "evolution" else 1.0))
    total: Decimal | None = Decimal(0)
    for model, share in zip(models, shares(models), strict=True):
        usual = Usage(input=USUAL_INPUT, output=USUAL_OUTPUT)
        price = priced(model, usual, config.prices, batch=config.batch)
        total = None if price is None or total is None else total + price * Decimal(str(share))
    cost = "at an unknown price" if total is None else f"about ${total * calls:.2f} in all"
    cap = f", at most ${config.budget:.2f}" if config.budget is not None else ""
    names = ", ".join(model.name for model in models)
    messages().print(f"Asks {names}: some {calls} calls, {cost}{cap} (see `evo models`).", soft_wrap=True)


def bill(root: Path | None, name: str) -> Callable[[], str]:
    """What a run has spent by now, and what it will have spent in the end, whenever that is asked."""
    from evo.answers import Answers
    from evo.cli.cost import money
    from evo.saved import read_run
    from evo.spending import forecast, spent

    def told() -> str:
        run = read_run(root, name)
        known = spent(Answers(run.folder).all())
        ahead = forecast(run, known)
        end = "" if ahead is None or run.stop is not None else f" of about {money(ahead)}"
        return f"{money(known.dollars, at_least=known.at_least)}{end}"

    return told


def calling(in_flight: int) -> Calling:
    """So many calls at a time, whose trouble is told as it comes, and how batches are."""
    from evo.consulting import Calling

    console = messages()

    def tell(trouble: str, seconds: float) -> None:
        console.print(
            f"{trouble}; next try in {seconds:.0f} s", style="yellow", soft_wrap=True, highlight=False
        )

    def news(words: str, seconds: float) -> None:
        console.print(f"{words}; next look in {seconds:.0f} s", style="dim", soft_wrap=True, highlight=False)

    return Calling(in_flight, tell, news=news)
