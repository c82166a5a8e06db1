"""Tests of the mutations of resources."""

from __future__ import annotations

from evo.variation.syntax.amounts import change_amount, limit_amount, swap_amounts

from .drafts import children, new_lines, scheduler

START = """
for pool_id in range(s.executor.num_pools):
    cpu, ram = 1, free[pool_id]
    if ram > free[pool_id]:
        continue
    free[pool_id] -= ram
    out.append(Assignment(ops=ops, cpu=cpu, ram=ram, priority=1, pool_id=pool_id, pipeline_id="a"))
"""


def test_amounts_at_their_source() -> None:
    """Where an amount is set it becomes a share, a multiple, a bound, a plain number."""
    lines = new_lines(change_amount, scheduler(START), 400)
    assert any(line.startswith("cpu, ram = 1, s.executor.pools[pool_id].max_ram_pool // ") for line in lines)
    assert "cpu, ram = 1, free[pool_id] * 1.125" in lines
    assert any(line.startswith("cpu, ram = 1, max(free[pool_id], ") for line in lines)
    assert any(line.startswith("cpu, ram = min(1, ") for line in lines)


def test_amounts_where_they_are_given() -> None:
    """The arguments of Assignment count, by name and by position."""
    assert any("cpu=cpu * 2" in line for line in new_lines(change_amount, scheduler(START), 400))
    lines = new_lines(change_amount, scheduler("a = Assignment(ops, 7, 8, 1, 0, 'x')"), 400)
    assert "a = Assignment(ops, 7 * 2, 8, 1, 0, 'x')" in lines
    assert "a = Assignment(ops, 7, 8 * 1.5, 1, 0, 'x')" in lines
    assert not any("1 * 2" in line for line in lines)


def test_limits_stand_before_the_book_keeping() -> None:
    """A variable is changed right after it is set, so that checks and sums use the new amount."""
    for text in children(limit_amount, scheduler(START)).values():
        lines = [line.strip() for line in text.splitlines()]
        [place] = [n for n, line in enumerate(lines) if line.startswith(("ram = ", "cpu = "))]
        before = "if ram > free[pool_id]:" if lines[place].startswith("ram") else "out.append(Assignment("
        assert lines[place + 1].startswith(before)


def test_one_amount_for_another() -> None:
    """Memory changes places with memory, never with CPUs."""
    lines = new_lines(swap_amounts, scheduler("free_ram = 1\nram = 2\ncpu = 3\nwant_ram = 4"))
    assert "want_ram = free_ram" in lines
    assert "want_ram = ram" in lines
    assert not any("cpu" in line for line in lines)
