"""`evo bench`: the search against variants of itself, at equal evaluations, and what may be concluded.

Every run is a run like any other, in a folder of the bench's own; leaving it, by Ctrl-C or by an error, loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo.cli import INTERRUPTED
from evo.cli.console import messages, results, table, write_json
from evo.cli.options import ConfigFile, Json, Workers
from evo.cli.protection import warn_of_missing
from evo.cli.search import suite_and_metric
from evo.cli.search_options import Budget, InFlight, Models, Objective, Share, Suite
from evo.cli.spending import calling, tell_costs
from evo.config import read_config
from evo.runfolder import populations

if TYPE_CHECKING:
    from evo.bench.competing import Bench, Finished
    from evo.bench.standing import Standing
    from evo.saved import Run

Seeds = Annotated[
    int, typer.Option("--seeds", "-s", min=1, max=1000, help="Runs of each row, with the seeds 1 to N.")
]
Evaluations = Annotated[
    int, typer.Option("--evaluations", "-e", min=1, help="Policies scored in a run, failed ones included.")
]
Rows = Annotated[
    list[str] | None,
    typer.Option(
        "--row",
        "-r",
        metavar="NAME|'NAME: KEY=VALUE …'",
        help="A row beside those that are always there, or one of your own; may be given several times.",
        show_default="all, see `evo bench rows`",
    ),
]
Longer = Annotated[
    list[str] | None,
    typer.Option(
        "--longer",
        metavar="ROW=EVALUATIONS",
        help="Give a row evaluations of its own; may be given several times.",
        show_default="none",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="DIR",
        help="Where the runs are saved.",
        show_default="populations/bench-SUITE-METRIC-EVALUATIONS",
    ),
]


def bench() -> None:
    """Measure the search itself: variants of it side by side, on the same traces, with the same seeds.

    A change to the search is worth having if it wins here by more than chance.

        $ evo bench rows
        $ evo bench search --seeds 3 --evaluations 100 --row small --row no-crossover
    """


def rows(as_json: Json = False) -> None:
    """List the rows that `evo bench search` knows, and what each changes in the configuration.

    A row of your own is written the same way: a name, a colon, and keys of a run's configuration with their values.

        $ evo bench rows
        $ evo bench search --row "greedy: population=4 children=8"
    """
    from evo.bench.rows import ROWS

    if as_json:
        known = [{"row": row.name, "changes": dict(row.changes), "meaning": row.meaning} for row in ROWS]
        write_json(known)
        return
    shown = table("row", "changes", "meaning")
    for row in ROWS:
        changes = " ".join(f"{key}={value}" for key, value in row.changes.items())
        shown.add_row(row.name, changes, f"{row.meaning} (with --model)" if row.asks else row.meaning)
    results().print(shown)


def search(
    seeds: Seeds = 10,
    evaluations: Evaluations = 200,
    row: Rows = None,
    longer: Longer = None,
    suite: Suite = None,
    metric: Objective = None,
    config: ConfigFile = None,
    models: Models = None,
    model_share: Share = None,
    budget: Budget = None,
    in_flight: InFlight = 4,
    workers: Workers = None,
    folder: Folder = None,
    as_json: Json = False,
) -> None:
    """Run variants of the search with several seeds at equal evaluations, and say which differ by more than chance.

    The rows `default` (the configuration as it is) and `independent` (best of N) are always there, with `--model` also
    `chat`. For each row the table shows the best value at its end and on the way, as median and quartiles over the
    seeds; the mean of the best so far (`area`); its mean difference to `default` by seed, with the p-value of an exact
    two-sided sign-flip test; and after how many evaluations it came to where `default` ended.

    All of it is saved as it happens, each run where `evo show` can read it. Given again, the same command goes on where
    it was interrupted, and more seeds or rows only add what is missing. A run that was begun with other settings is
    never taken for one of these. With `--model` every run asks models, each within `--budget`; without it nobody does.

        $ evo bench search
        $ evo bench search --seeds 3 --row "greedy: population=4 children=8"
        $ evo bench search --evaluations 200 --longer independent=1000
        $ evo hof --populations populations/bench-quick-penalized-200 default-1
    """
    # An option is called what its key in a configuration is.
    options = locals()
    keys = ("suite", "metric", "models", "model_share", "budget")
    given = {key: options[key] for key in keys if options[key] not in (None, [])}
    base = read_config(config, given)
    place = folder or populations() / f"bench-{suite_and_metric(base)}-{evaluations}"

    from evo.bench.competing import Bench, entries
    from evo.bench.rows import chosen, lengthened
    from evo.bench.standing import standings

    taking_part = lengthened(chosen(row or (), asking=bool(base.models)), longer or ())
    made = entries(taking_part, config, given, evaluations)
    planned = Bench(place, made, seeds, workers, calling(in_flight))
    saved = planned.saved()
    _announce(planned, saved)
    try:
        finished = list(_watched(planned, saved))
    except KeyboardInterrupt:
        messages().print("Interrupted; all that was scored is saved. To go on, give the same command again.")
        raise typer.Exit(INTERRUPTED) from None
    _tell(planned, standings(finished, evaluations), evaluations, as_json=as_json)


def _announce(planned: Bench, saved: Mapping[str, Run]) -> None:
    console, config = messages(), planned.entries[0].config
    runs = len(planned.entries) * planned.seeds
    console.print(
        f"Bench: {len(planned.entries)} rows with {planned.seeds} seeds on {config.suite}, {config.metrics[0].value}; "
        f"{runs} runs in {planned.folder}, of which {_ended(saved)} are finished. Ctrl-C stops it, nothing is lost.",
        soft_wrap=True,
    )
    for entry in planned.entries:
        console.print(f"  {entry.row.name}: {entry.evaluations} evaluations, {entry.row.meaning}")
    warn_of_missing()
    if config.models:
        console.print("Each of these runs with models, such as the first:")
    tell_costs(config)


def _ended(saved: Mapping[str, Run]) -> int:
    return sum(run.stop is not None for run in saved.values())


def _watched(planned: Bench, saved: Mapping[str, Run]) -> Iterator[Finished]:
    """The runs as they are finished, shown as they come."""
    from evo.bench.competing import Finished
    from evo.cli.bench_live import BenchLive

    with BenchLive(messages(), planned, saved) as live, closing(planned.go_on(saved)) as steps:
        for step in steps:
            live.draw(step)
            if isinstance(step, Finished):
                yield step


def _tell(planned: Bench, found: Sequence[Standing], evaluations: int, *, as_json: bool) -> None:
    """How the rows stand, and how to read that."""
    from evo.cli.bench_table import explanation, standing_json, standings_table, unfinished

    config = planned.entries[0].config
    if as_json:
        write_json(
            {
                "suite": config.suite,
                "metric": config.metrics[0].value,
                "seeds": planned.seeds,
                "evaluations": evaluations,
                "folder": str(planned.folder),
                "rows": [standing_json(one) for one in found],
            }
        )
        return
    console = results()
    console.print(standings_table(found, evaluations, console))
    for line in (*unfinished(found), *explanation(found[0], evaluations)):
        messages().print(line, soft_wrap=True)
