"""All that came of `evo validate`, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from evo.cli.console import write_json
from evo.cli.validation_words import broken, ratio_of
from evo.cli.words import failure, fitness_json
from evo.population import Failure, Fitness
from evo.validation.judging import Standing, completed
from evo.validation.statistics import Interval, Paired
from evo.validation.validating import Validation


def write(found: Validation) -> None:
    """Write it to stdout."""
    judgement, task = found.judgement, found.task
    write_json(
        {
            "suite": task.suite.name,
            "traces": [{"name": trace.name, "digest": trace.digest} for trace in task.suite.traces],
            "metrics": [metric.value for metric in judgement.metrics],
            "best_stock": judgement.best_stock,
            "reference": judgement.reference,
            "bound": judgement.bound,
            "policies": [_standing(one) for one in judgement.standings],
            "disturbances": [_disturbed(found, place) for place in range(len(found.disturbed))],
            "estimates_read": found.estimates,
            "look": None if found.look is None else msgspec.to_builtins(found.look),
        }
    )


def _standing(one: Standing) -> dict[str, Any]:
    outcome, entrant = one.outcome, one.entrant
    told: dict[str, Any] = {"name": entrant.name, "hash": entrant.policy.hash, "role": entrant.role}
    if isinstance(outcome, Failure):
        return {**told, "failure": failure(outcome)}
    return {
        **told,
        "fitness": fitness_json(outcome),
        "intervals": {metric.value: _interval(each) for metric, each in one.medians.items()},
        "against": {
            name: {metric.value: _paired(each) for metric, each in pairs.items()}
            for name, pairs in one.against.items()
        },
        "completions": {name: list(pair) for name, pair in outcome.completions.items()},
        "completed": completed(outcome),
        "starves": [asdict(each) for each in one.starved],
        "ooms": one.ooms,
        "cpu": one.cpu and asdict(one.cpu),
        "ram": one.ram and asdict(one.ram),
        "optimality": one.optimality,
        "train": entrant.train and fitness_json(entrant.train),
        "overfit": one.overfit and {**asdict(one.overfit), "overfits": one.overfit.overfits},
    }


def _disturbed(found: Validation, place: int) -> dict[str, Any]:
    one = found.disturbed[place]
    return {
        "name": one.perturbation.name,
        "kind": one.perturbation.kind,
        "policy": _value(one.outcome),
        "priority": _value(one.other),
        "times_better": ratio_of(one.outcome, one.other),
        "breaks": broken(found, place),
    }


def _value(outcome: Fitness | Failure) -> dict[str, Any]:
    if isinstance(outcome, Failure):
        return {"failure": failure(outcome)}
    return fitness_json(outcome)


def _interval(found: Interval) -> dict[str, float | None]:
    return found._asdict()


def _paired(found: Paired) -> dict[str, Any]:
    return {"percent": None if found.percent is None else _interval(found.percent), "p": found.p}
