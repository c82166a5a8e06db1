"""What is said when a search has ended: what was found, what it gained, why it ended, and what to type next.

Reads the saved run; scores nothing but the stock policies to compare with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from evo.cli.console import messages, results
from evo.cli.runs import references, tell_fame
from evo.cli.words import failures, improved, improvement, measure
from evo.population import Failure, Fitness, Partial
from evo.saved import Run
from evo.shipped import REFERENCES


def conclude(run: Run, workers: int | None) -> None:
    """The hall of fame, what was gained, why it ended, and what to type next."""
    advice = messages()
    best = run.hall_of_fame()
    if not best:
        _lament(run)
        return
    known = _compared(run, workers)
    tell_fame(run, best, known)
    for line in _bests(run, known):
        results().print(line, soft_wrap=True)
    winner = best[0]
    if any(generation.spared or generation.echoes for generation in run.generations):
        advice.print(_sparing(run), soft_wrap=True)
    advice.print(f"Stopped: {_reason(run)}. Next:")
    for command in (
        f"show {run.name} {winner.id}",
        f"diff {run.name} {winner.id}" if winner.lineage.parents else f"lineage {run.name} {winner.id}",
        f"explain {run.name} {winner.id}",
        f"validate {run.name}",
        f"export {run.name} {winner.id} -o policy.py",
        f"resume {run.name} --generations +5",
    ):
        advice.print(f"  evo {command}")


def _bests(run: Run, known: Mapping[str, Fitness | None]) -> Iterator[str]:
    """The best, of several metrics by each, and what it gained over the policies to compare with."""
    several = len(run.config.metrics) > 1
    hall = run.hall_of_fame(len(run.individuals) if several else 1)
    scored = [(one, one.fitness) for one in hall if one.fitness is not None]
    for metric in run.config.metrics:
        best, fitness = min(scored, key=lambda each: metric.cost(each[1].values[metric]))
        value = fitness.values[metric]
        gains = [
            f"{name} fails on this suite"
            if reference is None
            else improved(improvement(value, reference.values[metric], metric), metric, name)
            for name, reference in known.items()
        ]
        label = f"best {metric.value}" if several else "best"
        yield f"{label}: {best.id} with {measure(value, metric)}: {', '.join(gains)}"


def _sparing(run: Run) -> str:
    """What share of the simulations wasn't needed: of those who failed nobody knows how many they would have run."""
    partial = [one.outcome for one in run.individuals if isinstance(one.outcome, Partial)]
    whole = [one.fitness for one in run.individuals if one.fitness is not None]
    echoes = sum(generation.echoes for generation in run.generations)
    spared = sum(generation.spared for generation in run.generations)
    spared += echoes * (len(whole[0].per_trace) - 1)
    ran = echoes + sum(len(one.per_trace) for one in partial) + sum(len(one.per_trace) for one in whole)
    return (
        f"Spared {spared} of {ran + spared} simulations ({spared / (ran + spared):.1%}): {len(partial)} stopped early, as "
        f"they couldn't live on any more, {echoes} not born, as they did nothing new."
    )


def _lament(run: Run) -> None:
    """What there is to say of a run without a single fitness: how its policies failed, and where to look."""
    kinds = Counter(one.outcome.kind.value for one in run.individuals if isinstance(one.outcome, Failure))
    results().print(
        f"No policy of '{run.name}' has a fitness: all {len(run.individuals)} failed ({failures(kinds)}).",
        soft_wrap=True,
    )
    messages().print(f"Stopped: {_reason(run)}. Next:\n  evo show {run.name} 0")


def _compared(run: Run, workers: int | None) -> dict[str, Fitness | None]:
    """The fitness of the stock policies to compare with; those that the run hasn't got are scored now."""
    import evo

    known = references(run)
    for name in REFERENCES:
        if name not in known:
            outcome = evo.evaluate(name, suite=run.suite_file, metric=run.config.metric, workers=workers)
            known[name] = outcome if isinstance(outcome, Fitness) else None
    return {name: known[name] for name in REFERENCES}


def _missed(run: Run) -> str:
    return "no new best" if len(run.config.metrics) == 1 else "nobody new on the front"


def _target(run: Run) -> str:
    aims = [] if run.config.target is None else [f"{run.config.target}"]
    if run.config.gap is not None:
        aims.append(f"{run.config.gap} times what no policy can better")
    return " or ".join(aims)


def _reason(run: Run) -> str:
    done = len(run.generations) - 1
    reasons = {
        "generations": f"generation {done} was the last asked for",
        "evaluations": f"{len(run.individuals)} policies were scored, as many as were asked for",
        "target": f"the target of {_target(run)} is reached",
        "patience": f"{_missed(run)} for {run.config.patience} generations",
        "budget": "the budget is spent; resume with a larger --budget to go on",
        "extinct": "no policy of the first population is one that could have children",
    }
    return reasons.get(run.stop or "", f"{done} of {run.asked} generations are done")
