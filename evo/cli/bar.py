"""What is seen while work goes on: a bar with words beside it, below whatever is printed, where a console can draw again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from evo.cli.console import is_animated

_WIDTH = 14
E = TypeVar("E")
T = TypeVar("T")


def followed(steps: Generator[E, None, T], draw: Callable[[E], object]) -> T:
    """What work that goes step by step comes to in the end; each of its steps is drawn."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            outcome: T = end.value
            return outcome
        draw(step)


class Bar:
    """A context manager; gone when it ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._drawn: Progress | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Self:
        if is_animated(self._console):
            columns = (BarColumn(_WIDTH), TextColumn("{task.description}"))
            self._drawn = Progress(*columns, console=self._console, transient=True)
            self._task = self._drawn.add_task("starting")
            self._drawn.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn is not None:
            self._drawn.stop()

    def show(self, done: int, total: int, words: str) -> None:
        """Draw how much is done of a total, with these words."""
        if self._drawn is not None:
            self._drawn.update(self._task, completed=done, total=total, description=words)
