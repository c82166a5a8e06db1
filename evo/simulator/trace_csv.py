"""The rows of Eudoxia's trace files: text to checked cells, and cells to text, byte for byte as upstream writes it.

Every cell that can't be used ends in one InputError naming file, line and column. What rows mean together (which
make a pipeline, who is whose parent) is for `trace` to say. See eudoxia/workload/csv_io.py.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import NoReturn

from evo.errors import InputError
from evo.simulator.messages import Number

COLUMNS = (
    "pipeline_id",
    "arrival_seconds",
    "priority",
    "operator_id",
    "parents",
    "baseline_cpu_seconds",
    "cpu_scaling",
    "memory_gb",
    "storage_read_gb",
)
_OPTIONAL = frozenset({"parents", "memory_gb"})
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a trace file, with the place where it stands."""

    file: str
    line: int
    cells: Mapping[str, str | None]

    def text(self, column: str) -> str:
        """The cell as it is; in a column that the file may leave out, and does, it is empty."""
        value = self.cells.get(column, "")
        if value is None:
            self.blame(column, "the row ends before it", "fill in every column of the header")
        return value

    def number(self, column: str) -> float:
        """The cell as a number, maybe infinite, but not NaN."""
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            self.blame(column, f"{text!r} is no number" if text.strip() else "empty", "give a number")
        if math.isnan(value):
            self.blame(column, "NaN is not possible", "give a number")
        return value

    def cost(self, column: str) -> float:
        """The cell as a finite number from 0 up, in seconds or GB."""
        value = self.number(column)
        if not 0 <= value <= _LARGEST:
            self.blame(
                column,
                f"{self.text(column).strip()} is not possible",
                f"give a number from 0 to {_LARGEST:g}",
            )
        return value

    def blame(self, column: str, wrong: str, mend: str) -> NoReturn:
        """Raise the InputError for a cell of this row."""
        raise InputError(f"{self.file}, line {self.line}: column {column}: {wrong} ({mend})")


def read_text(path: str | PathLike[str]) -> str:
    """The text of a trace file; raises InputError if there is none."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file: give the path of an Eudoxia trace (CSV)") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}: give a readable CSV file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text: save it as UTF-8") from None


def read_rows(text: str, file: str) -> Iterator[Row]:
    """The rows below the header; `file` names the text in errors."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        header = reader.fieldnames or ()
        missing = [column for column in COLUMNS if column not in header and column not in _OPTIONAL]
        if missing:
            raise InputError(
                f"{file}, line 1: column {missing[0]} is missing (the header is {','.join(COLUMNS)})"
            )
        for cells in reader:
            yield Row(file, reader.line_num, cells)
    except csv.Error as error:
        raise InputError(f"{file}, line {reader.line_num}: not CSV: {error} (mend the quoting)") from None


def write_rows(rows: Iterable[tuple[str | Number | None, ...]]) -> str:
    """A whole file of `rows`, whose cells come in the order of `COLUMNS`; None leaves a cell empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue()
