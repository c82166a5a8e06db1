"""A saved run that is edited by hand, as somebody would who wants another winner."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Saved = dict[str, Any]


def edit(root: Path, fitting: Callable[[Saved], bool], change: Callable[[Saved], object]) -> Saved:
    """Change the first record of "mine" that fits; the answer is the record as it is now."""
    journal = root / "mine" / "journal.jsonl"
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    record: Saved = next(one for one in records if fitting(one))
    change(record)
    journal.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in records))
    return record


def numbered(number: int) -> Callable[[Saved], bool]:
    """Whether a record is the individual of that number."""
    return lambda one: one["record"] == "individual" and one["number"] == number


def closing(number: int) -> Callable[[Saved], bool]:
    """Whether a record is the end of the generation of that number."""
    return lambda one: one["record"] == "generation" and one["number"] == number
