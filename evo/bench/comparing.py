"""Saved runs side by side: the best so far at equal evaluations, generations, dollars or seconds, strategy by strategy.

A strategy is a configuration without its seed and without what only ends a run. Strategies are compared with the first
one where both have a run with the same seed. Journals hold no time: seconds are those of the files. Knows no screen.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from evo.answers import Answers
from evo.bench.axis import Axis, marks
from evo.bench.measures import Quartiles, best_so_far, quartiles, sign_flip
from evo.errors import InputError
from evo.metric import Metric
from evo.runfolder import CONFIG, policy_file
from evo.saved import Run
from evo.spending import spent

TELLING = 6
"""Pairs from which on the sign-flip test can come below 0.05 at all: 2 / 2**5 is above it."""

NOISE = 0.05
"""Where chance alone would differ as much more often than this, a difference is said to be noise."""

_ENDS = frozenset({"seed", "generations", "evaluations", "patience", "target", "gap", "budget"})
"""Settings that are no part of a strategy: the seed, and what only says when a run ends."""


@dataclass(frozen=True, slots=True)
class Course:
    """A run's best so far: after so much was `spent` (rising) it was `best`; `total` is all that was spent."""

    name: str
    seed: int
    spent: tuple[float, ...]
    best: tuple[float, ...]
    total: float

    def at(self, amount: float) -> float:
        """The best when no more than this was spent; before anything was, the best of the first population."""
        return self.best[max(bisect_right(self.spent, amount) - 1, 0)]


@dataclass(frozen=True, slots=True)
class Strategy:
    """Runs that differ by their seeds alone, and the settings in which they are unlike the first strategy's."""

    name: str
    changes: Mapping[str, str]
    courses: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """How a strategy stands at the marks, and beside the first one by pairs of runs with equal seeds, at the last mark.

    `difference` is the mean difference of the pairs in the metric's unit, `percent` the same in percent of the first
    one's mean, positive where it is better; `won` counts pairs in which it is better; `chance` is the p-value. All of
    them are None without any pair, and for the first strategy itself. `optimality` is by how many times its median
    misses what no policy can better, None if that isn't known.
    """

    strategy: Strategy
    marks: Mapping[float, Quartiles]
    optimality: float | None
    pairs: int = 0
    difference: float | None = None
    percent: float | None = None
    won: int | None = None
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Strategies in the order in which they were named, at equal amounts up to the common `budget`.

    No fitness is better than the `bound`; None if no run knows one.
    """

    metric: Metric
    bound: float | None
    axis: Axis
    budget: float
    contests: tuple[Contest, ...]


def compared(runs: Sequence[Run], axis: Axis) -> Comparison:
    """The runs side by side; raises InputError if they can't be compared."""
    _demand_comparable(runs)
    found = strategies(runs, axis)
    budget = _common([course.total for one in found for course in one.courses], axis)
    looks = marks(axis, budget)
    metric = runs[0].config.metrics[0]
    # Of several, as other versions of evo may know them, the one that says most.
    known = [bound for run in runs for bound in run.header.bounds[:1] if bound is not None]
    bound = max(known, key=metric.cost, default=None)
    contests = []
    for one in found:
        standing = {mark: quartiles([course.at(mark) for course in one.courses]) for mark in looks}
        alone = Contest(one, standing, metric.gap(standing[looks[-1]].median, bound))
        contests.append(_contest(alone, found[0], metric))
    return Comparison(metric, bound, axis, budget, tuple(contests))


def strategies(runs: Iterable[Run], axis: Axis) -> list[Strategy]:
    """The runs by strategy, in the order in which they are named; raises InputError for one that is there twice."""
    groups: dict[tuple[tuple[str, str], ...], list[Run]] = {}
    for run in runs:
        alike = groups.setdefault(tuple(_settings(run).items()), [])
        twin = next((one for one in alike if one.config.seed == run.config.seed), None)
        # What models answer is another thing each time, so that the same seed is another run.
        if twin is not None and not run.config.models:
            raise InputError(
                f"'{twin.name}' and '{run.name}' are one search with one seed, which counts once: leave one of them out"
            )
        alike.append(run)
    first = dict(next(iter(groups)))
    names = _names(list(groups.values()))
    return [
        Strategy(name, _unlike(dict(key), first), tuple(course(run, axis) for run in group))
        for name, (key, group) in zip(names, groups.items(), strict=True)
    ]


def course(run: Run, axis: Axis) -> Course:
    """A run's best so far along this axis; raises InputError if there is none, or nobody knows what it cost."""
    metric, people = run.config.metrics[0], run.individuals
    values = [None if one.fitness is None else one.fitness.value for one in people]
    trail = best_so_far(metric, values, len(run.header.initial), len(values))
    if not trail:
        raise InputError(f"no policy of '{run.name}' has a fitness, so there is nothing to compare")
    match axis:
        case Axis.EVALUATIONS:
            costs, total = [float(count) for count in range(1, len(people) + 1)], float(len(people))
        case Axis.GENERATIONS:
            costs, total = [float(one.generation) for one in people], float(max(len(run.generations) - 1, 0))
        case Axis.DOLLARS:
            costs, total = _dollars(run)
        case Axis.SECONDS:
            costs = _seconds(run)
            total = costs[-1]
    return Course(run.name, run.config.seed, tuple(costs), tuple(trail), total)


