"""Cores: nobody shares one who needn't, and where cores are short the two sides of a run share theirs."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.cage.cores import settle, usable


@pytest.mark.skipif(not usable(), reason="processes can't be bound to cores here")
@given(st.sets(st.integers(0, 200), min_size=1, max_size=20), st.integers(1, 12))
def test_each_side_of_each_run_has_a_core_of_its_own_where_there_are_enough(
    cores: set[int], sharing: int
) -> None:
    """With two for each all are different; else each process and its policies share one, spread evenly."""
    own: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "sched_getaffinity", lambda _process: set(cores))
        patch.setattr(os, "sched_setaffinity", lambda _process, bound: own.extend(bound))
        policies = [settle(turn, sharing) for turn in range(sharing)]
    apart = [core for core in policies if core is not None]
    assert {*own, *apart} <= cores
    if len(cores) >= 2 * sharing:
        assert len({*own, *apart}) == 2 * sharing
    else:
        assert not apart
        counts = [own.count(core) for core in cores]
        assert max(counts) - min(counts) <= 1


def test_where_nothing_can_be_bound_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS processes wander, and the two sides take turns."""
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert usable() == []
    assert settle(0, 1) is None
