"""What is known of a graph is worked out once."""

from __future__ import annotations

from evo.simulator.scheduling.shapes import Shapes
from tests.simulator.scheduling.facade import DIAMOND


def test_pipelines_of_the_same_graph_have_the_same_shape() -> None:
    """A shape is found again by the parents of all operators."""
    shapes = Shapes()
    assert shapes[DIAMOND] is shapes[tuple(tuple(named) for named in DIAMOND)]
    assert shapes[DIAMOND].children == ((1, 2), (3,), (3,), ())
    assert (shapes[DIAMOND].roots, shapes[DIAMOND].order) == ((0,), (0, 1, 2, 3))
    assert len(shapes) == 1


def test_repeats_are_kept() -> None:
    """An operator that names a parent twice is its child twice, and comes twice in the iteration."""
    shape = Shapes()[(), (0, 0)]
    assert (shape.children, shape.walk, shape.order) == (((1, 1), ()), (0, 1, 1), (0, 1))
