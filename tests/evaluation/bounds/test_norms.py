"""The least length of a vector in a convex set: never more than the shortest one's, and nearly that."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evo.evaluation.bounds.norms import least_norm
from evo.evaluation.bounds.operators import Array

points = st.lists(st.tuples(*[st.floats(0.0, 10.0)] * 3), min_size=1, max_size=5)


@given(points, st.sampled_from([2, 4]))
def test_the_shortest_vector_is_hardly_longer(corners: list[tuple[float, float, float]], power: int) -> None:
    """Between some points, or beyond, no vector is shorter; and the shortest mean of them that is found by trying isn't much longer."""
    many = np.array(corners)

    def lowest(direction: Array) -> Array:
        lows: Array = many[int(np.argmin(many @ direction))]
        return lows

    least = least_norm(lowest, 3, power)
    means = np.random.default_rng(1).dirichlet(np.full(len(many), 0.5), 3000) @ many
    shortest = float(np.linalg.norm(np.vstack([means, many]), ord=power, axis=1).min())
    assert shortest * 0.9 - 0.2 <= least <= shortest * (1 + 1e-9) + 1e-12
