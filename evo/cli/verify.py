"""`evo verify`: whether every score in a run's folder comes out of its sources and traces, on this machine, today.

Reads the run and changes nothing; nobody is called, and no key is needed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from evo.cli import INTERRUPTED
from evo.cli.bar import Bar, followed
from evo.cli.console import NOTHING, messages, one_line, results, table, write_json
from evo.cli.doctor import evo_version
from evo.cli.options import Json, Populations, RunName, Workers
from evo.cli.protection import warn_of_missing
from evo.simulator import SIMULATOR_VERSION

if TYPE_CHECKING:
    from evo.verify.scores import Verified

DIFFERS = 1
SHOWN = 40
"""Differences in the table; `--json` has all."""

Sample = Annotated[
    int | None,
    typer.Option(
        "--sample",
        metavar="N",
        min=1,
        help="Score only so many again: of the hall of fame, and spread over the others.",
        show_default="all",
    ),
]


def verify(
    name: RunName,
    sample: Sample = None,
    workers: Workers = None,
    as_json: Json = False,
    populations: Populations = None,
) -> None:
    """Recompute every score in a run's folder from its own sources and traces, and report any difference.

    Each policy is run again on the run's own traces, within its own limits, and must come to the same on each, to the
    last bit: values, completed pipelines, behaviour; a failure at the same tick and line. Sources must be what was saved,
    and who survived a generation must follow from the scores; the bounds that no fitness betters must be those of the
    traces, if the run was made by this version of evo. So an entry that was edited by hand is found. A policy that was
    stopped early is run on the traces that it had been run on. Failures that depend on the machine, such as too many
    seconds, are counted and not judged.

    `evo replay` lives the whole search again instead, and compares what was born.

    Exits with 0 if all is the same, 1 if something differs, 2 if the run can't be read, or its traces were changed.

        $ evo verify quick-penalized-1
        $ evo verify quick-penalized-1 --sample 20
        $ evo verify quick-penalized-1 --json
    """
    from evo.verify.scores import verified

    warn_of_missing()
    try:
        with closing(verified(populations, name, workers, sample)) as steps:
            outcome = _watched(name, steps)
    except KeyboardInterrupt:
        messages().print(f"Interrupted; '{name}' is as it was.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        write_json(_as_json(name, outcome))
    else:
        _tell(outcome)
    if outcome.differences:
        raise typer.Exit(DIFFERS)


def _watched(name: str, steps: Generator[tuple[int, int], None, Verified]) -> Verified:
    messages().print(f"Verifying '{name}': its policies are scored again, on its own traces.")
    with Bar(messages()) as bar:
        return followed(steps, lambda step: bar.show(*step, f"{step[0]} of {step[1]} outcomes"))


def _tell(outcome: Verified) -> None:
    console = results()
    for line in _versions(outcome):
        console.print(line, soft_wrap=True)
    if outcome.differences:
        console.print(_table(outcome))
        more = len(outcome.differences) - SHOWN
        if more > 0:
            console.print(f"… and {more} more; `--json` has all.")
    for line in _verdict(outcome):
        console.print(line, soft_wrap=True)


def _versions(outcome: Verified) -> Iterator[str]:
    """By whom the run was scored, if that is another than this."""
    saved = (outcome.header.evo, outcome.header.simulator)
    here = (evo_version(), SIMULATOR_VERSION)
    if saved != here:
        yield (
            f"scored by evo {saved[0]}, simulator {saved[1]}; this is evo {here[0]}, simulator {here[1]}: "
            "differences may come from that"
        )


def _table(outcome: Verified) -> Table:
    rows = table("of", "trace", "what", "saved", "now")
    for one in outcome.differences[:SHOWN]:
        values = (one_line(_shown(value)) for value in (one.saved, one.now))
        rows.add_row(f"{one.subject} {one.number}", one.trace or NOTHING, one.what, *values)
    return rows


def _shown(value: object) -> str:
    """A value as it is, to the last bit; a long digest by its beginning."""
    if isinstance(value, str) and len(value) == 64 and " " not in value:
        return f"{value[:12]}…"
    return str(value)


def _verdict(outcome: Verified) -> Iterator[str]:
    """What came of it, line by line."""
    judged = (
        f"{outcome.judged} outcomes of {outcome.individuals} individuals, {outcome.simulations} simulations"
    )
    if outcome.differences:
        spoilt = {(one.subject, one.number) for one in outcome.differences}
        yield f"differs: {_count(len(outcome.differences), 'value')} of {_count(len(spoilt), 'entry', 'entries')}; judged {judged}"
        if {one.subject for one in outcome.differences} == {"generation"}:
            yield "all scores are the same; only what is told of generations isn't what today's selection makes of them"
    else:
        yield f"the same: {judged}"
    if outcome.moods:
        yield f"not judged, since they depend on the machine: {outcome.moods}"
    if outcome.reworded:
        yield f"the same failures in other words, as another Python has them: {outcome.reworded}"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def _as_json(name: str, outcome: Verified) -> dict[str, Any]:
    return {
        "run": name,
        "same": not outcome.differences,
        "evo": {"saved": outcome.header.evo, "now": evo_version()},
        "simulator": {"saved": outcome.header.simulator, "now": SIMULATOR_VERSION},
        "individuals": outcome.individuals,
        "judged": outcome.judged,
        "simulations": outcome.simulations,
        "not_judged": outcome.moods,
        "reworded": outcome.reworded,
        "differences": [asdict(one) for one in outcome.differences],
    }
