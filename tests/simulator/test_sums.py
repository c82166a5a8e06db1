"""Sums to the last bit of CPython 3.12, whatever Python runs them."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.messages import Number
from evo.simulator.sums import compensated_sum

RECORDED: list[tuple[list[Number], Number]] = [
    ([], 0),
    ([1, 2, 3], 6),
    ([0.1] * 10, 1.0),
    ([1e16, 1.0, -1e16], 1.0),
    ([1e16, 1, 1.0, -1e16], 1.0),
    ([35, 55, 0.1, 0.2, 0.3], 90.6),
    ([0.1, 35, 0.2, 55, 0.3], 90.60000000000001),
    ([2**53, 1, 1.0], 9007199254740992.0),
    ([12.5, 0.1, 55, 6.000000000000001, 35, 0.30000000000000004], 108.89999999999999),
    ([math.inf, 1.0, -1e308], math.inf),
    ([1e308, 1e308, -1e308], math.inf),
    ([2**63, 0.1, 0.2, 0.3, 1e16, -1e16], 9.223372036854776e18),
    ([1e16, 1.0, 2**63, -1e16], 9.223372036854776e18),
]
"""What the built-in `sum` of CPython 3.12.1 says."""


@pytest.mark.parametrize(("values", "total"), RECORDED)
def test_sums_are_those_that_were_recorded(values: list[Number], total: Number) -> None:
    """Values summed by CPython 3.12 give the same bits, and the same kind of number, here."""
    result = compensated_sum(values)
    assert (type(result), result) == (type(total), total)


def test_an_empty_pool_holds_the_integer_zero() -> None:
    """The sum of nothing is an int, which a policy can tell from 0.0."""
    assert isinstance(compensated_sum([]), int)


@pytest.mark.skipif(not (3, 12) <= sys.version_info < (3, 14), reason="other versions of sum round otherwise")
@settings(max_examples=200)
@given(st.lists(st.one_of(st.integers(-(2**70), 2**70), st.integers(-100, 100), st.floats(allow_nan=False))))
def test_no_list_of_numbers_tells_it_from_the_builtin(values: list[Number]) -> None:
    """On a Python with the same `sum`, any list at all gives its bits."""
    assert repr(compensated_sum(values)) == repr(sum(values))


@given(st.lists(st.integers(-1000, 1000)), st.lists(st.integers(-1000, 1000)))
def test_whole_numbers_add_up_exactly(ints: list[int], wholes: list[int]) -> None:
    """However ints and whole floats are mixed, nothing is lost."""
    assert compensated_sum([*ints, *map(float, wholes)]) == sum(ints) + sum(wholes)
