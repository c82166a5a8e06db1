"""What a bench looks like while it goes on: a line per finished run, and below it a bar where somebody looks on.

All of it goes to stderr. Rates and times left are estimates for the eye; nothing here touches what is saved.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console

from evo.bench.competing import Bench, Course, Finished
from evo.cli.bar import Bar
from evo.cli.live import clock
from evo.cli.words import measure
from evo.evolution import Born
from evo.saved import Run


class BenchLive:
    """Draws what happens in a bench as it comes; a context manager. `saved` are the runs that were there before."""

    def __init__(self, console: Console, planned: Bench, saved: Mapping[str, Run]) -> None:
        self._console = console
        self._saved = saved
        self._total = planned.seeds * sum(entry.evaluations for entry in planned.entries)
        self._complete = 0
        """Evaluations of the finished runs."""
        self._open: tuple[str, int] = ("", 0)
        """The run under way, and how many of its evaluations are done."""
        self._fresh = 0
        """Evaluations of this session."""
        self._begun = time.monotonic()
        self._bar = Bar(console)

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def draw(self, step: Course | Finished) -> None:
        """Take what happened next into account."""
        if isinstance(step, Finished):
            self._complete += step.entry.evaluations
            self._open = ("", 0)
            before = self._saved.get(step.name)
            if before is None or before.stop is None:
                self._console.print(_line(step), soft_wrap=True)
        elif isinstance(step.event, Born):
            name, count = self._open
            if name != step.name:
                count = len(self._saved[step.name].individuals) if step.name in self._saved else 0
            self._open = (step.name, count + 1)
            self._fresh += 1
        done = self._complete + self._open[1]
        self._bar.show(done, self._total, self._state(done))

    def _state(self, done: int) -> str:
        """What stands beside the bar."""
        rate = self._fresh / max(time.monotonic() - self._begun, 1e-9)
        parts = [
            f"{done}/{self._total} evals",
            f"{rate:.1f} evals/s",
            f"{clock((self._total - done) / rate)} left" if rate else "",
            self._open[0],
        ]
        return " · ".join(part for part in parts if part)


def _line(run: Finished) -> str:
    value = measure(run.trail[-1], run.entry.config.metrics[0])
    return f"{run.name}: {value} after {run.evaluations} evaluations, {run.failures} of them failures"
