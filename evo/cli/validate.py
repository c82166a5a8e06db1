"""`evo validate`: policies on traces that nobody bred or chose them by, and on those traces disturbed.

The run is only read; that its sealed traces were looked at is recorded before anything is shown.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo.cli.bar import Bar
from evo.cli.console import messages
from evo.cli.options import Json, Plot, Populations, Traces, Workers, suite_option
from evo.cli.protection import warn_of_missing
from evo.config import RunConfig
from evo.errors import InputError
from evo.metric import Metric
from evo.population import Failure
from evo.runfolder import list_runs
from evo.saved import read_run
from evo.shipped import policy_file, stock_policies

if TYPE_CHECKING:
    from evo.validation.validating import Task, Validation

Name = Annotated[
    str, typer.Argument(metavar="NAME|POLICY", help="A run's name, a policy's file, or a stock policy.")
]
SuiteName = Annotated[
    str | None, suite_option("Its test traces, in place of the run's.", "the run's, or quick")
]
Top = Annotated[int, typer.Option("--top", "-n", min=1, help="How many of the run's best.")]
MetricName = Annotated[
    Metric | None, typer.Option("--metric", "-m", help="What counts.", show_default="the run's, or penalized")
]
Plain = Annotated[bool, typer.Option("--plain", help="The traces as they are: leave out the disturbances.")]

FAILED = 1


def validate(
    name: Name,
    suite: SuiteName = None,
    trace: Traces = None,
    top: Top = 5,
    metric: MetricName = None,
    plain: Plain = False,
    plot: Plot = None,
    workers: Workers = None,
    as_json: Json = False,
    populations: Populations = None,
) -> None:
    """Put a run's best policies, or one from a file, to the test on traces that nobody bred or chose them by.

    The hall of fame and all stock policies run on the test traces of the run's suite. Shown are medians with bootstrap
    intervals of 95 %, differences from stock policies trace by trace, what is completed of each class, the slowest 1 %,
    kills for want of memory, waste, and how far it is to the proven bound, where one is known. Who starves a class, or
    owes its fitness to the train traces, is named.

    The test traces of a run are sealed: each look at them is recorded in the run's folder, since whoever looks often
    chooses by them. With `--suite` or `--trace` others are taken, and nothing is recorded.

    Then the first of the policies meets the same work disturbed: other arrival times, 0.5 to 2 times the load, other
    clusters, and noise in estimates if it reads any. It breaks where it fails, or falls behind `priority` though it was
    ahead of it. `--plain` leaves that out.

    Exits with 1 if the first of the policies fails.

        $ evo validate quick-penalized-1
        $ evo validate quick-penalized-1 --suite paper --top 1 --plot where-it-breaks.svg
        $ evo validate policy.py --trace monday.csv --trace tuesday.csv --plain --json
    """
    from evo.cli.validation_json import write
    from evo.cli.validation_words import tell
    from evo.validation.validating import Elsewhere, of_policy, of_saved

    if plot is not None:
        from evo.cli.plots import check_drawable

        check_drawable(plot)
    saved = name in list_runs(populations)
    elsewhere = Elsewhere(suite, trace or ())
    if saved:
        task = of_saved(read_run(populations, name), elsewhere, top, metric, workers)
    else:
        task = of_policy(_file(name, populations), elsewhere, metric or RunConfig().metrics[0], workers)
    warn_of_missing()
    found = _waited_for(replace(task, plain=plain))
    if as_json:
        write(found)
    else:
        tell(found)
    if plot is not None:
        from evo.cli.validation_plot import draw

        draw(found, plot)
        messages().print(f"{plot}: drawn.", soft_wrap=True)
    if isinstance(found.judgement.standings[0].outcome, Failure):
        raise typer.Exit(FAILED)


def _file(name: str, populations: Path | None) -> Path:
    """The policy of that name; raises InputError that speaks of runs, too."""
    if Path(name).exists() or name in stock_policies():
        return policy_file(name)
    near = difflib.get_close_matches(name, [*list_runs(populations), *stock_policies()], n=1)
    hint = f"did you mean '{near[0]}'?" if near else "see `evo list` for the runs"
    raise InputError(f"{name}: no saved run, no policy's file and no stock policy ({hint})")


def _waited_for(task: Task) -> Validation:
    """What comes of a validation, with a bar while it is under way."""
    from evo.validation.validating import Validation, validated

    with Bar(messages()) as bar:
        for event in validated(task):
            if isinstance(event, Validation):
                return event
            bar.show(event.done, event.total, event.words)
    raise AssertionError("a validation ends with what came of it")
