"""How good any policy could be on a workload, clairvoyant ones included: for each metric a value that none betters.

Computed from the workload and the cluster alone; knows nothing of policies or runs. Sound before tight.
"""

from __future__ import annotations

from evo.evaluation.bounds.limits import PENALTY, POWER, SHORTEST, WEIGHTS, Bounds, bounds
from evo.evaluation.bounds.pipelines import earliest

__all__ = ["PENALTY", "POWER", "SHORTEST", "WEIGHTS", "Bounds", "bounds", "earliest"]
