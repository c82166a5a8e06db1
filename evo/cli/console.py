"""How commands speak: results on stdout, everything else on stderr, JSON as data.

Where a human looks on there are colours and tables that fit the window; on a pipe there are plain lines of any
length. Text from outside (a policy's message, a file's name) is never taken for markup. Nothing here knows runs.
"""

from __future__ import annotations

import errno
import json
import math
import os
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import typer
from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from evo.printable import printable

PIPE_WIDTH = 200
"""Columns of a pipe, which has none: wide enough that a table's rows stay lines."""

NARROWEST = 16
"""Characters that a table's column of words keeps in the narrowest window, if it has as many."""

GAP = 2
"""Columns of a window that a column takes beside its cells: its padding and its border."""

SIGNIFICANT = 5
NOTHING = "-"
"""What stands where there is no value."""


class _Console(Console):
    """A console that takes text as text; a reader that has gone away raises BrokenPipeError, as anywhere else."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as ever, but never cut off what a table has beyond the window."""
        if any(isinstance(one, Table) for one in objects):
            options.setdefault("crop", False)
        super().print(*objects, **options)

    def on_broken_pipe(self) -> NoReturn:
        """Leave it to the one place that turns errors into exit codes."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def results() -> Console:
    """A console for results; plain and wide when stdout is a pipe or a file."""
    return _Console(markup=False, highlight=False, emoji=False, width=_width(sys.stdout.isatty()))


def messages() -> Console:
    """A console on stderr for progress and advice."""
    return _Console(
        stderr=True, markup=False, highlight=False, emoji=False, width=_width(sys.stderr.isatty())
    )


def is_animated(console: Console) -> bool:
    """Whether lines on stderr may be redrawn: only on a real terminal, whatever colours are forced."""
    return sys.stderr.isatty() and not console.is_dumb_terminal


class _Table(Table):
    """A table that grows beyond a narrow window rather than cut a number, which would then be another one."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, as wide as it has to be."""
        width = max(options.max_width, self._least(console))
        return super().__rich_console__(console, options.update(max_width=width))

    def _least(self, console: Console) -> int:
        unbounded = console.options.update(max_width=10_000)
        least = 0
        for column in self.columns:
            cells = (column.header, *column.cells)
            whole = max(console.measure(cell, options=unbounded).maximum for cell in cells)
            least += (whole if column.no_wrap else min(whole, NARROWEST)) + GAP
        return least


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table of evo's looks; the columns in `right` hold numbers and keep their width."""
    made = _Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        numeric = name in right
        made.add_column(name, justify="right" if numeric else "left", no_wrap=numeric, overflow="fold")
    return made


def cut(text: str) -> Text:
    """A table's cell that is cut to fit the window rather than broken into lines; on a pipe it is whole."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def write_json(value: Any) -> None:
    """Write one JSON document to stdout; NaN and infinities become the strings "NaN", "Infinity", "-Infinity"."""
    typer.echo(json.dumps(jsonable(value), indent=2, allow_nan=False))


def jsonable(value: Any) -> Any:
    """The same value in what JSON can say: floats as they are, but for those that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    return value


def number(value: float) -> str:
    """A measure for the eye: five significant digits, no exponent before a billion."""
    if not math.isfinite(value):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e9:
        return f"{value:.{SIGNIFICANT}g}"
    digits = SIGNIFICANT - 1 - (math.floor(math.log10(abs(value))) if value else 0)
    return f"{value:,.{max(digits, 0)}f}"


def one_line(text: str) -> str:
    """Any text as one line, without control characters that a terminal would obey."""
    return printable(" ".join(text.split()))


def visible(text: str) -> str:
    """Any text for a terminal, as it is but for control characters, which are escaped so that none is obeyed."""
    return printable(text, keep="\n\t")


def _width(terminal: bool) -> int | None:
    return None if terminal or "COLUMNS" in os.environ else PIPE_WIDTH
