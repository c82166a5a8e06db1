"""`evo eval --crosscheck`: one policy on both simulators, and what differs between them, trace by trace.

Equal is meant exactly, see `simulator.comparison`. Knows the command line, and nothing of how either simulates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evo.cli.console import jsonable, one_line, results, table, write_json
from evo.simulator import EUDOXIA_REVISION, SIMULATOR_VERSION
from evo.simulator.comparison import Difference, differences, first_event
from evo.simulator.eudoxia import revision
from evo.simulator.stats import RunFailure

if TYPE_CHECKING:
    from evo.cli.trials import Contender, Course, Result

NAMES = ("evo", "eudoxia")
"""The simulators, in the order in which they are compared."""


@dataclass(frozen=True, slots=True)
class Check:
    """Both results on one workload, with every difference of outcome and the first of events."""

    ours: Result
    theirs: Result
    outcome: list[Difference]
    event: Difference | None

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not self.outcome and self.event is None


def crosschecks(contender: Contender, course: Course, workers: int, *, every_tick: bool) -> Iterator[Check]:
    """The comparison on each workload, in order."""
    from evo.cli.trials import Manner, run_course

    ours = run_course(contender, course, workers, Manner(every_tick=every_tick, record=True))
    theirs = run_course(contender, course, workers, Manner(upstream=True, record=True))
    for first, second in zip(list(ours), theirs, strict=True):
        found = differences(first.result, second.result)
        yield Check(first, second, found, first_event(first.events, second.events))


def write_checks(policy: dict[str, Any], checks: Sequence[Check]) -> None:
    """The comparison as JSON, `equal` first of all."""
    versions = (SIMULATOR_VERSION, revision())
    write_json(
        {
            "equal": all(check.equal for check in checks),
            "policy": policy,
            "simulators": [
                {"name": name, "version": version} for name, version in zip(NAMES, versions, strict=True)
            ],
            "traces": [_as_json(check) for check in checks],
        }
    )


def _as_json(check: Check) -> dict[str, Any]:
    both = zip(NAMES, (check.ours, check.theirs), strict=True)
    return {
        "trace": check.ours.title,
        "equal": check.equal,
        "seconds": {name: result.seconds for name, result in both},
        "differences": [_difference(each) for each in check.outcome],
        "first_event": None if check.event is None else _difference(check.event),
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {"field": found.field, NAMES[0]: found.first, NAMES[1]: found.second}


def show_checks(checks: Sequence[Check]) -> None:
    """A row per trace, then each difference in a line."""
    rows = table(
        "trace", "", "outcome", "events", "evo s", "eudoxia s", right=("events", "evo s", "eudoxia s")
    )
    for check in checks:
        result = check.ours.result
        rows.add_row(
            check.ours.title,
            "equal" if check.equal else "DIFFERENT",
            result.kind if isinstance(result, RunFailure) else "ended",
            str(len(check.ours.events)),
            f"{check.ours.seconds:.2f}",
            f"{check.theirs.seconds:.2f}",
        )
    console = results()
    console.print(rows)
    for check in checks:
        for found in (*check.outcome, *([check.event] if check.event else [])):
            console.print(f"{check.ours.title}: {_sentence(found)}", soft_wrap=True)
    if not all(check.equal for check in checks) and revision() != EUDOXIA_REVISION:
        console.print(
            f"eudoxia's revision is {revision()}, evo equals {EUDOXIA_REVISION}: see `evo doctor`",
            soft_wrap=True,
        )


def _sentence(found: Difference) -> str:
    first, second = (
        one_line(value) if isinstance(value, str) else json.dumps(jsonable(value))
        for value in (found.first, found.second)
    )
    return f"{found.field}: {NAMES[0]} {first}, {NAMES[1]} {second}"
