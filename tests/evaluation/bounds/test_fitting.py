"""How much fits: never less than whoever tries all subsets finds, and exactly that where nothing need be cut."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.bounds import fitting
from evo.evaluation.bounds.fitting import Items, most, together, windows

work = st.lists(
    st.tuples(
        st.sampled_from((1.0, 1.0, 2.5, 5.0)), st.sampled_from((0.0, 1.0, 2.0, 3.5, 8.0)), st.integers(0, 2)
    ),
    min_size=1,
    max_size=7,
)


def items(rows: list[tuple[float, float, int]]) -> Items:
    """Work by (value, area, place), each of another owner."""
    values, areas, places = zip(*rows, strict=True)
    owners = np.arange(len(rows)) % fitting.OWNERS
    return Items(np.array(values), np.array(areas), np.array(places, np.int64), owners)


def possible(
    rows: list[tuple[float, float, int]], begins: list[float], ends: list[float], speed: float
) -> bool:
    """Whether all of it can be done with interruptions."""
    return all(
        sum(area for _, area, place in rows if i <= place <= k)
        <= speed * max(0.0, ends[k] - begins[i]) + 1e-12
        for i in range(len(begins))
        for k in range(i, len(begins))
    )


@given(
    work,
    st.sampled_from(([0.0, 1.0, 4.0], [0.0, 0.0, 9.0])),
    st.sampled_from((2.0, 3.0, 8.0)),
    st.sampled_from((0.5, 1, 2)),
)
def test_no_subset_is_worth_more(
    rows: list[tuple[float, float, int]], begins: list[float], wide: float, speed: float
) -> None:
    """No choice of work that fits into its windows is worth more, and what fits altogether is worth all it is."""
    ends = [begin + wide for begin in begins]
    chosen = (subset for size in range(len(rows) + 1) for subset in combinations(rows, size))
    best = max(
        sum(row[0] for row in subset) for subset in chosen if possible(list(subset), begins, ends, speed)
    )
    found = most(together(items(rows)), np.array(begins), np.array(ends), speed).sum()
    assert best <= found + 1e-9
    assert found <= sum(row[0] for row in rows) + 1e-9
    if possible(rows, begins, ends, speed):
        assert found == pytest.approx(best)


@given(st.lists(st.floats(0.1, 5), min_size=1, max_size=9), st.floats(0.1, 20))
def test_in_one_window_the_smallest_fit(areas: list[float], room: float) -> None:
    """Of equal values in one window as many fit as smallest areas do, and a part of the next."""
    found = most(items([(1.0, area, 0) for area in areas]), np.array([0.0]), np.array([room]), 1.0).sum()
    assert int(found + 1e-9) == int((np.cumsum(sorted(areas)) <= room * (1 + 1e-12)).sum())


@given(work, st.integers(1, 3))
def test_taking_items_together_allows_no_less(rows: list[tuple[float, float, int]], kept: int) -> None:
    """Too many items are put together so that more can be done rather than less."""
    begins, ends = np.array([0.0, 1.0, 4.0]), np.array([3.0, 4.0, 7.0])
    every = items(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "MOST_ITEMS", kept)
        fewer = together(every)
    assert len(fewer.values) <= len(every.values)
    assert fewer.values.sum() == pytest.approx(every.values.sum())
    assert most(fewer, begins, ends, 1.0).sum() >= most(every, begins, ends, 1.0).sum() - 1e-9


def test_many_arrivals_share_windows() -> None:
    """Up to a hundred ticks of arrival have windows of their own; beyond, neighbours share one that holds them all."""
    places, firsts, lasts = windows(np.array([3, 3, 7, 9]))
    assert (places.tolist(), firsts.tolist(), lasts.tolist()) == ([0, 0, 1, 2], [3, 7, 9], [3, 7, 9])
    ticks = np.arange(0, 5000, 7)
    places, firsts, lasts = windows(ticks)
    assert len(firsts) == fitting.MOST_WINDOWS
    assert (firsts[places] <= ticks).all()
    assert (ticks <= lasts[places]).all()
    assert (lasts[:-1] < firsts[1:]).all()
