"""`evo run` and `evo resume`: watch a search, and say at its end what was found and what to type next.

The search is an iteration over what is saved already; leaving it, by Ctrl-C or by an error, loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from evo.cli import INTERRUPTED
from evo.cli.console import messages
from evo.cli.ending import conclude
from evo.cli.options import ConfigFile, Populations, RunName, Workers
from evo.cli.protection import warn_of_missing
from evo.cli.search_options import (
    Batch,
    Budget,
    Children,
    Effort,
    Evaluations,
    Generations,
    InFlight,
    Init,
    Models,
    ModelsPolicy,
    More,
    NewName,
    Objective,
    Overlap,
    Patience,
    Population,
    Seed,
    Settings,
    Share,
    Strategy,
    Style,
    Suite,
    Target,
    Tournament,
)
from evo.cli.spending import bill, calling, tell_costs
from evo.cli.words import named
from evo.config import RunConfig, assigned, read_config
from evo.errors import InputError
from evo.runfolder import populations as folder_of
from evo.saved import Run, read_run

if TYPE_CHECKING:
    from evo.evolution import Event


def run(
    name: NewName = None,
    config: ConfigFile = None,
    suite: Suite = None,
    metric: Objective = None,
    generations: Generations = None,
    evaluations: Evaluations = None,
    population: Population = None,
    children: Children = None,
    tournament: Tournament = None,
    seed: Seed = None,
    workers: Workers = None,
    init: Init = None,
    target: Target = None,
    patience: Patience = None,
    overlap: Overlap = None,
    settings: Settings = None,
    models: Models = None,
    model_share: Share = None,
    models_policy: ModelsPolicy = None,
    strategy: Strategy = None,
    answer: Style = None,
    effort: Effort = None,
    batch: Batch = None,
    budget: Budget = None,
    in_flight: InFlight = 4,
    populations: Populations = None,
) -> None:
    """Evolve a population of policies; no key and no network are needed.

    Everything is saved as it happens: Ctrl-C stops the run, and `evo resume` goes on exactly where it stood. Equal
    seeds and settings give equal runs, for any number of workers.

    A file given to `--init` that is no policy, or uses what is forbidden, is named and counts as a failure; the run
    goes on with the others. Exits with 0 when the search has ended, also if no policy of it has a fitness, which is
    then said; 2 if something about the input is wrong.

    With several metrics the search is for a Pareto front: policies that no other leaves behind in everything. What is
    best of it, and what `--target` refers to, goes by the first one.

    With `--model` a share of the children is written by language models, whose keys are in the environment or a file
    .env here. Every answer is saved before it is used and never paid for twice; without `--model` nobody is asked.

        $ evo run
        $ evo run --suite paper --metric throughput --generations 30 --seed 7
        $ evo run --metric latency --metric throughput
        $ evo run --name mine --init my-policies/ --target gap=1.2
        $ evo run --config experiment.toml --workers 1
        $ evo run --model claude-sonnet-5-5 --model openai:gpt-6.1-terra=0.3 --budget 5
    """
    given = _given(locals())
    import evo
    from evo.consulting import check

    asked = read_config(config, given)
    check(asked)
    chosen = name or _free_name(populations, asked)
    _announce(chosen, asked)
    events = evo.evolve(asked, name=chosen, root=populations, workers=workers, calling=calling(in_flight))
    _watch(events, asked, chosen, populations, done=None, asked=asked.generations)
    conclude(read_run(populations, chosen), workers)


def resume(
    name: RunName,
    generations: More = None,
    budget: Budget = None,
    in_flight: InFlight = 4,
    workers: Workers = None,
    populations: Populations = None,
) -> None:
    """Go on with a saved run, exactly as if it had never stopped.

    It does what was left of the generations asked for, and more if you say so. A run that had come to its target or
    its number of evaluations, or lost its patience, goes on from there; one that had spent its budget does with a larger one.

        $ evo resume quick-penalized-1
        $ evo resume quick-penalized-1 --generations +5
        $ evo resume quick-penalized-1 --budget 20
    """
    import evo

    saved = read_run(populations, name)
    done = len(saved.generations) - 1
    asked = saved.asked if generations is None else _total(saved, generations)
    more = 0 if generations is None else asked - max(done, 0)
    if saved.stop is not None and not more and budget is None:
        messages().print(f"'{name}' has ended already.")
        conclude(saved, workers)
        return
    scored = len(saved.individuals)
    last = f"of {asked}" if scored >= (saved.config.evaluations or 0) else f"with {scored} policies scored"
    place = f"generation {done + 1} {last}" if more or done < saved.asked else "its end"
    messages().print(f"Resuming '{name}' at {place}.")
    warn_of_missing()
    manner = calling(in_flight)
    events = evo.resume(name, more=more, budget=budget, root=populations, workers=workers, calling=manner)
    _watch(
        events, saved.config, name, populations, done=None if done < 0 else done, asked=asked, scored=scored
    )
    conclude(read_run(populations, name), workers)


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, by their keys in a configuration, which are called the same."""
    flags = {key: options[key] for key in RunConfig.__struct_fields__ if options.get(key) not in (None, [])}
    return flags | _aim(flags.get("target")) | assigned(options["settings"] or (), "--set")


