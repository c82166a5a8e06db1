"""The rows of a bench: what each changes in the configuration, and why one would want to know.

A row is one line here, or one of the user's. Whatever a row changes, all rows share traces, metric and seeds, or they
couldn't be compared. Knows nothing of runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evo.config import assigned
from evo.errors import InputError


@dataclass(frozen=True, slots=True)
class Row:
    """A variant of the search: the keys of a configuration that it changes, and what that means.

    One that `asks` is only of use where language models make children.
    """

    name: str
    changes: Mapping[str, Any]
    meaning: str
    asks: bool = False


ROWS = (
    Row("default", {}, "the configuration as it is"),
    Row("independent", {"strategy": "independent"}, "best of N: every child comes of the best founder"),
    Row("chat", {"strategy": "chat"}, "one conversation with the model", asks=True),
    Row("edits", {"answer": "edits"}, "models answer with edits, not with whole policies", asks=True),
    Row("all-asked", {"model_share": 1.0}, "models make all children", asks=True),
    Row("climber", {"population": 2, "children": 1}, "a hill climber that keeps two"),
    Row("wide", {"children": 8}, "more children at a time, of parents further back"),
    Row("large", {"population": 8, "children": 8}, "twice the individuals, a quarter of the generations"),
    Row(
        "huge", {"population": 16, "children": 24}, "four times the individuals, a twelfth of the generations"
    ),
    Row("no-tournament", {"tournament": 1}, "parents are drawn at random"),
    Row("big-tournament", {"tournament": 4}, "parents are nearly always the best"),
    Row("no-crossover", {"crossover": 0.0}, "every child has one parent"),
    Row("more-crossover", {"crossover": 0.6}, "more than half of the children have two parents"),
    Row("one-elite", {"elites": 1}, "of a generation only the best lives on beside its children"),
    Row("overlap", {"overlap": 1}, "a generation begins before the last is complete"),
    Row("no-stages", {"stages": False}, "every child is run on all traces"),
    Row("no-novelty", {"novelty": False}, "also children that do nothing new are scored"),
    Row("no-adaptation", {"adaptation": False}, "mutations as likely as ever, whatever they bring"),
    Row("islands", {"islands": 2}, "two parts that breed apart, and mix every fifth generation"),
    Row(
        "niches",
        {"niches": True, "population": 8},
        "eight live, the best of each sort of behaviour live on (MAP-Elites)",
    ),
)
"""All rows there are. The first is what the others are held against."""

ALWAYS = ("default", "independent", "chat")
"""Rows that are in every bench, the last if models are asked."""

_SHARED = ("seed", "suite", "metric")


def chosen(wanted: Sequence[str], *, asking: bool) -> tuple[Row, ...]:
    """The rows that are always there and those `wanted`, by name or as `NAME: KEY=VALUE …`; without any, all there are.

    `asking` says whether models make children; if not, rows about them are left out. Raises InputError.
    """
    fitting = {row.name: row for row in ROWS if asking or not row.asks}
    if not wanted:
        return tuple(fitting.values())
    rows = {name: fitting[name] for name in ALWAYS if name in fitting}
    for text in wanted:
        row = _own(text) if ":" in text else _known(text, fitting)
        namesakes = [one for one in (*ROWS, *rows.values()) if one.name == row.name]
        if any(one is not row for one in namesakes):
            raise InputError(f"--row {text}: there is another row '{row.name}'; give it another name")
        rows[row.name] = row
    return tuple(rows.values())


def lengthened(rows: Sequence[Row], wanted: Sequence[str]) -> tuple[Row, ...]:
    """The same, with evaluations of their own for those named in `ROW=EVALUATIONS`; raises InputError."""
    found = {row.name: row for row in rows}
    for text in wanted:
        name, _, number = text.partition("=")
        if not re.fullmatch(r"[0-9]{1,7}", number):
            raise InputError(f"--longer {text}: give ROW=EVALUATIONS, such as independent=1000")
        if name not in found:
            raise InputError(f"--longer {text}: no row '{name}' in this bench; there are {', '.join(found)}")
        found[name] = replace(found[name], changes={**found[name].changes, "evaluations": int(number)})
    return tuple(found.values())


def _known(name: str, fitting: Mapping[str, Row]) -> Row:
    if name in fitting:
        return fitting[name]
    if any(row.name == name for row in ROWS):
        raise InputError(f"--row {name}: it is about language models: give --model")
    raise InputError(
        f"--row {name}: there is no such row; there are {', '.join(fitting)}, or your own as 'NAME: KEY=VALUE …'"
    )


def _own(text: str) -> Row:
    """A row as the user describes it."""
    name, _, words = text.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", name):
        raise InputError(
            f"--row {text}: '{name}' can't be a row's name; use letters, digits, '-', '_' and '.'"
        )
    changes = assigned(words.split(), f"--row {text}")
    for key in _SHARED:
        if key in changes:
            raise InputError(f"--row {text}: {key} is the same for all rows, or they couldn't be compared")
    return Row(name, changes, words.strip() or "the configuration as it is")
