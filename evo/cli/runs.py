"""`evo list` and `evo hof`: which runs are saved, and the best that a run has found.

Both read runs that others may be writing at this moment, and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from evo.cli.console import NOTHING, cut, messages, number, results, table, write_json
from evo.cli.gaps import gap_cell, selection_cells, selection_json, tell_gaps
from evo.cli.options import Json, Populations, RunName, Top
from evo.cli.scatter import scatter
from evo.cli.words import (
    bounded,
    completions,
    improvement,
    individual_json,
    measure,
    origin,
    percent,
    starvation,
    times,
)
from evo.errors import RunError
from evo.metric import Metric
from evo.population import Fitness, Individual
from evo.runfolder import list_runs
from evo.runfolder import populations as folder_of
from evo.saved import Run, read_run
from evo.shipped import REFERENCES, read_policy, stock_policies
from evo.starving import starved

_WIDE = (130, 90)
"""A narrower window has no room for the comparison with FIFO, or with either."""


def list_saved(as_json: Json = False, populations: Populations = None) -> None:
    """List the saved runs: on what they were scored, how far they came, their best, and their state.

    A run is finished, running (another process is at it now) or interrupted; `evo resume` goes on with it.

        $ evo list
        $ evo list --json
    """
    names = list_runs(populations)
    found = [_summary(populations, name) for name in names]
    if as_json:
        write_json(found)
        return
    if not found:
        messages().print(f"No runs in {folder_of(populations)}. Begin one with `evo run`.")
        return
    numbers = ("generation", "best", "vs bound")
    rows = table("name", "suite", "metric", *numbers, "state", right=numbers)
    for run in found:
        rows.add_row(*_row(run))
    results().print(rows)


def hof(name: RunName, top: Top = None, as_json: Json = False, populations: Populations = None) -> None:
    """Show a run's hall of fame: its best policies, best first, without twins.

    Beside each stands how many percent of the queries, interactive and batch pipelines it completed: a metric can be
    won by starving a class.

    The members are the best on the train traces. At its end a run scores them on the suite's selection traces, if it
    has any, and they stand in the order of that. "overfit" is by how many percent more a policy loses from the train to
    the selection traces than the best stock policy of the run; "overfits?" marks one that is larger than chance among
    the traces explains.

    By several metrics it is the Pareto front of all that were ever born: for each policy on it no other is at least as
    good by all of them and better by one. It is in order of the first metric; of a larger front those are shown that
    lie furthest apart. By two metrics a picture is drawn.

        $ evo hof quick-penalized-1
        $ evo hof quick-penalized-1 --top 3 --json
    """
    run = read_run(populations, name)
    best = run.hall_of_fame(top)
    if as_json:
        write_json(
            [
                {
                    "rank": rank,
                    **individual_json(one),
                    **_optimality(run, one),
                    **selection_json(run, one),
                }
                for rank, one in enumerate(best, start=1)
            ]
        )
    elif best:
        tell_fame(run, best, references(run))
    else:
        messages().print(f"No policy of '{name}' has a fitness yet.")


def _optimality(run: Run, one: Individual) -> dict[str, float | None]:
    """By how many times its fitness misses the bound; nothing for a run that knows none."""
    return {"optimality": run.optimality(one)} if run.header.bounds else {}


def tell_fame(run: Run, best: Sequence[Individual], known: Mapping[str, Fitness | None]) -> None:
    """The hall of fame; for a single metric with each policy's improvement over those of which the fitness is `known`."""
    console = results()
    if len(run.config.metrics) == 1:
        compared = {name: one.value for name, one in known.items() if one is not None}
        for name, width in zip(REFERENCES, _WIDE, strict=True):
            if console.width < width:
                compared.pop(name, None)
        console.print(_fame_table(run, best, compared))
        if run.header.bounds and run.header.bounds[0] is not None:
            console.print(bounded(run.header.bounds[0], run.config.metrics[0]))
        _tell(run, best)
        return
    console.print(_fame_table(run, best, {}))
    _tell(run, best)
    whole = len(run.hall_of_fame(len(run.individuals)))
    shown = "" if whole == len(best) else f", {len(best)} of them above"
    console.print(f"Pareto front of {len(run.individuals)} policies: {whole}{shown}.", soft_wrap=True)
    if len(run.config.metrics) == 2:
        console.print("\n".join(["", *scatter(run.individuals, best)]), no_wrap=True)


