"""Where it is worth a look: at doubled amounts, and where the budget ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evo.bench.axis import Axis, marks


def test_each_axis_has_its_marks() -> None:
    """Evaluations from 25 on, generations from 5 on, dollars from an eighth on; of many the last six."""
    assert marks(Axis.EVALUATIONS, 200) == [25, 50, 100, 200]
    assert marks(Axis.EVALUATIONS, 30) == [25, 30]
    assert marks(Axis.GENERATIONS, 22) == [5, 10, 20, 22]
    assert marks(Axis.GENERATIONS, 0) == [0]
    assert marks(Axis.DOLLARS, 4.0) == [0.5, 1.0, 2.0, 4.0]
    assert marks(Axis.EVALUATIONS, 3000) == [100, 200, 400, 800, 1600, 3000]


@given(st.sampled_from(Axis), st.floats(0.001, 1e6))
def test_marks_rise_to_the_budget(axis: Axis, budget: float) -> None:
    """Whatever the budget: the last mark is it, none is beyond it, and none is there twice."""
    found = marks(axis, budget)
    assert found[-1] == budget
    assert found == sorted(set(found))
    assert len(found) <= 6
