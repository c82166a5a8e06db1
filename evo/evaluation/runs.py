"""One policy on one workload: through the cage, or in this process for policies that the user trusts.

Both ways go through the same seam (`Decider`) and give the same results. Knows nothing of suites or scores.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from evo.cage import Cage
from evo.population import Policy
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import Schedule, Trace
from evo.simulator.workload import generate


@dataclass(frozen=True, slots=True)
class Run:
    """A simulation's result, and the wall seconds that it took."""

    result: SimulatorStats | RunFailure
    seconds: float


def run_policy(
    policy: Policy,
    workload: Trace | Schedule | None,
    parameters: Parameters,
    *,
    cage: Cage | None = None,
    record: EventLog | None = None,
) -> Run:
    """Run a policy on a workload, or without one on what the generator makes of `parameters`.

    In a fresh process of `cage`, or without one in this very process, unlimited: for trusted policies only. What
    happens is noted in `record`.
    """
    begun = time.perf_counter()
    refusal = parameters.refusal(generated=workload is None)
    if refusal is not None:
        return Run(refusal, time.perf_counter() - begun)
    schedule = _schedule(workload, parameters)
    if cage is None:
        result = simulate(Host(policy.source, policy.key), schedule, parameters, record)
    else:
        with cage.decider(policy.source, policy.key) as decider:
            result = simulate(decider, schedule, parameters, record)
    return Run(result, time.perf_counter() - begun)


def _schedule(workload: Trace | Schedule | None, parameters: Parameters) -> Schedule:
    if workload is None:
        return generate(parameters)
    if isinstance(workload, Trace):
        return workload.schedule(parameters.ticks_per_second, parameters.max_ticks)
    return workload
