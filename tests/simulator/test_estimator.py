"""Estimates, draw for draw as recorded from upstream."""

from __future__ import annotations

from typing import Any

from evo.simulator.estimator import Estimator
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.trace import OperatorSpec, PipelineSpec

ODD = PipelineSpec(
    "a",
    Priority.QUERY,
    (
        OperatorSpec((), 1.0, "const", None, 10.0),
        OperatorSpec((0, 0), 1.0, "const", 4.0, 20.0),
        OperatorSpec((), 1.0, "const", None, 3.0),
    ),
)
"""A late root, and an operator that names its parent twice, so that it is visited twice."""
PLAIN = PipelineSpec("b", Priority.QUERY, (OperatorSpec((), 1.0, "const", None, 10.0),))
WHOLE = PipelineSpec("c", Priority.QUERY, (OperatorSpec((), 1, "const", None, 55),))


def estimator(**given: Any) -> Estimator:
    """The estimator of a run with these parameters."""
    return Estimator(Parameters.complete({"random_seed": 7} | given))


def test_noise_is_upstreams_draw_for_draw() -> None:
    """One draw per visit in order of iteration, the last one counts, and the next pipeline goes on from there."""
    noisy = estimator(estimator_algo="noisy", noisy_estimator_sigma=0.4)
    assert noisy.announce(ODD).estimates == (10.004921824250347, 2.8012272524968633, 3.3807936974909354)
    assert noisy.announce(PLAIN).estimates == (8.337111212127246,)


def test_without_noise_the_truth_is_told_as_it_is() -> None:
    """No draw, and no conversion: an int stays an int."""
    honest = estimator(estimator_algo="noisy", noisy_estimator_sigma=0.0)
    assert honest.announce(ODD).estimates == (10.0, 4.0, 3.0)
    (peak,) = honest.announce(WHOLE).estimates
    assert (type(peak), peak) == (int, 55)


def test_without_an_estimator_nothing_is_known() -> None:
    """The default: a policy gets None for every operator."""
    assert estimator(noisy_estimator_sigma=0.4).announce(ODD).estimates == (None, None, None)
