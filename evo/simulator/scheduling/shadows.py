"""Stand-ins for the few things of the standard library that change when they are only read.

A `defaultdict` takes in the key that it is asked for, an `itertools.count` moves on: whatever reads them, however
deep inside a library. Those that a policy gets say so, unless they were made in the same call.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Mapping
from typing import Any

from evo.simulator.scheduling.watch import Watch

COUNT = "itertools.count"


def shadows(watch: Watch) -> Mapping[str, Mapping[str, Any]]:
    """The stand-ins by name, by module."""

    class DefaultDict(collections.defaultdict[Any, Any]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.evo_born = watch.tick

        def __missing__(self, key: Any) -> Any:
            if self.evo_born != watch.tick:
                watch.touch()
            return super().__missing__(key)

    class Count:
        def __init__(self, start: Any = 0, step: Any = 1) -> None:
            self.evo_born = watch.tick
            self.evo_numbers = itertools.count(start, step)

        def __iter__(self) -> Count:
            return self

        def __next__(self) -> Any:
            if self.evo_born != watch.tick:
                watch.touch()
            return next(self.evo_numbers)

        def __repr__(self) -> str:
            return repr(self.evo_numbers)

    # With the module in the name, errors read as those about the originals do.
    DefaultDict.__name__ = "collections.defaultdict"
    Count.__name__ = COUNT
    return {"collections": {"defaultdict": DefaultDict}, "itertools": {"count": Count}}
