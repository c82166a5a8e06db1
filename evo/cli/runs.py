"""`evo list` and `evo hof`: which runs are saved, and the best that a run has found.

Both read runs that others may be writing at this moment, and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from evo.cli.console import NOTHING, cut, messages, number, results, table, write_json
from evo.cli.options import Json, Populations, RunName
from evo.cli.words import HEADS, completions, improvement, individual_json, measure, origin, percent
from evo.errors import RunError
from evo.population import Individual, Metric
from evo.runfolder import list_runs
from evo.runfolder import populations as folder_of
from evo.saved import Run, read_run
from evo.shipped import read_policy, stock_policies

REFERENCES = ("naive", "priority")
"""The stock policies that a run is compared with: FIFO, and the best known by hand."""

Top = Annotated[
    int | None, typer.Option("--top", "-n", min=1, help="How many.", show_default="the run's own")
]


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
    rows = table("name", "suite", "metric", "generation", "best", "state", right=("generation", "best"))
    for run in found:
        rows.add_row(*_row(run))
    results().print(rows)


def hof(name: RunName, top: Top = None, as_json: Json = False, populations: Populations = None) -> None:
    """Show a run's hall of fame: its best policies, best first, without twins.

    Beside each stands how many percent of the queries, interactive and batch pipelines it completed: a metric can be
    won by starving a class.

        $ evo hof quick-latency-1
        $ evo hof quick-latency-1 --top 3 --json
    """
    run = read_run(populations, name)
    best = run.hall_of_fame(top)
    if as_json:
        write_json([{"rank": rank, **individual_json(one)} for rank, one in enumerate(best, start=1)])
    elif best:
        results().print(fame_table(run, best, references(run)))
    else:
        messages().print(f"No policy of '{name}' has a fitness yet.")


def fame_table(run: Run, best: Sequence[Individual], known: Mapping[str, float | None]) -> Table:
    """The hall of fame with each policy's improvement over those of which the fitness is `known`."""
    metric = run.config.metric
    compared = {name: reference for name, reference in known.items() if reference is not None}
    numbers = ("", "id", HEADS[metric], *(f"vs {name}" for name in compared), "q/i/b done %")
    rows = table(*numbers, "from", right=numbers)
    for rank, one in enumerate(best, start=1):
        assert one.fitness is not None
        gains = [
            percent(improvement(one.fitness.value, reference, metric)) for reference in compared.values()
        ]
        fitness = number(one.fitness.value)
        rows.add_row(str(rank), one.id, fitness, *gains, completions(one.fitness), cut(origin(one)))
    return rows


def references(run: Run) -> dict[str, float | None]:
    """The fitness, None for a failure, of those policies to compare with that the run itself has scored."""
    from evo.policy import parse

    programs = {name: parse(read_policy(stock_policies()[name])).hash for name in REFERENCES}
    scored = {one.policy.hash: None if one.fitness is None else one.fitness.value for one in run.individuals}
    return {name: scored[program] for name, program in programs.items() if program in scored}


def _summary(root: Path | None, name: str) -> dict[str, Any]:
    """One run as JSON; one that can't be read is listed with what is wrong, so that it hides no other."""
    try:
        run = read_run(root, name)
    except RunError as error:
        return {"name": name, "state": "damaged", "error": str(error)}
    best = next(iter(run.hall_of_fame(1)), None)
    return {
        "name": name,
        "suite": run.config.suite,
        "metric": run.config.metric.value,
        "generations": {"done": max(len(run.generations) - 1, 0), "asked": run.asked},
        "best": best and {"id": best.id, "fitness": best.fitness and best.fitness.value},
        "state": _state(run),
        "stop": run.stop,
    }


def _state(run: Run) -> str:
    if run.stop is not None:
        return "finished"
    return "running" if run.in_use else "interrupted"


def _row(run: dict[str, Any]) -> list[str]:
    if "error" in run:
        return [run["name"], "", "", "", "", f"damaged: {run['error']}"]
    done, best = run["generations"], run["best"]
    value = measure(best["fitness"], Metric(run["metric"])) if best else NOTHING
    stop = f" ({run['stop']})" if run["stop"] else ""
    return [
        run["name"],
        run["suite"],
        run["metric"],
        f"{done['done']}/{done['asked']}",
        value,
        f"{run['state']}{stop}",
    ]
