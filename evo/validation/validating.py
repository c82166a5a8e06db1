"""A validation from beginning to end: which policies, on which traces, what comes of it, and the record of a look.

The look at sealed traces is on the disk before anything that was seen leaves this module. Prints nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

from evo.birth import stock_policy
from evo.cage import Limits
from evo.errors import InputError, RunError
from evo.evaluation.stages import best_fitness
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import Suite
from evo.metric import Metric
from evo.population import Failure, Fitness
from evo.rescoring import suite_for
from evo.saved import Run
from evo.shipped import BEST_KNOWN
from evo.simulator import SIMULATOR_VERSION
from evo.simulator.trace import read_trace
from evo.validation.entrants import Entrant, of_file, of_run
from evo.validation.judging import Judgement, judge
from evo.validation.looks import Look, Seen, looks, record
from evo.validation.perturbations import perturbations
from evo.validation.trying import Disturbed, Means, disturbed, outcomes, reads_estimates, with_tails


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Which traces are to be taken in place of the usual ones: a suite's by its name, or CSV files."""

    suite: str | None = None
    traces: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """Who is run on the train traces of `suite`, by which metrics; the first of them is also disturbed, unless `plain`.

    On the traces of `training` they are run as well; None where their fitness there is known, or of no use. `sealed` is
    the run whose sealed traces those of the suite are, if they are.
    """

    entrants: Sequence[Entrant]
    suite: Suite
    metrics: tuple[Metric, ...]
    means: Means
    training: Suite | None = None
    sealed: Run | None = None
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """So much of the work is done, and what is done next."""

    done: int
    total: int
    words: str


@dataclass(frozen=True, slots=True)
class Validation:
    """All that came of it. `disturbed` is there unless it wasn't wanted; `estimates` says whether these were, too."""

    task: Task
    judgement: Judgement
    disturbed: tuple[Disturbed, ...]
    estimates: bool
    look: Look | None

    @property
    def plain(self) -> tuple[Fitness | Failure, Fitness | Failure | None]:
        """What the first of the policies comes to undisturbed, and its rival, None if that isn't there."""
        ran = {one.entrant.policy.hash: one.outcome for one in self.judgement.standings}
        return self.judgement.standings[0].outcome, ran.get(stock_policy(BEST_KNOWN).hash)


def of_saved(run: Run, elsewhere: Elsewhere, top: int, metric: Metric | None, workers: int | None) -> Task:
    """The run's best and the stock policies, on the run's sealed traces or elsewhere.

    Raises RunError if the run is in use, its looks are damaged, or it has no sealed traces, InputError for what is given.
    """
    if run.in_use:
        raise RunError(
            f"{run.folder}: in use; wait for the run to end: sealed traces are for what comes of it"
        )
    looks(run.folder)  # damage is to be known before hours of work, not behind them
    config = run.config
    suite = suite_for(run, elsewhere.suite)
    if not suite.test and not elsewhere.traces:
        whose = f"run '{run.name}': its suite" if elsewhere.suite is None else f"suite {suite.name}"
        raise InputError(f"{whose} has no test traces; give others with --suite quick or --trace FILE.csv")
    sealed = not elsewhere.traces and suite.digest == run.header.suite
    return Task(
        entrants=of_run(run, top),
        suite=_tested(suite, elsewhere.traces),
        metrics=config.metrics if metric is None else (metric,),
        means=Means(Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work), workers),
        sealed=run if sealed else None,
    )


def of_policy(path: Path, elsewhere: Elsewhere, metric: Metric, workers: int | None) -> Task:
    """The policy in a file and the stock policies, on a suite's test traces or on others; raises InputError."""
    suite = load_suite("quick" if elsewhere.suite is None else elsewhere.suite)
    if not suite.test and not elsewhere.traces:
        raise InputError(
            f"suite {suite.name} has no test traces; add some under [[test]], or give others with --trace FILE.csv"
        )
    return Task(
        entrants=of_file(path),
        suite=_tested(suite, elsewhere.traces),
        metrics=(metric,),
        means=Means(workers=workers),
        training=suite.part("train"),
    )


def _tested(suite: Suite, traces: Sequence[str]) -> Suite:
    if not traces:
        return suite.part("test")
    return Suite(f"traces given, cluster of {suite.name}", suite.parameters, tuple(map(read_trace, traces)))


def validated(task: Task) -> Iterator[Step | Validation]:
    """The steps, then what came of it; raises CageError, and RunError or StorageError if a look can't be recorded."""
    pair = (task.entrants[0].policy, stock_policy(BEST_KNOWN))
    estimates = any(map(reads_estimates, pair))
    disturbances = [] if task.plain else list(perturbations(task.suite, estimates=estimates))
    count = len(task.entrants)
    total = count * (1 if task.training is None else 2) + len(disturbances)
    done = 0
    entrants: list[Entrant] = []
    for entrant, outcome in _ran(task, task.training):
        yield Step(done, total, f"{entrant.name} on the train traces")
        entrants.append(replace(entrant, train=outcome if isinstance(outcome, Fitness) else None))
        done += 1
    task = replace(task, entrants=entrants or task.entrants)
    ran = []
    for entrant, outcome in _ran(task, task.suite):
        yield Step(done, total, f"{entrant.name} on {len(task.suite.traces)} traces")
        ran.append((entrant, outcome))
        done += 1
    judgement = judge(ran, task.metrics, best_fitness(task.suite, task.metrics[:1])[0])
    look = None if task.sealed is None else record(task.sealed.folder, _seen(task.sealed, judgement))
    found = []
    for one in disturbed(pair, disturbances, task.metrics[0], task.means):
        yield Step(done, total, one.perturbation.name)
        found.append(one)
        done += 1
    yield Validation(task, judgement, tuple(found), estimates, look)


def _ran(task: Task, suite: Suite | None) -> Iterator[tuple[Entrant, Fitness | Failure]]:
    """What each comes to on a suite's train traces, if there is one."""
    if suite is None:
        return
    metrics = with_tails(task.metrics, suite)
    policies = [entrant.policy for entrant in task.entrants]
    yield from zip(task.entrants, outcomes(policies, suite, metrics, task.means), strict=True)


def _seen(run: Run, judgement: Judgement) -> Seen:
    medians = {
        one.entrant.name: {metric: one.outcome.values[metric] for metric in judgement.metrics}
        if isinstance(one.outcome, Fitness)
        else None
        for one in judgement.standings
    }
    return Seen(
        individuals=tuple(one.entrant.name for one in judgement.standings if one.entrant.role != "stock"),
        suite=run.header.suite,
        evo=metadata.version("evo-policies"),
        simulator=SIMULATOR_VERSION,
        medians=medians,
        bound=judgement.bound,
    )
