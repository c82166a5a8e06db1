"""What a run looks like while it goes on: lines for its generations, and below them a bar where somebody looks on.

All of it goes to stderr. Rates and times left are estimates for the eye; nothing here touches what is saved.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console

from evo.cli.bar import Bar
from evo.cli.console import NOTHING, number
from evo.cli.words import failures, origin, outcome
from evo.config import RunConfig
from evo.evolution import Event, Tried
from evo.fame import pareto_front
from evo.population import Failure, Individual, Partial
from evo.records import Generation

_LINE = "{:>10}  {}  {:>7}  {:>6}  {}{}"
_CELL = 11
"""The least width of a value's column."""
_BILL = "{:<22}  "
_ROWS = 24
"""So many generations have a line each; of more only some, and those that bring a new best."""


class Live:
    """Draws the events of a run as they come; a context manager.

    `done` is the number of the last complete generation before this session, None if there was none, and `asked`
    that of the last one wanted. `bill` tells what was spent, where anything is; `before` were scored before this session.
    """

    def __init__(
        self,
        console: Console,
        config: RunConfig,
        done: int | None,
        asked: int,
        bill: Callable[[], str] | None = None,
        before: int = 0,
    ) -> None:
        self._console = console
        self._config = config
        self._done = done
        self._asked = asked
        self._bill = bill
        self._begun = time.monotonic()
        self._before = before
        self._scored = 0
        self._born = 0
        self._failed = 0
        self._tried = 0
        self._best: Individual | None = None
        self._since: list[Generation] = []
        """Generations since the last line."""
        self._bar = Bar(console)

    def __enter__(self) -> Self:
        values = "  ".join(f"{head:>{_CELL}}" for head in self._heads)
        bill = "" if self._bill is None else _BILL.format("spent")
        self._say(_LINE.format("generation", values, "evals/s", "left", bill, "failed"), "bold")
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def draw(self, event: Event) -> None:
        """Take the next event into account."""
        if isinstance(event, Tried):
            self._select(event)
            return
        if isinstance(event, Generation):
            news = _reached(event.best) != _reached(self._best)
            self._done, self._born, self._best = event.number, 0, event.best
            self._failed = 0
            self._since.append(event)
            if news or self._has_row(event):
                self._say(self._line(event))
                self._since.clear()
        else:
            self._scored += 1
            self._born += 1
            self._failed += isinstance(event.individual.outcome, Failure)
            if event.individual.policy.refused:
                self._say(f"refused: {origin(event.individual)}: {outcome(event.individual)}", "yellow")
        self._bar.show(self._total - self._left, self._total, self._state())

    def _select(self, event: Tried) -> None:
        """Show how far the hall of fame is scored on the selection traces; when it is, a line says so."""
        self._tried += 1
        done = f"{self._tried} of {self._tried + event.left} on the selection traces"
        self._bar.show(self._tried, self._tried + event.left, done)
        if not event.left:
            self._say(f"Hall of fame: {done}.")
            self._tried = 0

    @property
    def _heads(self) -> list[str]:
        """What stands above the values of a generation; of several metrics the best by each, and how many are best."""
        first, *others = self._config.metrics
        return (
            [metric.head for metric in (first, *others)] + ["front"]
            if others
            else [f"best ({first.unit})", "median"]
        )

    def _values(self, event: Generation) -> list[str]:
        metrics = self._config.metrics
        if len(metrics) == 1:
            best = event.best.fitness if event.best is not None else None
            values = [None if best is None else best.value, event.median]
            return [NOTHING if value is None else number(value) for value in values]
        living = event.population.individuals
        reached = [one.fitness.values for one in living if one.fitness is not None]
        if not reached:
            return [NOTHING] * len(self._heads)
        tops = (min((values[metric] for values in reached), key=metric.cost) for metric in metrics)
        return [*map(number, tops), str(len(pareto_front(living)))]

    @property
    def _total(self) -> int:
        """Individuals of the whole run, unless it stops early."""
        whole = self._config.population + self._asked * self._config.children
        return min(whole, self._most or whole)

    @property
    def _most(self) -> int | None:
        """Individuals with which the run ends; None if it has none, or has gone on after it."""
        most = self._config.evaluations
        return None if most is None or self._before + self._scored > most else most

    @property
    def _left(self) -> int:
        """Individuals still to be scored, unless the run stops early."""
        ahead = self._total if self._done is None else (self._asked - self._done) * self._config.children
        left = max(ahead - self._born, 0)
        return left if self._most is None else min(left, self._most - self._before - self._scored)

    @property
    def _rate(self) -> float:
        return self._scored / max(time.monotonic() - self._begun, 1e-9)

    def _line(self, event: Generation) -> str:
        cells = zip(self._heads, self._values(event), strict=True)
        return _LINE.format(
            f"{event.number}/{self._asked}" if self._most is None else str(event.number),
            "  ".join(f"{value:>{max(len(head), _CELL)}}" for head, value in cells),
            f"{self._rate:.1f}",
            clock(self._left / self._rate) if self._scored else NOTHING,
            "" if self._bill is None else _BILL.format(self._bill()),
            f"{failures(_summed(self._since))}{_spared(self._since)}",
        )

    def _has_row(self, event: Generation) -> bool:
        """Whether a generation without a new best has a line: each, or where there are many every so many and the last."""
        every = 1 + (self._asked - 1) // _ROWS
        return event.number % every == 0 or event.number == self._asked or event.stop is not None

    def _state(self) -> str:
        """What stands beside the bar."""
        generation = 0 if self._done is None else self._done + 1
        best = self._best.fitness if self._best is not None else None
        if self._most is None:
            place = f"generation {min(generation, self._asked)}/{self._asked}"
        else:
            place = f"{self._before + self._scored}/{self._most} evals"
        parts = [
            place,
            f"{self._rate:.1f} evals/s",
            f"{clock(self._left / self._rate)} left" if self._scored else "",
            f"best {number(best.value)}" if best is not None else "",
            f"{self._failed} failed" if self._failed else "",
        ]
        return " · ".join(part for part in parts if part)

    def _say(self, text: str, style: str | None = None) -> None:
        # A terminal shows a row a generation, cut at its edge; a log keeps all of it.
        if self._console.is_terminal:
            self._console.print(text, style=style, no_wrap=True, overflow="ellipsis")
        else:
            self._console.print(text, style=style, soft_wrap=True)


def _reached(best: Individual | None) -> object:
    """What the best has come to: another one that is as good is no news."""
    return None if best is None or best.fitness is None else best.fitness.values


def _summed(events: Iterable[Generation]) -> dict[str, int]:
    """The failures of some generations by kind."""
    return dict(sum((Counter(event.failures) for event in events), Counter()))


def _spared(events: Sequence[Generation]) -> str:
    """Who needn't be run on all traces in some generations."""
    stopped = sum(isinstance(one.outcome, Partial) for event in events for one in event.born)
    counted = ((stopped, "stopped early"), (sum(event.echoes for event in events), "nothing new"))
    return "".join(f" · {count} {words}" for count, words in counted if count)


def clock(seconds: float) -> str:
    """A time as minutes and seconds, with hours if there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
