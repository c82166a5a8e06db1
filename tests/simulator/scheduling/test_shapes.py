"""What is known of a graph is worked out once."""

from __future__ import annotations

from evo.simulator.scheduling.shapes import shape
from tests.simulator.scheduling.facade import DIAMOND


def test_pipelines_of_the_same_graph_have_the_same_shape() -> None:
    """A shape is found again by the parents of all operators."""
    known = shape(DIAMOND)
    assert known is shape(tuple(tuple(named) for named in DIAMOND))
    assert known.children == ((1, 2), (3,), (3,), ())
    assert (known.roots, known.order) == ((0,), (0, 1, 2, 3))


def test_repeats_are_kept() -> None:
    """An operator that names a parent twice is its child twice, and comes twice in the iteration."""
    known = shape(((), (0, 0)))
    assert (known.children, known.walk, known.order) == (((1, 1), ()), (0, 1, 1), (0, 1))
