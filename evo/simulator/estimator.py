"""What a policy is told about an operator's memory before it runs: nothing, or the truth with noise.

The generator has the workload's seed but is its own (odd: estimates and workload are correlated), and draws once
per visit in upstream's order of iteration. See eudoxia/estimator/noisy.py.
"""

from __future__ import annotations

import numpy as np

from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters
from evo.simulator.trace import PipelineSpec, dag_order


class Estimator:
    """The estimates of one run; `parameters.refusal()` must be None. Serves one run, as it goes on drawing."""

    def __init__(self, parameters: Parameters) -> None:
        self._silent = not parameters.estimator_algo
        self._sigma = parameters.noisy_estimator_sigma
        self._rng = np.random.default_rng(parameters.random_seed)

    def estimates(self, pipeline: PipelineSpec) -> tuple[Number | None, ...]:
        """`op.estimate.mem_peak_gb` in GB for each operator of an arriving pipeline, in order of insertion."""
        estimates: list[Number | None] = [None] * len(pipeline.operators)
        if self._silent:
            return tuple(estimates)
        for place in dag_order([operator.parents for operator in pipeline.operators]):
            peak = pipeline.operators[place].peak_memory_gb
            estimates[place] = peak * self._rng.lognormal(0.0, self._sigma) if self._sigma > 0 else peak
        return tuple(estimates)
