"""The least that a container may be given in a search.

Eudoxia starts containers of any positive size, and one of a billionth of a CPU runs an operator that doesn't
scale as fast as any other, so that CPUs cost nothing. No platform sells such slices, so a policy that asks for one
has failed. `evo eval` keeps to Eudoxia. Knows replies, and nothing of who made them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from evo.simulator.messages import Decider, Fault, MemoryProbe, Observation, Reply

LEAST_CPUS = 0.01
LEAST_RAM_GB = 0.01
"""Of one container; both are far below what the smallest serverless functions get."""


@dataclass(frozen=True, slots=True)
class Floored:
    """A decider whose assignments below the least are faults of its policy (`Decider`)."""

    decider: Decider

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Start the policy."""
        return self.decider.start(parameters, memory)

    def decide(self, observation: Observation) -> Reply:
        """What the policy does, unless it asks for too little."""
        reply = self.decider.decide(observation)
        for order in reply.orders:
            if order.cpu < LEAST_CPUS or order.ram < LEAST_RAM_GB:
                message = (
                    f"an assignment must have at least {LEAST_CPUS} CPUs and {LEAST_RAM_GB} GB of RAM, "
                    f"got {order.cpu} and {order.ram}"
                )
                return msgspec.structs.replace(
                    reply, fault=Fault("policy", "ValueError", message, action=True)
                )
        return reply
