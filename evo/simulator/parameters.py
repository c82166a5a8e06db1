"""Eudoxia's parameters: typed, complete, and checked before anything runs.

Two kinds of wrong are kept apart. What no run can use (a word for a number, NaN, zero pools) is the user's
mistake and raises InputError. What upstream itself would refuse is part of its behaviour and comes as a value,
`RunFailure`. Names that Eudoxia doesn't know are the policy's and pass through untouched.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from evo.errors import InputError
from evo.simulator.messages import Fault, Number

_MOST_TICKS = 10**9
_MOST_TEXT = 1000


class RunFailure(NamedTuple):
    """Why a run has no statistics, as upstream would have raised it.

    `kind` is the exception's type, or one of `messages.LIMITS`, or "cheating" where the record of the run breaks a
    law. `tick` is that of the clock (None before there is one, -1 during initialisation), `phase` one of "init",
    "workload", "policy", "executor", "bookkeeping", "statistics", `line` the policy's line. `printed` and `action`
    are those of the `Fault`.
    """

    kind: str
    message: str
    tick: int | None
    phase: str
    line: int | None = None
    printed: str = ""
    action: bool = False

    @classmethod
    def of(cls, fault: Fault, tick: int) -> RunFailure:
        """The failure that a policy's fault in `tick` is."""
        return cls(fault.kind, fault.message, tick, fault.phase, fault.line, fault.printed, fault.action)


class _Range(NamedTuple):
    """What a numeric parameter may be: `low` and `high` are allowed, unless `above` excludes `low`."""

    low: float
    high: float
    whole: bool = False
    above: bool = False

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        return f"{kind} {'above' if self.above else 'from'} {self.low:g} {'up ' if self.above else ''}to {self.high:g}"

    def holds(self, value: Any) -> bool:
        """Whether `value` is a number (NaN is none, nor is a bool) of the right kind within the range."""
        if isinstance(value, bool) or not isinstance(value, int if self.whole else (int, float)):
            return False
        return (value > self.low if self.above else value >= self.low) and value <= self.high


_RANGES: Mapping[str, _Range] = MappingProxyType(
    {
        "duration": _Range(0, 1e9),
        "ticks_per_second": _Range(0, 1e9, above=True),
        "waiting_seconds_mean": _Range(0, 1e9),
        "num_pipelines": _Range(0, 1e6, whole=True),
        "num_operators": _Range(0, 1e4),
        "num_segs": _Range(-1e9, 1e9),
        "interactive_prob": _Range(0, 1e9),
        "query_prob": _Range(0, 1e9),
        "batch_prob": _Range(0, 1e9),
        "dag_linear_prob": _Range(-1e9, 1e9),
        "dag_branch_in_prob": _Range(-1e9, 1e9),
        "dag_branch_out_prob": _Range(-1e9, 1e9),
        "cpu_io_ratio": _Range(-1e9, 1e9),
        "rest_poll_interval": _Range(0, 1e9),
        "num_pools": _Range(1, 1e4, whole=True),
        "cpus_per_pool": _Range(0, 1e9, above=True),
        "ram_gb_per_pool": _Range(0, 1e12, above=True),
        "random_seed": _Range(0, 2**63 - 1, whole=True),
        "max_job_seconds": _Range(-1e9, 1e9),
        "noisy_estimator_sigma": _Range(-1e9, 1e2),
    }
)
"""Beyond upstream's own checks: where a number stops making sense or a machine stops coping."""


