"""What one policy may use on one trace before it has failed.

`work` is counted in the policy's own steps and is the same everywhere; the others depend on the machine and are
there to protect it. Knows nothing of processes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from evo.errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a policy on each trace: wall seconds, megabytes of address space, units of work.

    Only time spent in waiting for the policy counts, not the engine's own. The memory is that of the whole
    process, in which an idle policy has some 110 MB mapped. Raises InputError for values that no policy could
    live with.
    """

    seconds: float = 60.0
    memory_mb: int = 1536
    work: int = 50_000_000

    def __post_init__(self) -> None:
        if not (math.isfinite(self.seconds) and self.seconds > 0):
            raise InputError(f"the time limit must be a positive number of seconds, got {self.seconds}")
        if self.memory_mb < 512:
            raise InputError(f"the memory limit must be at least 512 MB, got {self.memory_mb}")
        if self.work < 1:
            raise InputError(f"the work limit must be at least 1, got {self.work}")