def _aim(target: str | None) -> dict[str, float | None]:
    """What `--target` says, by its key in a configuration."""
    if target is None:
        return {}
    key, number = ("gap", target[4:]) if target.startswith("gap=") else ("target", target)
    try:
        return {"target": None, key: float(number)}
    except ValueError:
        raise InputError(
            f"--target {target}: give a value of the metric, or gap=TIMES, such as gap=1.2"
        ) from None


def _announce(name: str, settings: RunConfig) -> None:
    """Say what is about to be done, with what protection, and for how much money."""
    many = settings.evaluations
    length = f"{settings.generations} generations" if many is None else f"{many} evaluations in generations"
    messages().print(
        f"Run '{name}': suite {settings.suite}, {named(settings.metric)}, seed {settings.seed}, "
        f"{length} of {settings.children} children. Ctrl-C stops it, nothing is lost.",
    )
    warn_of_missing()
    tell_costs(settings)


def suite_and_metric(config: RunConfig) -> str:
    """What something on this suite by this metric may be called, so that it can be a folder's name."""
    suite = re.sub(r"[^A-Za-z0-9]+", "-", Path(config.suite).stem).strip("-")[:40] or "suite"
    return "-".join([suite, *(metric.value for metric in config.metrics)])[:56].rstrip("-")


def _free_name(root: Path | None, config: RunConfig) -> str:
    """The first of SUITE-METRIC-1, -2, … that is not taken; it is short enough for a name."""
    stem = suite_and_metric(config)
    number = 1
    while (folder_of(root) / f"{stem}-{number}").exists():
        number += 1
    return f"{stem}-{number}"


def _total(run: Run, wanted: str) -> int:
    """Generations in all that `+G` or `G` asks for; raises InputError if that makes no sense."""
    done = max(len(run.generations) - 1, 0)
    if not re.fullmatch(r"\+?[0-9]{1,7}", wanted):
        raise InputError(f"--generations {wanted}: give +G for G more generations, or G for G in all")
    # After an early end, "more" is counted from there; otherwise from what is still to come.
    total = int(wanted) + ((done if run.stop is not None else run.asked) if wanted.startswith("+") else 0)
    least = done if run.stop is not None else run.asked
    if total < least:
        raise InputError(f"--generations {wanted}: '{run.name}' is at {least} already; give +G for G more")
    return total


def _watch(
    events: Iterator[Event],
    config: RunConfig,
    name: str,
    root: Path | None,
    done: int | None,
    asked: int,
    scored: int = 0,
) -> None:
    from evo.cli.live import Live

    try:
        spent = bill(root, name) if config.models else None
        with (
            Live(messages(), config, done, asked, spent, scored) as live,
            closing(_as_generator(events)) as steps,
        ):
            for event in steps:
                live.draw(event)
    except KeyboardInterrupt:
        _stop(name, root)


def _as_generator(events: Iterator[Event]) -> Generator[Event]:
    yield from events


def _stop(name: str, root: Path | None) -> NoReturn:
    if (folder_of(root) / name).is_dir():
        messages().print(f"Interrupted; all that was scored is saved. To go on:\n  evo resume {name}")
    else:
        messages().print("Interrupted before the run had begun; nothing was saved.")
    raise typer.Exit(INTERRUPTED)
