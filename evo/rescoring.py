"""The policies of a saved run, scored as they would be on another suite, by another metric, by today's simulator.

The run is only read, and stays as it is. Knows nothing of how its policies came about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evo.cage import Limits
from evo.errors import InputError, RunError
from evo.evaluation.evaluator import Evaluator
from evo.evaluation.suite_file import load_suite
from evo.evaluation.suites import Suite
from evo.metric import Metrics
from evo.population import Individual
from evo.saved import Run


def rescored(run: Run, suite: Suite, metrics: Metrics, workers: int | None = None) -> Iterator[Individual]:
    """Every individual of a run that has a policy, in order, with what it comes to on that suite by those metrics.

    The run's own limits hold. Raises CageError.
    """
    config = run.config
    limits = Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work)
    chosen = [one for one in run.individuals if not one.policy.refused]
    with Evaluator(suite, metrics, limits, workers) as evaluator:
        outcomes = evaluator.evaluate(one.policy for one in chosen)
        for one, outcome in zip(chosen, outcomes, strict=True):
            yield replace(one, outcome=outcome)


def suite_for(run: Run, name: str | None) -> Suite:
    """The suite of that name or file, or the run's own; raises InputError, RunError if its own was changed."""
    if name is not None:
        return load_suite(name)
    try:
        own = load_suite(run.suite_file)
    except InputError as error:
        raise RunError(str(error)) from error
    if own.digest != run.header.suite:
        raise RunError(f"{run.suite_file}: it or its traces changed since the run began; restore them")
    return own
