"""Where every operator stands, on the engine's side.

The one place that changes an operator's state during a run; each change is noted for the policy's side. True
costs hang on the operators here and never leave. Rules from `eudoxia/workload/runtime_status.py`; what breaks
one raises `Violation`, which ends the run as upstream's exception would have.
"""

from __future__ import annotations

from evo.simulator.states import STATES, VALID_TRANSITIONS, OperatorState, Priority, node_uuid
from evo.simulator.trace import OperatorSpec, PipelineSpec

PENDING, ASSIGNED, RUNNING, SUSPENDING, COMPLETED, FAILED = range(6)

_ALLOWED = tuple(frozenset(STATES.index(new) for new in VALID_TRANSITIONS[state]) for state in STATES)


class Violation(Exception):  # noqa: N818 - it is the policy's fault, not an error of ours
    """What upstream would have raised: `kind` is the name of its exception's type."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Operator:
    """An operator that arrived: its state, its parents, its true cost."""

    __slots__ = ("number", "parents", "pipeline", "place", "spec", "state")

    def __init__(self, number: int, place: int, pipeline: Pipeline, spec: OperatorSpec) -> None:
        self.number = number
        self.place = place
        self.pipeline = pipeline
        self.spec = spec
        self.parents: tuple[Operator, ...] = tuple(pipeline.operators[p] for p in spec.parents)
        self.state = PENDING


class Pipeline:
    """A pipeline that arrived; `open` counts its operators that are not completed."""

    __slots__ = ("arrival_tick", "deadline", "number", "open", "operators", "pipeline_id", "priority")

    def __init__(self, number: int, spec: PipelineSpec, tick: int, deadline: int | None) -> None:
        self.number = number
        self.pipeline_id = spec.pipeline_id
        self.priority: Priority = spec.priority
        self.arrival_tick = tick
        self.deadline = deadline
        self.operators: list[Operator] = []
        self.open = len(spec.operators)

    def timed_out(self, tick: int) -> bool:
        """Upstream's `has_timed_out()` with the clock at `tick`."""
        return self.deadline is not None and tick >= self.deadline and self.open > 0


class Progress:
    """All pipelines of a run, and the changes of state since they were last taken."""

    def __init__(self) -> None:
        self.operators: list[Operator] = []
        self.pipelines = 0
        self.moves: list[tuple[int, int]] = []
        self.completed: list[Pipeline] = []

    def arrive(self, spec: PipelineSpec, tick: int, deadline: int | None) -> Pipeline:
        """Enter a pipeline with all its operators pending."""
        pipeline = Pipeline(self.pipelines, spec, tick, deadline)
        self.pipelines += 1
        for place, operator in enumerate(spec.operators):
            entered = Operator(len(self.operators), place, pipeline, operator)
            pipeline.operators.append(entered)
            self.operators.append(entered)
        return pipeline

    def assign(self, number: int) -> None:
        """Follow the policy's side, where the constructor of an Assignment moved an operator to ASSIGNED.

        Raises Violation for a move that the constructor would not have allowed.
        """
        if not 0 <= number < len(self.operators):
            raise Violation("ValueError", f"there is no operator number {number}")
        operator = self.operators[number]
        self._check(operator, ASSIGNED)
        operator.state = ASSIGNED

    def move(self, operator: Operator, state: int) -> None:
        """Change an operator's state and note it; raises Violation if upstream would not allow it."""
        self._check(operator, state)
        operator.state = state
        self.moves.append((operator.number, state))
        if state == COMPLETED:
            operator.pipeline.open -= 1
            if operator.pipeline.open == 0:
                self.completed.append(operator.pipeline)

    def _check(self, operator: Operator, state: int) -> None:
        if state not in _ALLOWED[operator.state]:
            old, new = STATES[operator.state], STATES[state]
            raise Violation("AssertionError", transition_message(operator, old, new))
        if state == RUNNING and any(parent.state != COMPLETED for parent in operator.parents):
            raise Violation("AssertionError", "Dependencies not satisfied")


def transition_message(operator: Operator, old: OperatorState, new: OperatorState) -> str:
    """Upstream's words for a change of state that is not allowed."""
    node = node_uuid("operator", operator.number)
    return (
        f"Cannot transition operator {node} in pipeline {operator.pipeline.pipeline_id} "
        f"from {old.value} to {new.value}"
    )
