"""What a policy is told about an operator's memory before it runs: nothing, or the truth with noise.

The generator has the workload's seed but is its own (odd: estimates and workload are correlated), and draws once
per visit in upstream's order of iteration. See eudoxia/estimator/noisy.py.
"""

from __future__ import annotations

import numpy as np

from evo.simulator.messages import Arrival
from evo.simulator.parameters import Parameters
from evo.simulator.trace import PipelineSpec, dag_order


class Estimator:
    """The estimates of one run; `parameters.refusal()` must be None. Serves one run, as it goes on drawing."""

    def __init__(self, parameters: Parameters) -> None:
        self._silent = not parameters.estimator_algo
        self._sigma = parameters.noisy_estimator_sigma
        self._rng = np.random.default_rng(parameters.random_seed)

    def announce(self, pipeline: PipelineSpec) -> Arrival:
        """What the policy's side is told of an arriving pipeline, `op.estimate.mem_peak_gb` in GB included."""
        arrival = pipeline.arrival
        if self._silent:
            return arrival
        estimates = list(arrival.estimates)
        for place in dag_order(arrival.parents):
            peak = pipeline.operators[place].peak_memory_gb
            estimates[place] = peak * self._rng.lognormal(0.0, self._sigma) if self._sigma > 0 else peak
        return Arrival(arrival.pipeline_id, arrival.priority, arrival.parents, tuple(estimates))
