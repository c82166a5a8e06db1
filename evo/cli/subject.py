"""What `evo explain` is to explain: a policy of a run, a file or a stock policy, with all that its scoring needs.

A run's folder is only read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evo.cli.evaluate import DEFAULT_SUITE
from evo.cli.individuals import find
from evo.config import RunConfig
from evo.errors import InputError
from evo.metric import Metric, Metrics
from evo.population import Failure, Individual, Policy
from evo.runfolder import list_runs
from evo.saved import Run
from evo.shipped import BEST_KNOWN, policy_file, stock_policies

if TYPE_CHECKING:
    from evo.cage import Limits
    from evo.evaluation import Suite


@dataclass(frozen=True, slots=True)
class Case:
    """What is explained: a policy by the names that long and short texts give it, on what it is scored, and by what.

    `rivals` are those with whose decisions its own are compared, by name.
    """

    title: str
    short: str
    policy: Policy
    suite: Suite
    metrics: Metrics
    limits: Limits
    rivals: Mapping[str, Policy]


def is_policy(name: str, populations: Path | None) -> bool:
    """Whether one name alone means a policy rather than a run; raises InputError if it means neither.

    A file or a stock policy comes before a run.
    """
    if Path(name).is_file() or name in stock_policies():
        return True
    if name in list_runs(populations):
        return False
    raise InputError(
        f"{name}: neither a saved run nor a policy's file nor a stock policy; `evo list` names the runs, "
        f"{', '.join(stock_policies())} are the stock policies"
    )


def _chosen(given: Sequence[Metric], default: Metrics) -> Metrics:
    distinct = tuple(dict.fromkeys(given))
    return distinct or default


def of_policy(name: str, suite: str | None, metrics: Sequence[Metric]) -> Case:
    """The case of a policy's file or a stock policy, on that suite by these metrics, or by those of a new run.

    Raises InputError if there is no policy, or no suite.
    """
    from evo.birth import load_policy, stock_policy
    from evo.cage import Limits
    from evo.evaluation import load_suite

    policy = load_policy(policy_file(name))
    chosen = load_suite(suite or DEFAULT_SUITE)
    short = Path(name).stem
    rivals = {BEST_KNOWN: stock_policy(BEST_KNOWN)}
    return Case(
        name, short, policy, chosen, _chosen(metrics, RunConfig().metrics), Limits(), _unlike(policy, rivals)
    )


def of_run(run: Run, which: str, suite: str | None, metrics: Sequence[Metric]) -> Case:
    """The case of a run's individual, on that suite by these metrics, or as the run itself scores it.

    Raises InputError if it failed, RunError if there is none of that name.
    """
    from evo.birth import stock_policy
    from evo.cage import Limits
    from evo.rescoring import suite_for

    one = find(run, which)
    if isinstance(one.outcome, Failure):
        raise InputError(
            f"policy {one.id} of '{run.name}' failed ({one.outcome.kind.value}), so there is no score to explain: "
            f"`evo show {run.name} {one.id}` says why it failed, `evo hof {run.name}` lists those with a score"
        )
    config = run.config
    limits = Limits(config.limit_seconds, config.limit_memory_mb, config.limit_work)
    rivals = {**_parent(run, one), BEST_KNOWN: stock_policy(BEST_KNOWN)}
    return Case(
        f"{run.name}/{one.id}",
        one.id,
        one.policy,
        suite_for(run, suite),
        _chosen(metrics, config.metrics),
        limits,
        _unlike(one.policy, rivals),
    )


def _parent(run: Run, one: Individual) -> dict[str, Policy]:
    """The first parent by its number; nobody for a founder."""
    first = next(iter(one.lineage.parents), None)
    return {} if first is None else {first: find(run, first).policy}


def _unlike(policy: Policy, rivals: Mapping[str, Policy]) -> dict[str, Policy]:
    """The rivals that are other programs than the policy and than each other."""
    by_hash: dict[str, str] = {policy.hash: ""}
    for name, rival in rivals.items():
        by_hash.setdefault(rival.hash, name)
    return {name: rivals[name] for name in by_hash.values() if name}