def _tell(run: Run, best: Sequence[Individual]) -> None:
    """What is to be said of the best in sentences: whom the first starves, and who owes too much to the train traces."""
    founders = {
        one.lineage.detail: one.fitness
        for one in run.individuals
        if one.lineage.variation == "initial" and one.fitness is not None
    }
    assert best[0].fitness is not None
    for line in (*starvation(best[0].id, starved(best[0].fitness, founders)), *tell_gaps(run, best)):
        results().print(line, soft_wrap=True)


def _fame_table(run: Run, best: Sequence[Individual], compared: Mapping[str, float]) -> Table:
    first = best[0].fitness
    assert first is not None
    heads = [metric.head for metric in first.values]
    if run.selections:
        alone = len(first.values) == 1
        heads += ["selection" if alone else f"selection {metric.head}" for metric in first.values]
        heads.append("overfit")
    known = [f"vs {name}" for name in compared]
    if run.header.bounds:
        known.append("vs bound")
    numbers = ("", "id", *heads, *known, "q/i/b %")
    rows = table(*numbers, "from", right=numbers)
    for rank, one in enumerate(best, start=1):
        assert one.fitness is not None
        gains = [
            percent(improvement(one.fitness.value, reference, first.metric))
            for reference in compared.values()
        ]
        if run.header.bounds:
            gains.append(times(run.optimality(one)))
        values = [number(value) for value in one.fitness.values.values()]
        if run.selections:
            values += [*selection_cells(run, one), gap_cell(run, one)]
        rows.add_row(str(rank), one.id, *values, *gains, completions(one.fitness), cut(origin(one)))
    return rows


def references(run: Run) -> dict[str, Fitness | None]:
    """The fitness, None for a failure, of those policies to compare with that the run itself has scored."""
    from evo.policy import parse

    programs = {name: parse(read_policy(stock_policies()[name])).hash for name in REFERENCES}
    scored = {one.policy.hash: one.fitness for one in run.individuals}
    return {name: scored[program] for name, program in programs.items() if program in scored}


def _summary(root: Path | None, name: str) -> dict[str, Any]:
    """One run as JSON; one that can't be read is listed with what is wrong, so that it hides no other."""
    try:
        run = read_run(root, name)
    except RunError as error:
        return {"name": name, "state": "damaged", "error": str(error)}
    best = next(iter(run.hall_of_fame(1)), None)
    metric, *others = (one.value for one in run.config.metrics)
    fitness = best and best.fitness
    selection = best and run.selections.get(best.number)
    beside = {one.metric.value: one.value for one in fitness.beside} if fitness else {}
    return {
        "name": name,
        "suite": run.config.suite,
        "metric": metric,
        **({"beside": others} if others else {}),
        "generations": {"done": max(len(run.generations) - 1, 0), "asked": run.asked},
        "best": best
        and {
            "id": best.id,
            "fitness": fitness and fitness.value,
            **({"beside": beside} if beside else {}),
            **_optimality(run, best),
            **({"selection": selection.value} if isinstance(selection, Fitness) else {}),
        },
        "state": _state(run),
        "stop": run.stop,
    }


def _state(run: Run) -> str:
    if run.stop is not None:
        return "finished"
    return "running" if run.in_use else "interrupted"


def _row(run: dict[str, Any]) -> list[str]:
    if "error" in run:
        return [run["name"], "", "", "", "", "", f"damaged: {run['error']}"]
    done, best = run["generations"], run["best"]
    reached = {run["metric"]: best["fitness"], **best.get("beside", {})} if best else {}
    value = ", ".join(measure(each, Metric(name)) for name, each in reached.items()) or NOTHING
    stop = f" ({run['stop']})" if run["stop"] else ""
    return [
        run["name"],
        run["suite"],
        ", ".join([run["metric"], *run.get("beside", ())]),
        f"{done['done']}/{done['asked']}",
        value,
        times(best and best.get("optimality")),
        f"{run['state']}{stop}",
    ]
