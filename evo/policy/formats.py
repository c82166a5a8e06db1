"""Which attributes a format string reads: `"{0.priority.name}".format(x)` is attribute access in disguise."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

_STEP = re.compile(r"\[[^\]]*\]|\.([^.\[]*)")
_DEEPEST = 2  # str.format itself goes no deeper into format specifications


def attributes(template: str, depth: int = 0) -> Iterator[str]:
    """The names of attributes that `str.format` looks up for this template, nested specifications included.

    A malformed template reads what stands before its mistake, and then raises ValueError where it is used.
    """
    try:
        for _, place, specification, _ in string.Formatter().parse(template):
            if place:
                yield from (name for name in _STEP.findall(place) if name)
            if specification and depth < _DEEPEST:
                yield from attributes(specification, depth + 1)
    except ValueError:
        return
