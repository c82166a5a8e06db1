"""`evo export`: a policy leaves its run as a module that upstream Eudoxia runs as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evo.cli.console import messages, results, visible
from evo.cli.evidence import evidence
from evo.cli.files import check_free, write_file
from evo.cli.individuals import find
from evo.cli.options import Force, IndividualId, Populations, RunName
from evo.errors import InputError
from evo.population import Individual
from evo.printable import printable
from evo.saved import Run, read_run

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Where to; `-` or nothing is stdout.", show_default="stdout"
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key", help="The name under which it registers.", show_default="its own, made unlike upstream's"
    ),
]


def export(
    name: RunName,
    individual: IndividualId,
    output: Output = None,
    key: Key = None,
    force: Force = False,
    populations: Populations = None,
) -> None:
    """Write a policy as a module of its own, with the imports that Eudoxia needs.

    A comment on top is its evidence: its run, its ancestors, what it reached on each trace, how far that is from the
    bound, what `evo validate` found, and the commands that check the run and make it again. Import the module before
    Eudoxia's run_simulator, and name its key as the scheduler_algo.

        $ evo export quick-penalized-1 best -o policy.py
        $ evo export quick-penalized-1 17 --key my_scheduler -o policy.py --force
    """
    from evo.policy import parse, rename_key, standalone

    target = None if output is None or str(output) == "-" else output
    if target is not None:
        check_free(target, force=force)
    run = read_run(populations, name)
    one = find(run, individual)
    if one.policy.refused:
        raise InputError(
            f"policy {one.id} of '{name}' was refused and is no policy; `evo show {name} {one.id} --plain` gives its text"
        )
    text = _header(run, one) + standalone(one.policy if key is None else rename_key(one.policy, key))
    if target is None:
        typer.echo(visible(text) if results().is_terminal else text, nl=False, color=True)
        return
    write_file(target, text)
    messages().print(
        f"{target}: policy {one.id} of '{name}', registered as '{parse(text, trusted=True).key}'."
    )


def _header(run: Run, one: Individual) -> str:
    """Where the policy comes from, as comments; the first two lines are fixed, since Python may read them."""
    facts = ("A scheduling policy found by evo.", "", *evidence(run, one))
    return "".join(f"# {printable(fact)}".rstrip() + "\n" for fact in facts) + "\n"
