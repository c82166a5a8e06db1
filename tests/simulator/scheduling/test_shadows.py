"""The stand-ins behave as the originals, and tell when reading changes them."""

from __future__ import annotations

import collections
import copy
import itertools
from typing import Any

from evo.simulator.scheduling.shadows import shadows
from evo.simulator.scheduling.watch import Watch


def stand_ins() -> tuple[Watch, Any, Any]:
    """A watch in tick 3, and the stand-ins that tell it."""
    watch = Watch()
    found = shadows(watch)
    watch.begin(3)
    return watch, found["collections"]["defaultdict"], found["itertools"]["count"]


def test_a_defaultdict_tells_when_it_grows() -> None:
    """Looking up what is there is harmless; what is not there is made, and that is told in later calls."""
    watch, defaultdict, _ = stand_ins()
    made = defaultdict(list, {1: [2]})
    made[5].append(6)
    assert watch.still
    watch.begin(4)
    assert made[1] == [2]
    assert made.get(9) is None
    assert watch.still
    assert made[7] == []
    assert not watch.still
    assert repr(made) == repr(collections.defaultdict(list, {1: [2], 5: [6], 7: []}))
    assert isinstance(made, collections.defaultdict)
    assert copy.copy(made) == made.copy() == made


def test_a_count_tells_when_it_moves_on() -> None:
    """Also if something else than the policy takes its numbers."""
    watch, _, count = stand_ins()
    made = count(5, 2)
    assert next(made) == 5
    assert watch.still
    watch.begin(4)
    assert repr(made) == repr(itertools.count(7, 2))
    assert watch.still
    assert list(zip("ab", made, strict=False)) == [("a", 7), ("b", 9)]
    assert not watch.still
