"""What models are told, as files that a user edits: read, checked at once, then frozen.

A file's text has places, {{name}}, which are filled where a prompt is built; which places a file may have, and which
it can't do without, stands here. Whatever is wrong with a file is found on loading, and told with its line and the mend.
Knows neither policies nor models.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from evo.errors import InputError

Style = Literal["whole", "edits"]
"""How a model is to answer: with a whole policy, or with edits of the one that it is shown."""

BUDGET = 24_000
"""Tokens of a request, beside its constant part."""

_MOST = 200_000
"""Characters of a file."""

_PLACE = re.compile(r"\{\{[ \t]*([A-Za-z_]\w*)[ \t]*(\}\}|)")
_CROSSED = "combine"


@dataclass(frozen=True, slots=True)
class _Places:
    """The places that a file must have, and those that it may have."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_FILES: Mapping[str, _Places] = MappingProxyType(
    {
        "system": _Places(("metric", "cluster")),
        "policy-api": _Places(),
        "metric-latency": _Places(),
        "metric-throughput": _Places(),
        "answer-whole": _Places(),
        "answer-edits": _Places(),
        "mutation": _Places(("source", "told"), ("id", "traces", "references", "hint")),
        "crossover": _Places(
            ("first_source", "first_told", "second_source", "second_told"),
            ("first_id", "first_traces", "second_id", "second_traces", "references", "hint"),
        ),
        "repair": _Places(("error",)),
        "feedback": _Places(("told",), ("traces", "references", "best")),
    }
)
"""The files by name, but for those of further metrics and the hints, which have no places."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The texts by name ("mutation", "hints/explore"), how models answer, and the most tokens of a request.

    The tokens are those beside the constant part, a token counted as three characters.
    """

    texts: Mapping[str, str]
    style: Style = "whole"
    budget: int = BUDGET

    @classmethod
    def load(cls, folder: Path, style: Style = "whole", budget: int = BUDGET) -> Self:
        """The prompts in a folder; raises InputError that names the file, the line and the mend."""
        texts = {name: _read(folder, name, places) for name, places in _FILES.items()}
        metrics = {path.stem for path in folder.glob("metric-*.md")} - texts.keys()
        texts |= {name: _read(folder, name, _Places()) for name in sorted(metrics)}
        hints = sorted(path.stem for path in (folder / "hints").glob("*.md"))
        for crossed in (False, True):
            if not _fitting(hints, crossed=crossed):
                named = f"{_CROSSED}.md" if crossed else "explore.md"
                raise InputError(f"{folder / 'hints' / named}: no such file; {_RESTORE}")
        texts |= {f"hints/{name}": _read(folder, f"hints/{name}", _Places()) for name in hints}
        return cls(MappingProxyType(texts), style, budget)

    def constant(self, metric: str, cluster: str) -> str:
        """What is said first in every request of a run: what there is to do, what policies can do, how to answer.

        `metric` and `cluster` say in words what is scored and where, and are the same in all of a run.
        """
        system = self.filled("system", {"metric": metric, "cluster": cluster})
        return "\n\n".join([system, self.texts["policy-api"], self.texts[f"answer-{self.style}"]]) + "\n"

    def filled(self, name: str, values: Mapping[str, str]) -> str:
        """A text with all its places filled; what is put in is not looked at again."""
        return _PLACE.sub(lambda place: values[place[1]], self.texts[name])

    def hints(self, *, crossed: bool) -> tuple[str, ...]:
        """The names of the hints for a child of one parent, or of two: these begin with "combine"."""
        names = sorted(name.removeprefix("hints/") for name in self.texts if name.startswith("hints/"))
        return tuple(_fitting(names, crossed=crossed))


_RESTORE = "restore it from the folder markdown that comes with evo"


def _fitting(names: list[str], *, crossed: bool) -> list[str]:
    return [name for name in names if name.startswith(_CROSSED) == crossed]


def _read(folder: Path, name: str, places: _Places) -> str:
    """The text of a file, checked."""
    path = folder / f"{name}.md"
    try:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {_RESTORE}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; give a readable file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    if not text.strip():
        raise InputError(
            f"{path}: line 1: the file is empty; write what the model shall be told, or {_RESTORE}"
        )
    if len(text) > _MOST:
        raise InputError(f"{path}: {len(text):,} characters, at most {_MOST:,} are possible; shorten it")
    _check(path, text, places)
    return text.strip()


def _check(path: Path, text: str, places: _Places) -> None:
    """Raise InputError for the first place that can't be filled, and for one that must be there and isn't."""
    known = [*places.required, *places.optional]
    found: set[str] = set()
    for place in _PLACE.finditer(text):
        line = text.count("\n", 0, place.start()) + 1
        if place[1] not in known:
            raise InputError(
                f"{path}: line {line}: {{{{{place[1]}}}}} stands for nothing here; {_mend(place[1], known)}"
            )
        if not place[2]:
            raise InputError(f"{path}: line {line}: {{{{{place[1]} is not closed; write {{{{{place[1]}}}}}")
        found.add(place[1])
    for name in places.required:
        if name not in found:
            last = len(text.splitlines())
            raise InputError(
                f"{path}: line {last}: the file ends without {{{{{name}}}}}; write it where that shall stand"
            )


def _mend(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"did you mean {{{{{near[0]}}}}}?"
    if not known:
        return "this file has no places to fill; take it out"
    return f"known are {', '.join(f'{{{{{each}}}}}' for each in known)}"
