"""One policy on one workload, on whichever simulator: evo's own, or another with Eudoxia's semantics.

With evo's own the policy is in a cage, or in this process if the user trusts it. Both ways go through the same
seam (`Decider`) and give the same results. Knows nothing of suites or scores.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from evo.cage import Cage
from evo.evaluation.floor import Floored
from evo.population import Policy
from evo.simulator.audit import Laws
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.messages import Decider
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import Schedule, Trace
from evo.simulator.workload import generate


class Simulator(Protocol):
    """A function of a policy, a workload and parameters; `Engine` is evo's own, `simulator.eudoxia.Eudoxia` upstream."""

    def run(
        self,
        source: str,
        key: str,
        workload: Trace | None,
        parameters: Parameters,
        record: EventLog | None = None,
    ) -> SimulatorStats | RunFailure:
        """What becomes of the policy `source`, which registers `key`; what happens is noted in `record`.

        Without a workload it runs on what the generator makes of the parameters.
        """


@dataclass(frozen=True, slots=True)
class Engine:
    """evo's own simulator.

    Policies run in fresh processes of `cage`, or without one in this very process, unlimited: for trusted ones only.
    With `every_tick` no call of a policy is skipped, which changes nothing but the time it takes. With `floor`
    containers must have a least size (see `floor`), without they are as upstream's.
    """

    cage: Cage | None = None
    every_tick: bool = False
    floor: bool = False
    known: dict[tuple[str | None, Parameters], Laws] = field(default_factory=dict, compare=False, repr=False)
    """Laws by workload; an untrusted policy's run is held against them."""

    def run(
        self,
        source: str,
        key: str,
        workload: Trace | None,
        parameters: Parameters,
        record: EventLog | None = None,
    ) -> SimulatorStats | RunFailure:
        """What becomes of the policy: see `Simulator`."""
        refusal = parameters.refusal(generated=workload is None)
        if refusal is not None:
            return refusal
        if workload is None:
            schedule = generate(parameters)
        else:
            schedule = workload.schedule(parameters.ticks_per_second, parameters.max_ticks)
        if self.cage is None:
            host = Host(source, key, every_tick=self.every_tick)
            return simulate(self._floored(host), schedule, parameters, record)
        with self.cage.decider(source, key, every_tick=self.every_tick) as decider:
            laws = self._laws(workload, schedule, parameters)
            return simulate(self._floored(decider), schedule, parameters, record, laws)

    def _floored(self, decider: Decider) -> Decider:
        return Floored(decider) if self.floor else decider

    def _laws(self, workload: Trace | None, schedule: Schedule, parameters: Parameters) -> Laws:
        """The laws of a workload, made when it is first run."""
        key = (None if workload is None else workload.digest, parameters)
        known = self.known.get(key)
        if known is None:
            self.known[key] = known = Laws(schedule, parameters)
        return known


@dataclass(frozen=True, slots=True)
class Run:
    """A simulation's result, and the wall seconds that it took."""

    result: SimulatorStats | RunFailure
    seconds: float


def run_policy(
    policy: Policy,
    workload: Trace | None,
    parameters: Parameters,
    simulator: Simulator | None = None,
    *,
    record: EventLog | None = None,
) -> Run:
    """Run a policy on a simulator, or without one on evo's own in this very process: for trusted policies only."""
    chosen = simulator or Engine()
    begun = time.perf_counter()
    result = chosen.run(policy.source, policy.key, workload, parameters, record)
    return Run(result, time.perf_counter() - begun)