def _dollars(run: Run) -> tuple[list[float], float]:
    """What had been spent when each individual was scored, and in all."""
    answers = list(Answers(run.folder).all())
    bill = spent(answers)
    if bill.unpriced:
        raise InputError(
            f"nobody knows what {bill.unpriced} answers of '{run.name}' cost: compare --by evaluations or generations"
        )
    costs: list[float] = []
    waiting, sum_of = iter([*answers, None]), Decimal(0)
    answer = next(waiting)
    for one in run.individuals:
        while answer is not None and answer.number <= one.number:
            sum_of += answer.price or 0
            answer = next(waiting)
        costs.append(float(sum_of))
    return costs, float(bill.known)


def _seconds(run: Run) -> list[float]:
    """The time from a run's birth to each individual, as the times of its files tell; where it was stopped, the pause counts."""
    paths = [run.folder / CONFIG, *(run.folder / policy_file(one.number) for one in run.individuals)]
    begin, *times = [path.stat().st_mtime for path in paths]
    if times != sorted(times) or not begin < times[-1]:
        raise InputError(
            f"the files of '{run.name}' don't tell any more when they were written, as after a copy: "
            "compare --by evaluations or generations"
        )
    return [time - begin for time in times]


def _common(totals: Sequence[float], axis: Axis) -> float:
    """What all have spent; of dollars all that spend any, since a run that costs nothing has all of its best for nothing."""
    if axis is not Axis.DOLLARS:
        return min(totals)
    costly = [total for total in totals if total > 0]
    if not costly:
        raise InputError("none of these runs cost anything: compare them --by evaluations or generations")
    return min(costly)


def _contest(one: Contest, first: Strategy, metric: Metric) -> Contest:
    """The same, held against the first strategy where it has pairs with that."""
    pairs = [] if one.strategy is first else _pairs(one.strategy, first)
    if not pairs:
        return one
    end = max(one.marks)
    own, others = ([course.at(end) for course in side] for side in zip(*pairs, strict=True))
    difference, level = sum(own) / len(own) - sum(others) / len(others), sum(others) / len(others)
    return replace(
        one,
        pairs=len(pairs),
        difference=difference,
        percent=-100 * metric.cost(difference) / level if level > 0 else None,
        won=sum(metric.better(*pair) for pair in zip(own, others, strict=True)),
        chance=sign_flip(own, others),
    )


def _pairs(one: Strategy, first: Strategy) -> list[tuple[Course, Course]]:
    """Runs with equal seeds, by seed; of several the first with the first, and so on."""
    sides = []
    for strategy in (one, first):
        by_seed: dict[int, list[Course]] = {}
        for course in strategy.courses:
            by_seed.setdefault(course.seed, []).append(course)
        sides.append(by_seed)
    own, others = sides
    return [pair for seed in sorted(own) for pair in zip(own[seed], others.get(seed, []), strict=False)]


def _demand_comparable(runs: Sequence[Run]) -> None:
    first = runs[0]
    for run in runs[1:]:
        if run.name == first.name:
            raise InputError(f"'{run.name}' is named twice: leave one of them out")
        again = f"score its policies there with `evo replay {run.name}"
        if run.header.suite != first.header.suite:
            raise InputError(
                f"'{first.name}' and '{run.name}' were scored on different traces: {again} --suite {first.suite_file}`"
            )
        if run.config.metrics != first.config.metrics:
            names = ["+".join(metric.value for metric in one.config.metrics) for one in (first, run)]
            raise InputError(
                f"'{first.name}' and '{run.name}' were scored by different metrics ({names[0]}, {names[1]}): "
                f"{again} --metric {first.config.metrics[0].value}`"
            )
        if run.header.simulator != first.header.simulator:
            raise InputError(
                f"'{first.name}' and '{run.name}' were scored by different simulators "
                f"({first.header.simulator}, {run.header.simulator}): {again} --suite {first.suite_file}`"
            )


def _settings(run: Run) -> dict[str, str]:
    """What makes a run's strategy, as a configuration's lines have it; the first population counts by its sources."""
    lines = (line.partition(" = ") for line in run.config.to_toml().splitlines())
    settings = {key: value for key, _, value in lines if key not in _ENDS}
    names, digests = ([one.name for one in run.header.initial], [one.digest for one in run.header.initial])
    sources = hashlib.sha256("".join(digests).encode()).hexdigest()
    return settings | {"init": f"{' '.join(names)} ({sources[:8]})", "evo": run.header.evo}


def _unlike(settings: Mapping[str, str], first: Mapping[str, str]) -> dict[str, str]:
    """The settings that differ; one that only the first has is none."""
    keys = dict.fromkeys([*settings, *first])
    return {key: settings.get(key, "none") for key in keys if settings.get(key) != first.get(key)}


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """What the strategies are called: as their runs are without their seeds, if that is one name, else as the first run."""
    names = []
    for group in groups:
        stems = {run.name.removesuffix(f"-{run.config.seed}") for run in group}
        names.append(stems.pop() if len(stems) == 1 else group[0].name)
    return [
        name if names.count(name) == 1 else group[0].name for name, group in zip(names, groups, strict=True)
    ]
