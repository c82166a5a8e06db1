"""A run's values in words and in JSON: one wording, so that no two commands say the same thing differently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evo.cli.console import NOTHING, number, one_line
from evo.metric import Metric, Metrics, each
from evo.population import Failure, Fitness, Individual, Partial
from evo.starving import Starved


def measure(value: float, metric: Metric) -> str:
    """A value of the metric with its unit."""
    return f"{number(value)} {metric.unit}"


def named(metrics: Metrics) -> str:
    """The metrics by name, in a sentence."""
    return " and ".join(metric.value for metric in each(metrics))


def improvement(value: float, reference: float, metric: Metric) -> float | None:
    """By how many percent `value` is better than `reference`, negative if worse; None where that has no meaning."""
    if reference <= 0:
        return None
    gain = value - reference if metric.higher_is_better else reference - value
    return 100 * gain / reference


def percent(gain: float | None) -> str:
    """An improvement in percent for a table."""
    return NOTHING if gain is None else f"{gain:+,.1f} %"


def times(gap: float | None) -> str:
    """By how many times something misses a bound, for a table."""
    return NOTHING if gap is None else f"{gap:,.2f}x"


def bounded(bound: float, metric: Metric) -> str:
    """What a column of these times is beside, in a sentence."""
    return f"vs bound: by how many times it misses {measure(bound, metric)}, which no scheduler betters."


def improved(gain: float | None, metric: Metric, name: str) -> str:
    """An improvement over the policy `name` as part of a sentence, to a tenth of a percent."""
    if gain is None:
        return f"not comparable with {name}"
    if abs(gain) < 0.05:
        return f"no better than {name}"
    direction = "above" if metric.higher_is_better is (gain >= 0) else "below"
    return f"{abs(gain):,.1f} % {direction} {name}"


def starvation(name: str, starved: Iterable[Starved]) -> Iterator[str]:
    """Whom the policy of that name starves, a sentence for each class."""
    for one in starved:
        yield f"{name} starves {one.name}: {one.completed} of {one.arrived} completed, {one.by_other} by {one.other}"


def completions(fitness: Fitness) -> str:
    """Completed pipelines of each class in percent of those that arrived, rounded down: only all are 100."""
    return "/".join(
        str(100 * done // arrived) if arrived else NOTHING for done, arrived in fitness.completions.values()
    )


def origin(individual: Individual) -> str:
    """Where an individual comes from, in words."""
    lineage = individual.lineage
    parents = f" of {' and '.join(lineage.parents)}" if lineage.parents else ""
    model = f" by {lineage.model}" if lineage.model else ""
    detail = f": {lineage.detail}" if lineage.detail else ""
    return one_line(f"{lineage.variation}{parents}{model}{detail}")


def outcome(individual: Individual) -> str:
    """An individual's fitness, or why it has none, in one line."""
    match individual.outcome:
        case Failure() as fault:
            return failure(fault)
        case Partial() as partial:
            return stopped(partial)
        case Fitness(values=values):
            return ", ".join(measure(value, metric) for metric, value in values.items())


def stopped(partial: Partial) -> str:
    """After how many traces a policy was stopped, and why, in one line."""
    ran = len(partial.per_trace)
    return (
        f"stopped after {ran} of {ran + partial.left} traces: at best {measure(partial.at_best, partial.metric)}, "
        f"and it had to reach {measure(partial.hurdle, partial.metric)} to live"
    )


def failure(fault: Failure) -> str:
    """Why a policy failed and where, in one line."""
    places = [
        fault.trace and f"trace {fault.trace}",
        None if fault.tick is None else "initialisation" if fault.tick < 0 else f"tick {fault.tick}",
        fault.line and f"line {fault.line}",
    ]
    where = ", ".join(place for place in places if place)
    return one_line(f"failed: {fault.kind.value}: {fault.message}" + (f" ({where})" if where else ""))


def failures(by_kind: Mapping[str, int]) -> str:
    """Failures by kind in words, the most frequent first."""
    order = sorted(by_kind.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {kind}" for kind, count in order) or NOTHING


def printed(fault: Failure) -> list[str]:
    """What the policy printed last, as lines; none if it printed nothing."""
    lines = [one_line(line) for line in fault.printed.splitlines() if line.strip()]
    return ["printed last:", *(f"  {line}" for line in lines)] if lines else []


def fitness_json(fitness: Fitness) -> dict[str, Any]:
    """A fitness as JSON; what was reached by further metrics stands under `beside`, if there are any."""
    traces = [score.trace for score in fitness.per_trace]
    columns = fitness.on_each_trace()
    first, *others = (
        {"metric": metric.value, "value": value, "per_trace": dict(zip(traces, columns[metric], strict=True))}
        for metric, value in fitness.values.items()
    )
    return first | ({"beside": others} if others else {})


def individual_json(individual: Individual) -> dict[str, Any]:
    """A scored individual as JSON, without its rank."""
    fitness = individual.fitness
    return {
        "id": individual.id,
        "hash": individual.policy.hash,
        "generation": individual.generation,
        "fitness": fitness and fitness_json(fitness),
        "completions": fitness and {name: list(pair) for name, pair in fitness.completions.items()},
        "lineage": {
            "variation": individual.lineage.variation,
            "parents": list(individual.lineage.parents),
            "detail": individual.lineage.detail,
            "model": individual.lineage.model or None,
        },
    }
