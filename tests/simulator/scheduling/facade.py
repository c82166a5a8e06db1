"""Small worlds for the tests of the policy's side: parameters, observations, hosts."""

from __future__ import annotations

from typing import Any

from evo.simulator.messages import Arrival, Memory, Observation, Reply
from evo.simulator.scheduling.host import Host
from evo.simulator.scheduling.mirror import Mirror
from evo.simulator.scheduling.pipelines import Pipeline
from evo.simulator.scheduling.watch import Watch

PARAMETERS: dict[str, Any] = {
    "duration": 10,
    "ticks_per_second": 10,
    "num_pools": 2,
    "cpus_per_pool": 8,
    "ram_gb_per_pool": 32,
    "multi_operator_containers": True,
    "allow_memory_overcommit": False,
    "max_job_seconds": 0,
}

DIAMOND = ((), (0,), (0,), (1, 2))
"""Parents of four operators."""

NO_MEMORY = Memory((0.0, 0.0), ())


def arrival(name: str, parents: tuple[tuple[int, ...], ...] = ((),), priority: int = 1) -> Arrival:
    """A pipeline without estimates."""
    return Arrival(name, priority, parents, (None,) * len(parents))


def mirror(**parameters: Any) -> Mirror:
    """A facade in which nothing has happened."""
    return Mirror(Watch(), {**PARAMETERS, **parameters}, "x")


def pipeline(parents: tuple[tuple[int, ...], ...], **parameters: Any) -> Pipeline:
    """A pipeline that arrived in tick 0."""
    _, (arrived,) = mirror(**parameters).apply(Observation(0, 0, (arrival("p", parents),)))
    return arrived


def started(
    source: str, memory: Memory = NO_MEMORY, *, parameters: dict[str, Any] | None = None, **options: Any
) -> Host:
    """A host whose policy, of key "x", has been initialised."""
    host = Host(source, "x", **options)
    fault = host.start({**PARAMETERS, **(parameters or {})}, lambda tick: memory)
    assert fault is None, fault
    return host


def policy(step: str, init: str = "pass", module: str = "") -> str:
    """The source of a policy of key "x" from the bodies of its functions, of one line or of several with a margin."""
    return (
        f"{module}\n"
        f"@register_scheduler_init(key='x')\ndef init(s):\n    {_indented(init)}\n"
        f"@register_scheduler(key='x')\ndef step(s, results, pipelines):\n    {_indented(step)}\n"
    )


def _indented(body: str) -> str:
    return body.strip().replace("\n", "\n    ")


def called(source: str, *observations: Observation, **options: Any) -> list[Reply]:
    """The replies of a policy to these observations."""
    host = started(source, **options)
    return [host.decide(observation) for observation in observations]
