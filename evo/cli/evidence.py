"""What an exported policy says of itself: the run, its ancestors, its score on each trace, and how to have all that again.

Plain lines of text, everything taken from the saved run; who writes them makes comments of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from textwrap import wrap

from evo.cli.console import number
from evo.cli.doctor import evo_version
from evo.cli.gaps import gap_cell
from evo.cli.words import failure, measure, origin, outcome, times
from evo.config import RunConfig
from evo.metric import CLASSES
from evo.population import Failure, Fitness, Individual, Partial
from evo.saved import Run
from evo.validation.looks import Seen, looks

_NAME = 9
"""Characters before what a line says."""

_WIDTH = 100

_GIVEN = ("metric", "suite", "seed", "generations")
"""Settings that have options of their own, and are given also where they are the defaults."""


def evidence(run: Run, one: Individual) -> Iterator[str]:
    """The lines, each a fact with its name before it."""
    header = run.header
    yield _fact("run", f"{run.name}, seed {run.config.seed}, evo {header.evo}, simulator {header.simulator}")
    yield from _wrapped("policy", f"{one.id}, hash {one.policy.hash}, from {origin(one)}")
    yield from _wrapped("lineage", "; ".join(map(_step, ancestors(run, one))))
    yield _fact("suite", f"{run.config.suite}, digest {header.suite}")
    if isinstance(one.outcome, Fitness):
        for metric, value in one.outcome.values.items():
            yield _fact(metric.value, measure(value, metric))
        yield from _bound(run, one)
    else:
        yield _fact(run.config.metrics[0].value, outcome(one))
    if not isinstance(one.outcome, Failure):
        yield from _scores(one.outcome)
    yield from _elsewhere(run, one)
    yield from _tested(run, one)
    yield _fact("check", f"evo verify {run.name}, where that run is saved")
    yield _fact("again", again(run))


def ancestors(run: Run, one: Individual) -> Sequence[Individual]:
    """The individual, its first parent, that one's first parent and so on, to one of the first population."""
    by_id = {each.id: each for each in run.individuals}
    line = [one]
    while line[-1].lineage.parents:
        line.append(by_id[line[-1].lineage.parents[0]])
    return line


def again(run: Run) -> str:
    """The command that makes the same run again; where that isn't enough, as with models, the one that replays it.

    It names what isn't the default, and defaults are those of this evo: for a run of another one it isn't enough.
    """
    config, given = run.config, dict(_lines(run.config))
    stretched = run.asked != config.generations and config.evaluations is not None
    if config.models or stretched or run.header.evo != evo_version():
        return f"evo replay {run.name}"
    usual = dict(_lines(RunConfig()))
    metrics = " ".join(f"--metric {metric.value}" for metric in config.metrics)
    words = [
        f"evo run {metrics} --suite {shlex.quote(config.suite)}",
        f"--seed {config.seed} --generations {run.asked}",
    ]
    for key, value in given.items():
        if key not in _GIVEN and usual.get(key) != value:
            words.append(f"--set {shlex.quote(f'{key}={value}')}")
    return " ".join(words)


def _lines(config: RunConfig) -> Iterator[tuple[str, str]]:
    """The keys of a configuration with their values as TOML has them."""
    for line in config.to_toml().splitlines():
        key, _, value = line.partition(" = ")
        yield key, value


def _bound(run: Run, one: Individual) -> Iterator[str]:
    """How far it is from what no policy can better, if that is known."""
    gap, bound = run.optimality(one), next(iter(run.header.bounds), None)
    if gap is not None and bound is not None:
        best = measure(bound, run.config.metrics[0])
        yield _fact("bound", f"missed by {times(gap)}: no scheduler betters {best} on these traces")


def _scores(reached: Fitness | Partial) -> Iterator[str]:
    """What was reached on each trace, with completed and arrived pipelines of each class."""
    width = max((len(score.trace) for score in reached.per_trace), default=0)
    for score in reached.per_trace:
        values = " ".join(f"{number(value):>10}" for value in (score.value, *score.beside))
        classes = ", ".join(
            f"{name} {done}/{arrived}" for name in CLASSES for done, arrived in [getattr(score, name)]
        )
        yield f"  {score.trace:<{width}} {values}  {classes}"


def _elsewhere(run: Run, one: Individual) -> Iterator[str]:
    """What was reached on the selection traces, of which nobody bred anything, and what that is beside the train traces."""
    match run.selections.get(one.number):
        case Fitness(values=values) as reached:
            told = ", ".join(measure(value, metric) for metric, value in values.items())
            yield _fact("selection", told)
            yield from _scores(reached)
        case Failure() as fault:
            yield _fact("selection", failure(fault))
        case None:
            return
    yield _fact("overfit", gap_cell(run, one))


def _tested(run: Run, one: Individual) -> Iterator[str]:
    """What looks at the sealed test traces found of it, and of the stock policies beside it; how many looks there were."""
    known = looks(run.folder)
    seen = [look.seen for look in known if one.id in look.seen.medians]
    for text in dict.fromkeys(_seen(run, each, one.id) for each in seen):
        yield from _wrapped("test", text)
    if seen:
        yield _fact("looks", f"{len(known)} at the sealed test traces, {len(seen)} of them at this policy")


def _seen(run: Run, seen: Seen, name: str) -> str:
    own = seen.medians[name] or {}
    gap = next((metric.gap(value, seen.bound) for metric, value in own.items()), None)
    bound = "" if gap is None else f" (missing its bound by {times(gap)})"
    others = [f"{each} {_median(seen, each)}" for each in seen.medians if each not in seen.individuals]
    parts = [f"{_median(seen, name)}{bound}", ", ".join(others)]
    if (seen.evo, seen.simulator) != (run.header.evo, run.header.simulator):
        parts.append(f"by evo {seen.evo}, simulator {seen.simulator}")
    return "; ".join(part for part in parts if part)


def _median(seen: Seen, name: str) -> str:
    reached = seen.medians[name]
    if reached is None:
        return "failed"
    return " and ".join(measure(value, metric) for metric, value in reached.items())


def _step(one: Individual) -> str:
    """An individual with what made it of whom."""
    if not one.lineage.parents:
        return f"{one.id} {one.lineage.variation} {one.lineage.detail}".rstrip()
    return f"{one.id} {one.lineage.variation} of {' and '.join(one.lineage.parents)}"


def _fact(name: str, text: str) -> str:
    return f"{f'{name}:':<{_NAME - 1}} {text}"


def _wrapped(name: str, text: str) -> Iterator[str]:
    """A fact that may take several lines."""
    first, *others = wrap(text, _WIDTH) or [""]
    yield _fact(name, first)
    yield from (" " * _NAME + line for line in others)
