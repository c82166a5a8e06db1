"""What is said when a search has ended: what was found, what it gained, why it ended, and what to type next.

Reads the saved run; scores nothing but the stock policies to compare with.
"""

from __future__ import annotations

from collections import Counter

from evo.cli.console import messages, results
from evo.cli.runs import REFERENCES, fame_table, references
from evo.cli.words import failures, improved, improvement, measure
from evo.population import Failure, Fitness
from evo.saved import Run


def conclude(run: Run, workers: int | None) -> None:
    """The hall of fame, what was gained, why it ended, and what to type next."""
    console, advice = results(), messages()
    best = run.hall_of_fame()
    if not best:
        _lament(run)
        return
    known = _compared(run, workers)
    console.print(fame_table(run, best, known))
    winner = best[0]
    assert winner.fitness is not None
    value, metric = winner.fitness.value, run.config.metric
    gains = [
        f"{name} fails on this suite"
        if reference is None
        else improved(improvement(value, reference, metric), metric, name)
        for name, reference in known.items()
    ]
    console.print(f"best: {winner.id} with {measure(value, metric)}: {', '.join(gains)}", soft_wrap=True)
    advice.print(f"Stopped: {_reason(run)}. Next:")
    for command in (
        f"show {run.name} {winner.id}",
        f"diff {run.name} {winner.id}" if winner.lineage.parents else f"lineage {run.name} {winner.id}",
        f"export {run.name} {winner.id} -o policy.py",
        f"resume {run.name} --generations +5",
    ):
        advice.print(f"  evo {command}")


def _lament(run: Run) -> None:
    """What there is to say of a run without a single fitness: how its policies failed, and where to look."""
    kinds = Counter(one.outcome.kind.value for one in run.individuals if isinstance(one.outcome, Failure))
    results().print(
        f"No policy of '{run.name}' has a fitness: all {len(run.individuals)} failed ({failures(kinds)}).",
        soft_wrap=True,
    )
    messages().print(f"Stopped: {_reason(run)}. Next:\n  evo show {run.name} 0")


def _compared(run: Run, workers: int | None) -> dict[str, float | None]:
    """The fitness of the stock policies to compare with; those that the run hasn't got are scored now."""
    import evo

    known = references(run)
    for name in REFERENCES:
        if name not in known:
            outcome = evo.evaluate(name, suite=run.suite_file, metric=run.config.metric, workers=workers)
            known[name] = outcome.value if isinstance(outcome, Fitness) else None
    return {name: known[name] for name in REFERENCES}


def _reason(run: Run) -> str:
    done = len(run.generations) - 1
    reasons = {
        "generations": f"generation {done} was the last asked for",
        "target": f"the target of {run.config.target} is reached",
        "patience": f"no new best for {run.config.patience} generations",
        "budget": "the budget is spent; resume with a larger --budget to go on",
        "extinct": "no policy of the first population is one that could have children",
    }
    return reasons.get(run.stop or "", f"{done} of {run.asked} generations are done")
