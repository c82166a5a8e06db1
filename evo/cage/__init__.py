"""Where policies run: a process of their own, fresh for each run, killed when it exceeds its limits.

The engine is on the other side of a wire (`evo.simulator.messages`). Knows nothing of suites, metrics or searches.
"""

from evo.cage.cage import Cage, CagedDecider
from evo.cage.limits import Limits

__all__ = ["Cage", "CagedDecider", "Limits"]