@dataclass(frozen=True)
class Parameters:
    """Every parameter of Eudoxia with upstream's defaults (eudoxia/simulator.py); seconds and GB throughout.

    `given` holds all of them by name, defaults and unknown names included, in upstream's order: those that were
    given first, then the defaults.
    """

    given: Mapping[str, Any] = dataclasses.field(hash=False)
    duration: Number = 600
    ticks_per_second: Number = 1000
    waiting_seconds_mean: Number = 10.0
    num_pipelines: int = 4
    num_operators: Number = 5
    num_segs: Number = 1
    interactive_prob: Number = 0.3
    query_prob: Number = 0.1
    batch_prob: Number = 0.6
    dag_linear_prob: Number = 1.0
    dag_branch_in_prob: Number = 0.0
    dag_branch_out_prob: Number = 0.0
    cpu_io_ratio: Number = 0.5
    scheduler_algo: str = "priority"
    rest_scheduler_addr: str = "localhost:8080"
    rest_poll_interval: Number = 1.0
    num_pools: int = 8
    cpus_per_pool: Number = 64
    ram_gb_per_pool: Number = 256
    multi_operator_containers: bool = True
    allow_memory_overcommit: bool = False
    random_seed: int = 42
    max_job_seconds: Number = 0
    estimator_algo: str = ""
    noisy_estimator_sigma: Number = 0.0

    @classmethod
    def complete(cls, mapping: Mapping[str, Any], where: str = "parameters") -> Parameters:
        """The parameters of `mapping`, with defaults for what it leaves out; `where` names them in errors.

        Raises InputError for a value of the wrong type or outside all sense.
        """
        defaults = {field.name: field.default for field in dataclasses.fields(cls) if field.name != "given"}
        for name, value in mapping.items():
            if name in defaults:
                _check(where, name, value, defaults[name])
            elif not _plain(value):
                raise InputError(f"{where}: {name}: {_shown(value)} can't reach a policy: give it as text")
        given = copy.deepcopy(dict(mapping))
        given |= {name: default for name, default in defaults.items() if name not in given}
        complete = cls(given=given, **{name: given[name] for name in defaults})
        if complete.duration * complete.ticks_per_second > _MOST_TICKS:
            raise InputError(
                f"{where}: duration x ticks_per_second is {complete.max_ticks} ticks: keep it below {_MOST_TICKS}"
            )
        return complete

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Parameters:
        """The parameters in an Eudoxia TOML file; raises InputError if it can't be read or used."""
        try:
            text = Path(path).read_text(encoding="utf-8")
            return cls.complete(tomllib.loads(text), where=str(path))
        except FileNotFoundError:
            raise InputError(
                f"{path}: no such file: give the path of an Eudoxia parameter file (TOML)"
            ) from None
        except OSError as error:
            raise InputError(f"{path}: {error.strerror or error}: give a readable TOML file") from None
        except UnicodeDecodeError:
            raise InputError(f"{path}: not UTF-8 text: save it as UTF-8") from None
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise InputError(f"{path}: not valid TOML: {error}: mend the file there") from None

    @property
    def max_ticks(self) -> int:
        """How many ticks the run has."""
        return int(self.duration * self.ticks_per_second)

    @property
    def max_job_ticks(self) -> int:
        """A pipeline's time limit in ticks; 0 or less is no limit."""
        return int(self.max_job_seconds * self.ticks_per_second)

    @property
    def tick_length(self) -> float:
        """Seconds in a tick: always this quotient, as rounding follows from it."""
        return 1.0 / self.ticks_per_second

    @cached_property
    def sample_ticks(self) -> Sequence[int]:
        """The ticks with `tick % ticks_per_second == 0`, by Python's % also where that is a fraction.

        In these memory is sampled and timed-out pipelines are swept up.
        """
        per_second = self.ticks_per_second
        if per_second == int(per_second):
            return range(0, self.max_ticks, int(per_second))
        return [tick for tick in range(self.max_ticks) if tick % per_second == 0]

    @property
    def visible(self) -> dict[str, Any]:
        """A fresh dict of what a policy may read as `s.params`: everything but `scheduler_algo`."""
        return {name: copy.deepcopy(value) for name, value in self.given.items() if name != "scheduler_algo"}

    def refusal(self, *, generated: bool = True) -> RunFailure | None:
        """What upstream itself refuses about these parameters, in the order in which it would meet it.

        `generated` says that the workload comes from the generator, whose own checks a trace avoids. The scheduler
        is not checked here; upstream meets it, and the policy's init function, just before the estimator's errors.
        """
        checks = [self._refused_everywhere()]
        if generated:
            checks.append(self._refused_by_generator())
        checks.append(self._refused_by_estimator())
        return next((failure for failure in checks if failure), None)

    def _refused_everywhere(self) -> RunFailure | None:
        if self.interactive_prob + self.query_prob + self.batch_prob != 1:
            return RunFailure("AssertionError", "Probabilities must sum to 1", None, "init")
        if not 0 <= self.cpu_io_ratio <= 1:
            return RunFailure("AssertionError", "CPU IO ratio must be between 0 and 1", None, "init")
        return None

    def _refused_by_generator(self) -> RunFailure | None:
        shapes = (self.dag_linear_prob, self.dag_branch_in_prob, self.dag_branch_out_prob)
        if min(shapes) < 0:
            return RunFailure("AssertionError", "DAG shape probabilities must be non-negative", -1, "init")
        if sum(shapes) == 0:
            return RunFailure(
                "AssertionError", "DAG shape probabilities must have positive total mass", -1, "init"
            )
        if self.num_segs != 1:
            return RunFailure(
                "AssertionError", "multiple segments per op not fully supported yet", -1, "init"
            )
        return None

    def _refused_by_estimator(self) -> RunFailure | None:
        if self.estimator_algo not in {"", "noisy"}:
            message = f"Unknown estimator_algo: {self.estimator_algo!r}. Options: ['noisy']"
            return RunFailure("ValueError", message, -1, "init")
        if self.estimator_algo and self.noisy_estimator_sigma < 0:
            return RunFailure(
                "ValueError", f"sigma must be >= 0, got {self.noisy_estimator_sigma}", -1, "init"
            )
        return None


def _check(where: str, name: str, value: Any, default: Any) -> None:
    allowed = _RANGES.get(name)
    if allowed is not None:
        right, wanted = allowed.holds(value), str(allowed)
    elif isinstance(default, bool):
        right, wanted = isinstance(value, bool), "true or false"
    else:
        right, wanted = isinstance(value, str) and len(value) <= _MOST_TEXT, "a short text in quotes"
    if not right:
        raise InputError(f"{where}: {name}: {_shown(value)} is not possible: give {wanted}")


def _plain(value: Any) -> bool:
    """Whether a value can be sent to a policy as it is: dates and numbers beyond 64 bits can't."""
    match value:
        case dict():
            return all(isinstance(key, str) and _plain(inner) for key, inner in value.items())
        case list():
            return all(_plain(inner) for inner in value)
        case int():
            return -(2**63) <= value < 2**63
        case _:
            return isinstance(value, str | float)


def _shown(value: Any) -> str:
    """A value as an error shows it: short, and as TOML writes it where Python differs."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= 10**15:
        return "so large a number"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
