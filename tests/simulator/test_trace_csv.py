"""Rows of a trace file, and files that can't be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.errors import InputError
from evo.simulator.trace_csv import COLUMNS, read_rows, read_text, write_rows

HEADER = ",".join(COLUMNS)


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    """Blank lines and line breaks within quotes don't put the numbers out."""
    rows = read_rows(f'{HEADER}\n\n"a\nb",0,QUERY,x,,1,const,,1\nc,0,QUERY,x,,1,const,,1\n', "t.csv")
    assert [(row.line, row.text("pipeline_id")) for row in rows] == [(4, "a\nb"), (5, "c")]


def test_rows_are_written_as_upstream_writes_them() -> None:
    """Lines end with CR LF; None is an empty cell; numbers keep their kind; commas and quotes are quoted."""
    text = write_rows([('p,"1"', 0.30000000000000004, "QUERY", "op1", "", 15, "linear3", None, 35.0)])
    assert text == f'{HEADER}\r\n"p,""1""",0.30000000000000004,QUERY,op1,,15,linear3,,35.0\r\n'


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    """Spreadsheets write one; the first column is still pipeline_id."""
    file = tmp_path / "t.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n".encode())
    assert list(read_rows(read_text(file), "t.csv")) == []


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """Missing, a directory, not text: one line each."""
    with pytest.raises(InputError, match=r"absent\.csv: no such file"):
        read_text(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="give a readable CSV file"):
        read_text(tmp_path)
    binary = tmp_path / "b.csv"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"b\.csv: not UTF-8 text"):
        read_text(binary)


def test_an_endless_cell_is_no_csv() -> None:
    """A quote that is never closed swallows the file; the error names the line."""
    with pytest.raises(InputError, match=r"t\.csv, line \d+: not CSV: field larger than field limit"):
        list(read_rows(f'{HEADER}\n"{"x" * 200_000}', "t.csv"))
