"""Many additions in a few steps, with every rounding as if they had been made one after the other.

While a sum stays between two powers of two it is a whole number of units in the last place, and each addition rounds
to such a number. By how much depends on the sum only in a tie, which goes to the even neighbour: so all that has to
be followed is whether the sum is odd, and that is one bit for each tick, for thousands of ticks in one integer.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evo.simulator.container import Stretch
from evo.simulator.scaling import DISK_SCAN_GB_SEC

_BLOCK = 2**12
"""Steps of reading in one table."""
_MOST = 2**53
"""So many units are the next power of two."""
_LARGEST_STEP = 2.0**62 / (_BLOCK * DISK_SCAN_GB_SEC)
"""The longest tick, in seconds and units of a sum, for which the sums of a table fit in 64 bits."""


def grown(total: float, stretches: Sequence[Stretch], done: int, until: int) -> float:
    """The sum after the tick `until`, in GB, if it is `total` after the tick `done`.

    In each tick the stretches add what they change by, in order: at most what a tick reads, and never less than 0.
    """
    if not stretches:
        return total
    tick_length = stretches[0].tick_length
    pace = len(stretches) * tick_length * DISK_SCAN_GB_SEC
    while done < until:
        exponent = math.frexp(total)[1] - 53
        # Sums in between two powers of two are reached by leaps.
        stop = min(until, done + int((math.ldexp(1.0, exponent + 53) - total) / pace - 1e-3))
        after = None
        if stop > done and total > 0 and math.ldexp(tick_length, -exponent) <= _LARGEST_STEP:
            after = _leap(total, stretches, done, stop, exponent)
        if after is None:
            stop = done + 1
            after = walked(total, stretches, done, stop)
        done, total = stop, after
    return total


def walked(total: float, stretches: Sequence[Stretch], done: int, until: int) -> float:
    """The same, one tick after the other, drops included."""
    for tick in range(done + 1, until + 1):
        for stretch in stretches:
            if stretch.began <= tick <= stretch.end:
                before = stretch.before if tick == stretch.began else stretch.level(tick - 1)
                total += stretch.level(tick) - before
    return total


def _leap(total: float, stretches: Sequence[Stretch], done: int, until: int, exponent: int) -> float | None:
    """`grown` below the next power of two; None if roundings take the sum beyond that."""
    units = int(math.ldexp(total, -exponent))
    odd = units & 1
    first, ticks = done + 1, until - done
    mask = (1 << ticks) - 1
    added = ties = firsts = 0
    current = -1
    for stretch in stretches:
        step = first - stretch.began
        place = step % _BLOCK
        if step >= 0 and until < stretch.end and place + ticks <= _BLOCK:
            if step // _BLOCK != current:
                current = step // _BLOCK
                grid = _grid(stretch.tick_length, current, exponent)
                sums, odd_steps, tie_steps = grid.sums, grid.odd, grid.ties
            units += sums[place + ticks] - sums[place]
            tie = tie_steps >> place & mask
            added ^= odd_steps >> place & mask
        elif stretch.began <= until and stretch.end >= first:
            whole, odds, tie = _steps(stretch, max(first, stretch.began), min(until, stretch.end), exponent)
            units += whole
            late = max(0, -step)
            tie <<= late
            added ^= odds << late
        else:
            continue
        if tie:
            # A sum that a tie would leave odd is rounded up. Whether a tick's first tie does so is not known yet.
            raised = added & tie
            if raised:
                added ^= raised
                later = raised & ties
                if later:
                    units += later.bit_count()
                    raised ^= later
                firsts |= raised
            ties |= tie
    units += _raised(odd, added, ties, firsts, ticks)
    return math.ldexp(units, exponent) if units <= _MOST else None


def _steps(stretch: Stretch, first: int, last: int, exponent: int) -> tuple[int, int, int]:
    """What a stretch adds in these ticks, in units, with ties rounded down; and with a bit for each tick, odd and ties."""
    added = odd = ties = place = 0
    count = last - first + (last != stretch.end)
    block, step = divmod(first - stretch.began, _BLOCK)
    while place < count:
        grid = _grid(stretch.tick_length, block, exponent)
        end = min(step + count - place, _BLOCK)
        mask = (1 << end - step) - 1
        added += grid.sums[end] - grid.sums[step]
        odd |= (grid.odd >> step & mask) << place
        ties |= (grid.ties >> step & mask) << place
        place += end - step
        block, step = block + 1, 0
    if last == stretch.end:
        before = stretch.level(last - 1) if last > stretch.began else stretch.before
        exact = math.ldexp(stretch.top - before, -exponent)
        whole = math.floor(exact)
        ties |= (exact - whole == 0.5) << count
        whole += exact - whole > 0.5
        added += whole
        odd |= (whole & 1) << count
    return added, odd, ties


def _raised(odd: int, added: int, ties: int, firsts: int, ticks: int) -> int:
    """How many first ties of a tick are rounded up, where the sum begins odd (1) or even (0).

    The rest has a bit for each tick: whether what it adds is odd (since its last tie, after which the sum is even),
    whether it has a tie, and whether the sum would be odd at the first of them had the tick begun even.
    """
    if not ties:
        return 0
    # A tick makes (odd and keeps) xor added of odd. Such steps compose, so that doubling strides reach every tick.
    keeps = ((1 << ticks) - 1) ^ ties
    stride = 1
    while keeps and stride < ticks:
        added ^= keeps & added << stride
        keeps &= keeps << stride | (1 << stride) - 1
        stride *= 2
    before = (added ^ keeps if odd else added) << 1 | odd
    return ((before ^ firsts) & ties).bit_count()


@dataclass(frozen=True)
class _Grid:
    """What each step of reading adds, in units of a sum's last place, in one block of steps.

    `sums[n]` is what n steps add up to, with ties rounded down; `odd` and `ties` have a bit for each step.
    """

    sums: array[int]
    odd: int
    ties: int


@lru_cache(maxsize=128)
def _grid(tick_length: float, block: int, exponent: int) -> _Grid:
    levels = np.arange(block * _BLOCK, (block + 1) * _BLOCK + 1, dtype=np.float64)
    exact = np.ldexp(np.diff(levels * tick_length * DISK_SCAN_GB_SEC), -exponent)
    whole = np.floor(exact)
    ties = exact - whole == 0.5
    added = np.where(ties, whole, np.rint(exact)).astype(np.int64)
    sums = array("q", np.concatenate(([0], np.cumsum(added))).tobytes())
    return _Grid(sums, _packed(added & 1 == 1), _packed(ties))


def _packed(flags: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
