"""Pipelines as a policy sees them (eudoxia/workload/pipeline.py).

A pipeline is at first no more than what arrived; its graph and its status are made when somebody looks.
"""

from __future__ import annotations

from typing import Any, NoReturn

from evo.simulator.messages import Arrival
from evo.simulator.scheduling.nodes import DAG, Node, Run
from evo.simulator.scheduling.status import PipelineRuntimeStatus
from evo.simulator.scheduling.watch import lazy
from evo.simulator.states import OperatorState, Priority

_PRIORITIES = {priority.value: priority for priority in Priority}


class Pipeline(Node):
    """A graph of operators that arrived with a priority in a tick; `first` is the number of its first operator."""

    evo_kind = "pipeline"

    def __init__(self, number: int, arrival: Arrival, tick: int, first: int, run: Run) -> None:
        self.evo_number = number
        self.evo_arrived = arrival, tick, first, run
        self.evo_status: PipelineRuntimeStatus | None = None
        self.pipeline_id = arrival.pipeline_id
        self.priority = _PRIORITIES[arrival.priority]

    @lazy
    def values(self) -> DAG:
        """The operators."""
        return DAG(self.runtime_status(), self.evo_number)

    def runtime_status(self) -> PipelineRuntimeStatus:
        """Where the operators stand; always the same object."""
        status = self.evo_status
        if status is None:
            status = self.evo_status = PipelineRuntimeStatus(self, *self.evo_arrived)
        return status

    def __reduce_ex__(self, protocol: Any) -> Any:
        # A copy has the same graph and status: so they must be there.
        self.values  # noqa: B018 - makes it
        return super().__reduce_ex__(protocol)

    def new_operator(self, parents: Any = None) -> NoReturn:  # noqa: ARG002 - upstream's signature
        """Raises RuntimeError: a scheduler can't add work."""
        raise RuntimeError("a scheduler can't add operators to a pipeline")

    def to_dict(self) -> dict[str, Any]:
        """The pipeline as plain data."""
        status = self.runtime_status()
        return {
            "pipeline_id": self.pipeline_id,
            "priority": self.priority.name,
            "arrival_tick": status.arrival_tick,
            "is_complete": status.is_pipeline_successful(),
            "has_failures": any(op.evo_state is OperatorState.FAILED for op in status.evo_ordered),
            "timed_out": status.has_timed_out(),
            "operators": [op.to_dict() for op in self.values],
        }
