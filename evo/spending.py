"""What a run's answers cost: tokens and dollars, by model, purpose and generation, and what was gained for them.

Pure functions over saved answers and a saved run; they know no screen and no price list. A price that nobody knows is
counted and never taken for 0: then a sum is the least that was spent, and is to be told as that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from evo.answers import SavedAnswer
from evo.llm import Usage
from evo.metric import Metric
from evo.population import ranked
from evo.saved import Run


class By(StrEnum):
    """What a bill can be split by."""

    MODEL = "model"
    PURPOSE = "purpose"
    GENERATION = "generation"


@dataclass(frozen=True, slots=True)
class Spent:
    """What some calls cost: tokens, of which `cached` is a part of `input` and `reasoning` one of `output`."""

    calls: int = 0
    children: int = 0
    """For how many children somebody was asked."""
    last: int = -1
    """The highest number of them; -1 if there is none."""
    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    known: Decimal = Decimal(0)
    """Dollars of those calls of which the price is known."""
    unpriced: int = 0
    """Calls of which it isn't."""
    faults: Mapping[str, int] = field(default_factory=dict)
    """How many answers were of no use, by kind of fault."""

    @property
    def dollars(self) -> Decimal | None:
        """What is known to have been spent; None if there were calls, and nobody knows the price of any."""
        return None if self.calls and self.unpriced == self.calls else self.known

    @property
    def at_least(self) -> bool:
        """Whether more was spent than is known."""
        return self.unpriced > 0

    @property
    def cached_share(self) -> float | None:
        """The part of the input tokens that was read from a cache; None if there were none."""
        return self.cached / self.input if self.input else None


@dataclass(frozen=True, slots=True)
class Gain:
    """How far a run came from the best of its first population to its best, in the (first) metric's own unit."""

    metric: Metric
    first: float
    best: float

    @property
    def amount(self) -> float:
        """By how much the best is better, 0 if it isn't."""
        return abs(self.best - self.first) if self.metric.better(self.best, self.first) else 0.0

    @property
    def percent(self) -> float | None:
        """By how many percent of the first; None where that has no meaning."""
        return 100 * self.amount / self.first if self.first > 0 else None

    def price(self, spent: Spent) -> tuple[Decimal | None, Decimal | None]:
        """Dollars for one unit of the metric, and for one percent; None where nothing was gained or is known."""
        return _ratio(spent.dollars, self.amount), _ratio(spent.dollars, self.percent)


def spent(answers: Iterable[SavedAnswer]) -> Spent:
    """What all these answers cost together."""
    calls = list(answers)
    usages = [one.answer.usage or Usage() for one in calls]
    numbers = {one.number for one in calls}
    faults = Counter(one.answer.fault for one in calls if one.answer.fault is not None)
    return Spent(
        calls=len(calls),
        children=len(numbers),
        last=max(numbers, default=-1),
        input=sum(usage.input for usage in usages),
        output=sum(usage.output for usage in usages),
        cached=sum(usage.cached for usage in usages),
        reasoning=sum(usage.reasoning for usage in usages),
        known=sum((one.price for one in calls if one.price is not None), Decimal(0)),
        unpriced=sum(one.price is None for one in calls),
        faults=dict(sorted(faults.items())),
    )


def split(answers: Iterable[SavedAnswer], by: By) -> dict[str, Spent]:
    """The same for each model, purpose or generation, in alphabetical or numerical order."""
    parts: dict[str | int, list[SavedAnswer]] = {}
    for one in answers:
        parts.setdefault(getattr(one, by.value), []).append(one)
    return {str(part): spent(parts[part]) for part in sorted(parts)}


def gained(run: Run) -> Gain | None:
    """How far the run came; None if it has no fitness to begin with."""
    founders = [one for one in run.individuals if one.lineage.variation == "initial"]
    first, best = (next(iter(ranked(group)), None) for group in (founders, run.individuals))
    if first is None or first.fitness is None or best is None or best.fitness is None:
        return None
    return Gain(first.fitness.metric, first.fitness.value, best.fitness.value)


def forecast(run: Run, spent: Spent) -> Decimal | None:
    """Dollars that the run will have cost after its last generation, if its children go on costing what they did.

    An early end, by a budget say, makes it less. None as long as nobody can know.
    """
    config = run.config
    if not config.models:
        return Decimal(0)
    if run.stop is not None or spent.dollars is None:
        return spent.dollars
    if not spent.children:
        return None
    share = config.model_share if config.strategy == "evolution" else 1.0
    total = max(len(run.header.initial), config.population) + run.asked * config.children
    settled = max((one.number for one in run.individuals), default=-1)
    left = max(total - 1 - max(spent.last, settled), 0)
    if config.evaluations is not None and len(run.individuals) < config.evaluations:
        left = min(left, config.evaluations - len(run.individuals))
    return spent.dollars + spent.dollars / spent.children * left * Decimal(str(share))


def _ratio(dollars: Decimal | None, amount: float | None) -> Decimal | None:
    return dollars / Decimal(str(amount)) if dollars is not None and amount else None
