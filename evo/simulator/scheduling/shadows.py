"""Stand-ins for the few things of the standard library that change when they are only read.

A `defaultdict` takes in the key that it is asked for, an `itertools.count` moves on: whatever reads them, however
deep inside a library. Those that a policy gets say so, unless they were made in the same call.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from evo.simulator.scheduling.loading import is_policys
from evo.simulator.scheduling.watch import Watch


class _Named(type):
    """The kind of a stand-in: its name is the original's, though errors call it by the module's name too."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        return cls.__qualname__


def shadows(watch: Watch) -> Mapping[str, Mapping[str, Any]]:
    """The stand-ins by name, by module."""

    class DefaultDict(collections.defaultdict[Any, Any], metaclass=_Named):
        __slots__ = ("evo_born",)

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.evo_born = watch.tick

        def __missing__(self, key: Any) -> Any:
            if self.evo_born != watch.tick or not _is_harmless(self.default_factory):
                watch.touch()
            return super().__missing__(key)

    class Count(itertools.count, metaclass=_Named):  # type: ignore[type-arg]
        __slots__ = ("evo_born",)

        def __init__(self, *_: Any, **__: Any) -> None:
            self.evo_born = watch.tick

        def __next__(self) -> Any:
            if self.evo_born != watch.tick:
                watch.touch()
            return super().__next__()

    named = {DefaultDict: collections.defaultdict, Count: itertools.count}
    for kind, original in named.items():
        kind.__doc__, kind.__module__ = original.__doc__, original.__module__
        # With the module in the name, errors read as those about the originals do.
        type.__dict__["__name__"].__set__(kind, f"{original.__module__}.{original.__name__}")
        kind.__qualname__ = original.__name__
    return {"collections": {"defaultdict": DefaultDict}, "itertools": {"count": Count}}


def _is_harmless(factory: Any) -> bool:
    """Whether making a value changes nothing, or is watched: kinds, and functions of the policy's own."""
    return isinstance(factory, type) or (isinstance(factory, FunctionType) and is_policys(factory))
