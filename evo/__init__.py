"""evo: an evolutionary search engine for scheduling policies.

The public interface in four functions; each imports what it needs when it is called, so that `import evo` is
quick. Scoring starts processes that import the main module anew: a script calls these under
`if __name__ == "__main__"`.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evo.config import RunConfig
    from evo.consulting import Calling
    from evo.evolution import Event
    from evo.journal import Journal, Run
    from evo.metric import Metrics
    from evo.population import Failure, Fitness

__all__ = ["evaluate", "evolve", "load_run", "resume"]


def evolve(
    config: RunConfig | None = None,
    *,
    name: str | None = None,
    root: str | Path | None = None,
    workers: int | None = None,
    calling: Calling | None = None,
) -> Generator[Event, None, None]:
    """Begin a run and search to its end, yielding each individual when it is scored and each generation.

    Then its hall of fame is scored on the suite's selection traces, if there are any, which yields each of its members.

    Nothing happens before the first `next()`. Without a `name` the run is called run-1, run-2, …; `root` is the
    folder of saved runs (EVO_POPULATIONS, else ./populations); `workers` processes score (all cores), and like the
    manner of `calling` models, if the configuration has any, never change the result. Leaving the iteration interrupts the run, and `resume` goes on with it. Raises InputError
    for what the configuration refers to, RunError if the name is taken, ModelError, StorageError, CageError.
    """
    from evo.birth import gathered
    from evo.config import RunConfig
    from evo.consulting import check
    from evo.journal import Journal
    from evo.runfolder import free_name

    folder = None if root is None else Path(root)
    asked = RunConfig() if config is None else config
    check(asked)
    with Journal.create(folder, name or free_name(folder), asked, gathered(asked)) as journal:
        yield from _search(journal, workers, calling)


def resume(  # noqa: PLR0913 - keywords of the public interface
    name: str,
    *,
    more: int = 0,
    budget: float | None = None,
    root: str | Path | None = None,
    workers: int | None = None,
    calling: Calling | None = None,
) -> Generator[Event, None, None]:
    """Go on with a saved run exactly as if it had never been interrupted; yields what is new, as `evolve` does.

    `more` asks for that many generations after the last complete one, also of a run that has ended; `budget` is a new
    cap in dollars, for all of the run. Raises InputError for a negative `more` or `budget`, RunError if the run is
    unknown, damaged, newer or in use, ModelError, StorageError, CageError.
    """
    from evo.errors import InputError
    from evo.journal import Journal
    from evo.nursery import is_over

    if more < 0:
        raise InputError(f"the generations to add must be 0 or more, got {more}")
    if budget is not None and not 0 <= budget < float("inf"):
        raise InputError(f"the budget must be a number of dollars, 0 or more, is {budget}")
    with Journal.open(None if root is None else Path(root), name) as journal:
        if more or budget is not None:
            if journal.state.stop is None and is_over(journal):
                yield from _search(
                    journal, workers, calling
                )  # what was left of the end, as if never interrupted
            journal.extend(more, budget)
        yield from _search(journal, workers, calling)


def evaluate(
    policy: str | Path,
    *,
    suite: str | Path = "quick",
    metric: Metrics | str | Sequence[str] = "penalized",
    workers: int | None = None,
) -> Fitness | Failure:
    """Score one policy: a stock policy's name, a file, or source text (any text of several lines).

    `suite` is a name or the path of a TOML file; `metric` may be several. Raises InputError for what can't be read as a policy, suite or
    metric, CageError.
    """
    from evo.birth import load_policy
    from evo.config import parse_config
    from evo.evaluation.evaluator import Evaluator
    from evo.evaluation.suite_file import load_suite
    from evo.policy import parse
    from evo.shipped import policy_file

    chosen = parse_config("", "", {"metric": metric}).metric
    if isinstance(policy, str) and "\n" in policy:
        candidate = parse(policy)
    else:
        candidate = load_policy(policy_file(str(policy)))
    with Evaluator(load_suite(suite), chosen, workers=workers) as evaluator:
        return next(evaluator.evaluate([candidate]))


def load_run(name: str, *, root: str | Path | None = None) -> Run:
    """A saved run as it stands now, also while it is being written; raises RunError if it can't be read."""
    from evo.journal import read_run

    return read_run(None if root is None else Path(root), name)


def _search(journal: Journal, workers: int | None, calling: Calling | None) -> Generator[Event, None, None]:
    from evo.consulting import Calling
    from evo.evolution import evolve
    from evo.session import session

    with session(journal, workers, calling or Calling()) as parts:
        yield from evolve(journal, parts.evaluator, parts.breeder, parts.ahead, parts.selector)
