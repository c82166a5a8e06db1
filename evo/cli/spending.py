"""What `evo run` says of money and of models in trouble, before and while they are asked."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evo.cli.console import messages
from evo.config import RunConfig

if TYPE_CHECKING:
    from evo.consulting import Calling

USUAL_INPUT, USUAL_OUTPUT = 9000, 4000
"""Tokens of a usual call: what models are told with a suite of eight traces, and a policy with some thoughts before it."""


def tell_costs(config: RunConfig) -> None:
    """Say how many calls the run will make, to whom, and about what they will cost; nothing if there are none."""
    from evo.consulting import check
    from evo.llm.exchange import Usage
    from evo.llm.models import parse_models, shares
    from evo.llm.prices import priced

    check(config)
    models = parse_models(config.models)
    if not models:
        return
    children = config.generations * config.children
    calls = round(children * (config.model_share if config.strategy == "evolution" else 1.0))
    total: Decimal | None = Decimal(0)
    for model, share in zip(models, shares(models), strict=True):
        price = priced(model, Usage(input=USUAL_INPUT, output=USUAL_OUTPUT), config.prices)
        total = None if price is None or total is None else total + price * Decimal(str(share))
    cost = "at an unknown price" if total is None else f"about ${total * calls:.2f} in all"
    cap = f", at most ${config.budget:.2f}" if config.budget is not None else ""
    names = ", ".join(model.name for model in models)
    messages().print(f"Asks {names}: some {calls} calls, {cost}{cap} (see `evo models`).", soft_wrap=True)


def calling(in_flight: int) -> Calling:
    """So many calls at a time, whose trouble is told as it comes."""
    from evo.consulting import Calling

    console = messages()

    def tell(trouble: str, seconds: float) -> None:
        console.print(
            f"{trouble}; next try in {seconds:.0f} s", style="yellow", soft_wrap=True, highlight=False
        )

    return Calling(in_flight, tell)
