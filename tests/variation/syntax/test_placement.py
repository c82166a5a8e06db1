"""Tests of the mutations of where containers go."""

from __future__ import annotations

from evo.variation.syntax.placement import repeat_loop, sort_pools

from .drafts import children, new_lines, scheduler
from .samples import JOBS


def test_pools_in_order() -> None:
    """Pools are gone through by what is free in them; a loop over other things is left alone."""
    lines = new_lines(sort_pools, JOBS)
    assert "for pool in sorted(s.executor.pools, key=lambda pool: -pool.avail_ram_pool):" in lines
    assert "for pool in sorted(s.executor.pools, key=lambda pool: len(pool.active_containers)):" in lines
    assert children(sort_pools, scheduler("for p in pipelines:\n    break")) == {}


def test_pools_again() -> None:
    """A loop over pools that starts containers may go round several times."""
    lines = new_lines(repeat_loop, JOBS)
    assert "for pool in list(s.executor.pools) * 2:" in lines
    assert "for pool in list(s.executor.pools) * 12:" in lines
