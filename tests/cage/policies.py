"""Policies that misbehave, as text, and the smallest engine that can run them."""

from __future__ import annotations

from textwrap import indent
from typing import Any

from evo.cage import Cage
from evo.simulator.messages import Fault, Memory, Observation
from evo.simulator.parameters import Parameters

KEY = "hostile"


def policy(body: str, before: str = "") -> str:
    """A policy whose scheduler does `body` in each call; `before` stands at the module's top."""
    return (
        f"import os, random, sys\n{before}\n"
        f"@register_scheduler_init(key='{KEY}')\ndef init(s):\n    pass\n\n"
        f"@register_scheduler(key='{KEY}')\ndef step(s, results, pipelines):\n"
        f"{indent(body, '    ')}\n    return [], []\n"
    )


def fault_of(cage: Cage, source: str, calls: int = 1) -> Fault | None:
    """The fault of a policy in its first `calls` calls, each in a tick of its own."""
    with cage.decider(source, KEY) as decider:
        fault = decider.start(parameters(), no_memory)
        for tick in range(calls):
            if fault is None:
                fault = decider.decide(Observation(tick, 0)).fault
        return fault


def parameters() -> dict[str, Any]:
    """What the engine tells a policy about a cluster of one pool."""
    return Parameters.complete({"num_pools": 1}).visible


def no_memory(_tick: int) -> Memory:
    """What an engine answers whose one pool is empty."""
    return Memory((0,), ())
