"""A log of what happened in a run: one JSON-ready line per tick with any event.

Each line has `tick`, `arrivals` (pipeline ids), `suspensions` ([container, pool] as returned), `assignments`
(pool, cpu, ram, pipeline, ops by place in their pipeline, op_pipelines where an operator belongs to another
one, container) and `results` ([container, pool, "ok" or the error]); the line of a failing tick has `error`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evo.simulator.changes import Changes
from evo.simulator.messages import Order, Reply
from evo.simulator.progress import Pipeline, Progress


class EventLog:
    """Collects the lines of one run, in order of ticks."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def arrive(self, tick: int, pipelines: Sequence[Pipeline]) -> None:
        """Note what arrives in a tick."""
        line = self._line(tick)
        line["arrivals"] = [p.spec.pipeline_id for p in pipelines]
        self.lines.append(line)

    def acted(self, tick: int, reply: Reply | None, progress: Progress, changes: Changes) -> None:
        """Note a tick that ended: what the policy did in it, and what came of it."""
        if not (changes.results or (reply and (reply.suspensions or reply.orders))):
            return
        line = self._line(tick)
        if reply:
            containers = {place: number for number, place in changes.started}
            line["suspensions"] = [list(suspension) for suspension in reply.suspensions]
            line["assignments"] = [
                _assignment(order, progress, containers.get(place))
                for place, order in enumerate(reply.orders)
            ]
        ended = zip(changes.results, changes.places, strict=True)
        line["results"] = [[number, pool, error or "ok"] for (number, error), pool in ended]
        self._put(line)

    def failed(self, tick: int, reply: Reply, progress: Progress, changes: Changes, phase: str) -> None:
        """Note the tick in which the run failed: no results, and no actions that can't be read."""
        line = self._line(tick)
        if phase == "executor" and reply.fault is not None and reply.fault.phase == "executor":
            line["suspensions"] = line["assignments"] = "unreadable"
        elif phase in {"executor", "bookkeeping"}:  # in any other the actions were not looked at
            self.acted(tick, reply, progress, changes)
            line = self.lines[-1] if self.lines and self.lines[-1]["tick"] == tick else line
        line["results"] = []
        line["error"] = True
        self._put(line)

    def _put(self, line: dict[str, Any]) -> None:
        if self.lines and self.lines[-1]["tick"] == line["tick"]:
            line["arrivals"] = self.lines.pop()["arrivals"]
        self.lines.append(line)

    def _line(self, tick: int) -> dict[str, Any]:
        return {"tick": tick, "arrivals": [], "suspensions": [], "assignments": [], "results": []}


def _assignment(order: Order, progress: Progress, container: int | None) -> dict[str, Any]:
    assigned = [progress.operator(number) for number in order.ops]
    line: dict[str, Any] = {
        "pool": order.pool,
        "cpu": order.cpu,
        "ram": order.ram,
        "pipeline": order.pipeline,
        "ops": [operator.place for operator in assigned],
    }
    owners = [operator.pipeline.spec.pipeline_id for operator in assigned]
    if any(owner != order.pipeline for owner in owners):
        line["op_pipelines"] = owners
    line["container"] = container
    return line
