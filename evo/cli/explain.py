"""`evo explain`: which parts of a policy earn its score, where it decides otherwise, and the shortest that does as well.

A run's folder is only read. What is found, `explained` puts into words.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo.cli.bar import Bar
from evo.cli.console import messages, one_line, results, visible, write_json
from evo.cli.files import check_free, write_file
from evo.cli.options import Force, Json, Populations, Workers, suite_option
from evo.cli.protection import warn_of_missing
from evo.cli.subject import Case, is_policy, of_policy, of_run
from evo.cli.words import failure, measure
from evo.errors import InputError
from evo.metric import Metric
from evo.population import Failure, Fitness
from evo.saved import read_run

if TYPE_CHECKING:
    from evo.cli.explained import Findings
    from evo.evaluation.evaluator import Evaluator
    from evo.explain.decisions import Divergence
    from evo.explain.effects import Effect
    from evo.explain.shrinking import Shrunk

Subject = Annotated[
    str, typer.Argument(metavar="NAME|POLICY", help="A run's name, or a policy's file or a stock policy.")
]
WhichOne = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]",
        help="Of a run: a policy's number, the beginning of its hash, or `best`.",
        show_default="best",
    ),
]
SuiteName = Annotated[str | None, suite_option("On what it is scored.", "the run's, or quick")]
MetricNames = Annotated[
    list[Metric] | None,
    typer.Option("--metric", "-m", help="What counts; may be given several times.", show_default="the run's"),
]
Shrink = Annotated[
    bool, typer.Option("--shrink", help="Find the shortest program that does as well, and nothing else.")
]
Tolerance = Annotated[
    float | None,
    typer.Option(
        "--tolerance",
        min=0.0,
        help="With --shrink: the share of its fitness by which it may be worse.",
        show_default="0.01",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="With --shrink: where to write it.", show_default="stdout"
    ),
]
Most = Annotated[int, typer.Option("--most", min=1, help="Changes tried at most.")]
Top = Annotated[int, typer.Option("--top", "-n", min=1, help="Rows of the table.")]

TOLERANCE = 0.01


def explain(
    name: Subject,
    individual: WhichOne = None,
    suite: SuiteName = None,
    metric: MetricNames = None,
    shrink: Shrink = False,
    tolerance: Tolerance = None,
    output: Output = None,
    force: Force = False,
    most: Most = 300,
    top: Top = 20,
    as_json: Json = False,
    workers: Workers = None,
    populations: Populations = None,
) -> None:
    """Explain a policy's score by experiment: which parts earn it, and where it decides unlike others.

    Each statement is left out, each condition decided for good or loosened, each number halved and doubled (small whole
    ones one less and one more), each of these alone, and every such policy is scored on the same traces. The table
    says what each part is worth; below it stands what could go without any effect.

    Then its first decision on each trace that is unlike that of its first parent, and of `priority`: what either of them
    started and suspended in that moment, and how it ended for both.

    With `--shrink` you get the shortest program instead that is no worse: parts are left out for as long as the fitness
    stays within the tolerance and nothing fails.

        $ evo explain quick-penalized-1 best
        $ evo explain policy.py --suite paper --metric throughput
        $ evo explain quick-penalized-1 17 --shrink -o short.py
    """
    from evo.cli.explained import findings_json, tell

    if not shrink and (tolerance is not None or output is not None):
        raise InputError("--tolerance and --output go with --shrink; add it, or leave them out")
    if output is not None:
        check_free(output, force=force)
    if individual is None and is_policy(name, populations):
        case = of_policy(name, suite, metric or ())
    else:
        case = of_run(read_run(populations, name), individual or "best", suite, metric or ())
    warn_of_missing()
    if shrink:
        first, last = _shrunk(case, TOLERANCE if tolerance is None else tolerance, workers)
        _give(case, first, last, output, as_json=as_json)
        return
    found = _findings(case, most, workers)
    if as_json:
        write_json(findings_json(case, found))
    else:
        tell(case, found, top)


def _scored(evaluator: Evaluator, case: Case) -> Fitness:
    (outcome,) = evaluator.evaluate([case.policy])
    if isinstance(outcome, Failure):
        raise InputError(
            f"{case.title} has no score on {case.suite.name} to explain: {failure(outcome)}; "
            "mend it, or give another --suite or --metric"
        )
    return outcome


def _findings(case: Case, most: int, workers: int | None) -> Findings:
    from evo.cli.explained import Findings
    from evo.evaluation.evaluator import Evaluator
    from evo.explain.effects import effects
    from evo.explain.perturbations import chosen, perturbations

    everything = perturbations(case.policy)
    trying = chosen(everything, most)
    found: list[Effect] = []
    with Bar(messages()) as bar:
        with Evaluator(case.suite, case.metrics, case.limits, workers) as evaluator:
            fitness = _scored(evaluator, case)
            for effect in effects(evaluator, fitness, trying):
                found.append(effect)
                bar.show(len(found), len(trying), f"{len(found)} of {len(trying)} changes scored")
        divergences = _divergences(case, workers, bar)
    return Findings(fitness, found, len(everything) - len(trying), divergences)


def _shrunk(case: Case, tolerance: float, workers: int | None) -> tuple[Shrunk, Shrunk]:
    """How it was, and the shortest that was found."""
    from evo.evaluation.evaluator import Evaluator
    from evo.explain.shrinking import shrink

    with Evaluator(case.suite, case.metrics, case.limits, workers) as evaluator, Bar(messages()) as bar:
        steps = shrink(evaluator, case.policy, _scored(evaluator, case), tolerance)
        first = last = next(steps)
        for last in steps:
            gone = first.lines - last.lines
            bar.show(gone, first.lines, f"{gone} of {first.lines} lines gone, {last.scored} programs scored")
    return first, last


def _divergences(case: Case, workers: int | None, bar: Bar) -> dict[str, list[Divergence]]:
    """Where decisions part on each trace, by rival."""
    from evo.evaluation import default_workers
    from evo.explain.decisions import divergence, recordings

    places = range(len(case.suite.traces))
    policies = [case.policy, *case.rivals.values()]
    runs = [(policy, place) for policy in policies for place in places]
    recorded = []
    with closing(recordings(runs, case.suite, case.limits, workers or default_workers())) as each:
        for one in each:
            recorded.append(one)
            bar.show(len(recorded), len(runs), f"{len(recorded)} of {len(runs)} runs recorded")
    by_policy = [recorded[k : k + len(places)] for k in range(0, len(recorded), len(places))]
    return {
        name: [
            divergence(case.suite, place, case.metrics, by_policy[0][place], theirs[place])
            for place in places
        ]
        for name, theirs in zip(case.rivals, by_policy[1:], strict=True)
    }


def _give(case: Case, first: Shrunk, last: Shrunk, output: Path | None, *, as_json: bool) -> None:
    """The shortest program, to where the user wants it."""
    from evo.cli.explained import shrunk_json

    text = "".join(f"# {one_line(line)}\n" for line in _header(case, first, last)) + "\n" + last.policy.source
    if output is not None:
        write_file(output, text)
    if as_json:
        write_json(shrunk_json(case, first, last, text))
    elif output is None:
        typer.echo(visible(text) if results().is_terminal else text, nl=False, color=True)
    where = f"{output}: " if output is not None else ""
    for line in (
        f"{where}{first.lines} lines of code are now {last.lines}.",
        *_header(case, first, last)[1:],
    ):
        messages().print(line, soft_wrap=True)


def _header(case: Case, first: Shrunk, last: Shrunk) -> list[str]:
    """Where a shrunk program comes from and what it still does."""
    return [
        f"What is left of {case.title}, shrunk from {first.lines} lines of code to {last.lines} by evo explain.",
        f"On {case.suite.name}: {_reached(last.fitness)}, before {_reached(first.fitness)}; {last.scored} programs scored.",
    ]


def _reached(fitness: Fitness) -> str:
    return ", ".join(f"{metric.value} {measure(value, metric)}" for metric, value in fitness.values.items())
