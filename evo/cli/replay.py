"""`evo replay`: whether a saved run comes out the same again, and what its policies are worth elsewhere.

Reads the run and changes nothing; nobody is called, and no key is needed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from evo.cli import INTERRUPTED
from evo.cli.bar import Bar, followed
from evo.cli.console import NOTHING, cut, messages, number, results, table, write_json
from evo.cli.options import Json, Populations, RunName, Top, Workers, suite_option
from evo.cli.protection import warn_of_missing
from evo.cli.words import completions, failures, individual_json, named, origin, outcome
from evo.fame import hall_of_fame
from evo.metric import Metric, Metrics
from evo.population import Failure, Individual
from evo.saved import Run, read_run

if TYPE_CHECKING:
    from evo.evolution import Event
    from evo.replaying import Replayed

DIFFERS = 1

Elsewhere = Annotated[
    str | None, suite_option("Score the run's policies anew, on these traces.", "the run's own")
]
Otherwise = Annotated[
    Metric | None,
    typer.Option(
        "--metric",
        "-m",
        help="Score the run's policies anew, by this metric.",
        show_default="the run's own",
    ),
]


def replay(
    name: RunName,
    suite: Elsewhere = None,
    metric: Otherwise = None,
    top: Top = None,
    workers: Workers = None,
    as_json: Json = False,
    populations: Populations = None,
) -> None:
    """Live a run once more from its own folder, and compare: every file must come out the same, to the byte.

    The run begins anew in a folder for the moment, with its own suite, prompts, first population and saved answers.
    Nobody is called, and no key or network is needed. What the user asked for on the way (more generations, another
    budget) is asked for at the same places. A run that isn't finished is replayed up to its last record. A failure that
    depends on the machine, such as too many seconds, is taken from the record, and so is an answer.

    With `--suite` or `--metric` nothing is searched: every policy of the run is scored there as it is, by today's
    simulator, and the hall of fame is shown as it would be, with the place and value that each had in the run.

    Exits with 0 if the replay is identical, 1 if it differs, 2 if the run can't be read or lacks an answer.

        $ evo replay quick-penalized-1
        $ evo replay quick-penalized-1 --suite paper
        $ evo replay quick-penalized-1 --metric throughput --json
    """
    run = read_run(populations, name)
    warn_of_missing()
    try:
        if suite is not None or metric is not None:
            _rescore(run, suite, metric or run.config.metric, top, workers, as_json=as_json)
            return
        with closing(_steps(run, workers)) as steps:
            outcome = _watched(run, steps)
    except KeyboardInterrupt:
        messages().print(f"Interrupted; '{name}' is as it was.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        write_json(_verdict_json(run, outcome))
    else:
        results().print("\n".join(_verdict(run, outcome)), soft_wrap=True)
    if outcome.difference is not None:
        raise typer.Exit(DIFFERS)


def _steps(run: Run, workers: int | None) -> Generator[Event, None, Replayed]:
    from evo.replaying import replay

    return replay(run.folder.parent, run.name, workers)


def _watched(run: Run, steps: Generator[Event, None, Replayed]) -> Replayed:
    from evo.cli.live import Live

    messages().print(f"Replaying '{run.name}': {len(run.individuals)} individuals.")
    with Live(messages(), run.config, None, run.asked) as live:
        return followed(steps, live.draw)


def _verdict(run: Run, outcome: Replayed) -> Iterator[str]:
    """What came of it, line by line."""
    if outcome.difference is None:
        yield f"identical: {outcome.individuals} individuals, {outcome.answers} answers"
    else:
        where = outcome.difference
        yield f"differs: {run.folder / where.file}: line {where.line}"
        yield f"  saved: {where.saved}"
        yield f"  now:   {where.now}"
    if outcome.given:
        yield f"failures taken from the record, since they depend on the machine: {outcome.given}"
    if outcome.unused:
        yield f"answers not needed, such as those for children that the run hasn't come to: {outcome.unused}"


def _verdict_json(run: Run, outcome: Replayed) -> dict[str, Any]:
    where = outcome.difference
    return {
        "run": run.name,
        "identical": where is None,
        "individuals": outcome.individuals,
        "answers": outcome.answers,
        "given": outcome.given,
        "unused": outcome.unused,
        "difference": where
        and {"file": where.file, "line": where.line, "saved": where.saved, "now": where.now},
    }


def _rescore(
    run: Run, suite: str | None, metrics: Metrics, top: int | None, workers: int | None, *, as_json: bool
) -> None:
    from evo.rescoring import rescored, suite_for

    traces = suite_for(run, suite)
    messages().print(f"Scoring the policies of '{run.name}' on {traces.name}, {named(metrics)}.")
    scored = list(_counted(rescored(run, traces, metrics, workers), len(run.individuals)))
    before = {one.id: one for one in run.individuals}
    ranks = {one.id: rank for rank, one in enumerate(run.hall_of_fame(len(run.individuals)), start=1)}
    best = hall_of_fame(scored, top or run.config.hall_of_fame)
    if as_json:
        write_json(
            [
                {"rank": rank, **individual_json(one), "was": _was(before[one.id], ranks.get(one.id))}
                for rank, one in enumerate(best, start=1)
            ]
        )
        return
    kinds: dict[str, int] = {}
    for one in scored:
        if isinstance(one.outcome, Failure):
            kinds[one.outcome.kind.value] = kinds.get(one.outcome.kind.value, 0) + 1
    if best:
        results().print(_table(best, before, ranks))
    else:
        results().print("No policy of it has a fitness there.")
    messages().print(f"Scored {len(scored)}; failed: {failures(kinds)}.")


def _counted(scored: Iterator[Individual], total: int) -> Iterator[Individual]:
    """The same, counted where somebody looks on."""
    with Bar(messages()) as bar:
        for count, one in enumerate(scored, start=1):
            bar.show(count, total, f"{count} of {total} scored")
            yield one


def _table(best: list[Individual], before: dict[str, Individual], ranks: dict[str, int]) -> Table:
    heads = [metric.head for one in best[:1] if one.fitness is not None for metric in one.fitness.values]
    numbers = ("", "id", *heads, "q/i/b %", "was", "at")
    rows = table(*numbers, "from", right=numbers)
    for rank, one in enumerate(best, start=1):
        assert one.fitness is not None
        rows.add_row(
            str(rank),
            one.id,
            *map(number, one.fitness.values.values()),
            completions(one.fitness),
            str(ranks.get(one.id, NOTHING)),
            _standing(before[one.id]) if before[one.id].fitness is None else outcome(before[one.id]),
            cut(origin(one)),
        )
    return rows


def _standing(one: Individual) -> str:
    """Why an individual has no fitness in its own run, in a word."""
    return "failed" if isinstance(one.outcome, Failure) else "stopped"


def _was(one: Individual, rank: int | None) -> dict[str, Any]:
    """The place and value that an individual has in its own run."""
    fitness = one.fitness
    return {
        "rank": rank,
        "metric": fitness and fitness.metric.value,
        "value": fitness and fitness.value,
    }
