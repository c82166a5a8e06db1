"""`evo show`, `evo diff`, `evo lineage`: one policy of a run, what was changed in it, and its family.

All of them read a saved run, also one that is being written, and change nothing.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import unified_diff
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from evo.cli.console import NOTHING, messages, number, results, table, visible
from evo.cli.options import IndividualId, Populations, RunName
from evo.cli.words import measure, origin, outcome, printed, times
from evo.errors import InputError, RunError
from evo.metric import CLASSES
from evo.population import Failure, Fitness, Individual, Partial
from evo.saved import Run, read_run

if TYPE_CHECKING:
    from rich.tree import Tree

Plain = Annotated[
    bool, typer.Option("--plain", help="The source text alone, as it is; also without a terminal.")
]
Other = Annotated[
    str | None, typer.Argument(metavar="[B]", help="What to compare with.", show_default="A's first parent")
]

SHORTEST_HASH = 4
"""Characters of a hash that name a policy; fewer would be taken for a mistyped number."""


def show(
    name: RunName, individual: IndividualId, plain: Plain = False, populations: Populations = None
) -> None:
    """Show a policy of a run: where it comes from, its fitness on each trace, its source.

    On a pipe only the source is written, so that it can be saved or compared; `evo export` makes a file that
    Eudoxia runs.

        $ evo show quick-penalized-1 best
        $ evo show quick-penalized-1 17
        $ evo show quick-penalized-1 3f9a --plain | less
    """
    from rich.syntax import Syntax

    run = read_run(populations, name)
    one = find(run, individual)
    console = results()
    source = visible(one.policy.source) if console.is_terminal else one.policy.source
    if plain or not console.is_terminal:
        typer.echo(
            source, nl=not source.endswith("\n"), color=True
        )  # as it is, also what looks like a colour
        return
    console.print(_facts(run, one))
    console.print(Syntax(source, "python", line_numbers=True, word_wrap=True, theme="ansi_dark"))
    messages().print(
        f"Next: evo diff {name} {one.id} · evo lineage {name} {one.id} · evo export {name} {one.id} -o policy.py"
    )


def diff(name: RunName, left: IndividualId, right: Other = None, populations: Populations = None) -> None:
    """Show what was changed: a unified diff from B, or from A's first parent, to A.

    $ evo diff quick-penalized-1 best
    $ evo diff quick-penalized-1 17 3
    """
    run = read_run(populations, name)
    new = find(run, left)
    if right is None and not new.lineage.parents:
        raise InputError(
            f"{left} has no parent in '{name}'; name what to compare it with: evo diff {name} {left} ID"
        )
    old = find(run, right if right is not None else new.lineage.parents[0])
    before, after = (one.policy.source.splitlines() for one in (old, new))
    lines = list(unified_diff(before, after, f"{name}/{old.id}", f"{name}/{new.id}", lineterm=""))
    if not lines:
        messages().print(f"{old.id} and {new.id} have the same source.")
        return
    console = results()
    for line in lines:
        if console.is_terminal:
            console.print(Text(visible(line), _style(line)), soft_wrap=True)
        else:
            typer.echo(line, color=True)


def lineage(name: RunName, individual: IndividualId, populations: Populations = None) -> None:
    """Show the family tree of a policy, from it back to its first ancestors.

    Under each policy stands its parent; the second parent of a crossover, and whoever came before that one, hangs
    below the child.

        $ evo lineage quick-penalized-1 best
    """
    run = read_run(populations, name)
    results().print(_tree(run, find(run, individual)))


def find(run: Run, name: str) -> Individual:
    """The individual of that number, `best`, or the only one whose hash begins so; raises RunError."""
    if name == "best":
        best = run.hall_of_fame(1)
        if not best:
            raise RunError(f"no policy of '{run.name}' has a fitness yet, so there is no best")
        return best[0]
    alike = [one for one in run.individuals if one.policy.hash.startswith(name.lower())]
    if name in {one.id for one in run.individuals} or len(name) < SHORTEST_HASH or not alike:
        return run.individual(name)
    if len({one.policy.hash for one in alike}) > 1:
        ids = ", ".join(one.id for one in alike[:5])
        raise RunError(
            f"'{name}' begins the hash of several policies ({ids}); give more of it, or the number"
        )
    return alike[0]


def _style(line: str) -> str:
    if line.startswith(("+++", "---")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")


def _facts(run: Run, one: Individual) -> RenderableType:
    gap = run.optimality(one)
    bound = "" if gap is None else f" · vs bound {times(gap)}"
    lines: list[RenderableType] = [
        Text(f"{run.name}/{one.id}", "bold"),
        Text(
            f"{outcome(one)}{bound} · generation {one.generation} · key {one.policy.key or NOTHING} · "
            f"hash {one.policy.hash[:12]}"
        ),
        Text(f"from {origin(one)}"),
    ]
    if isinstance(one.outcome, Failure):
        lines += [Text(line) for line in printed(one.outcome)]
    else:
        lines.append(traces_table(one.outcome))
    if isinstance(one.outcome, Partial):
        lines.append(Text(_why_stopped(one.outcome)))
    selection = run.selections.get(one.number)
    if selection is not None:
        lines.append(Text(f"on the selection traces: {outcome(replace(one, outcome=selection))}"))
    if isinstance(selection, Fitness):
        lines.append(traces_table(selection))
    return Group(*lines)


def _why_stopped(partial: Partial) -> str:
    """What was certain when a policy was stopped, in full sentences."""
    best, least = (measure(value, partial.metric) for value in (partial.at_best, partial.hurdle))
    traces = "trace" if partial.left == 1 else "traces"
    return (
        f"It was not run on {partial.left} more {traces}, where the bounds that no policy gets past would have given it "
        f"a median of {best} at best. That is no better than {least}, the worst of those that it had to displace: all "
        "who lived when its parents were chosen. So it couldn't have lived on, whatever it did there."
    )


def traces_table(outcome: Fitness | Partial) -> RenderableType:
    """A fitness trace by trace, or as much of it as there is."""
    metrics = outcome.values if isinstance(outcome, Fitness) else (outcome.metric,)
    numbers = (*(metric.head for metric in metrics), *CLASSES)
    rows = table("trace", *numbers, right=numbers)
    for score in outcome.per_trace:
        classes = [f"{done}/{arrived}" for done, arrived in (score.query, score.interactive, score.batch)]
        rows.add_row(score.trace, *map(number, (score.value, *score.beside)), *classes)
    return rows


def _tree(run: Run, root: Individual) -> Tree:
    """The ancestors: each line is followed by its first parent, and a second parent's line hangs below its child.

    Depth thus grows with crossovers only. A loop, since a family may be deeper than Python's stack.
    """
    from rich.tree import Tree

    by_id = {one.id: one for one in run.individuals}
    trunk = Tree("", hide_root=True)
    told: set[str] = set()
    waiting = [(trunk, root)]
    while waiting:
        branch, one = waiting.pop()
        if one.id in told:
            branch.add(f"{one.id}  (see above)")
            continue
        told.add(one.id)
        twig = branch.add(_person(one))
        first, *others = dict.fromkeys(one.lineage.parents) or [None]
        if first is not None:
            waiting.append((branch, by_id[first]))
        waiting += [(twig, by_id[other]) for other in reversed(others) if other is not None]
    return trunk


def _person(one: Individual) -> str:
    return f"{one.id}  {outcome(one)}  {origin(one)}"
