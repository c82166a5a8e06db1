"""Where every operator stands, on the engine's side.

The one place that changes an operator's state during a run; each change is noted for the policy's side. True
costs hang on the operators here and never leave. Nothing is built for a pipeline that nobody assigned. Rules from
`eudoxia/workload/runtime_status.py`; what breaks one raises `Violation`, which ends the run as upstream's
exception would have.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from evo.simulator.changes import Changes
from evo.simulator.states import STATES, VALID_TRANSITIONS, OperatorState, node_uuid
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
    """An operator that was assigned: its state, its true cost, and its place in its pipeline."""

    __slots__ = ("number", "pipeline", "place", "spec", "state")

    def __init__(self, number: int, pipeline: Pipeline) -> None:
        self.number = number
        self.pipeline = pipeline
        self.place = number - pipeline.first
        self.spec: OperatorSpec = pipeline.spec.operators[self.place]
        self.state = PENDING


class Pipeline:
    """A pipeline that arrived; `open` counts its operators that are not completed, `first` is its first's number.

    `deadline` is a tick, or infinite; `rank` its place in the order of entry into the table of outstanding pipelines.
    """

    __slots__ = ("arrival_tick", "deadline", "first", "number", "open", "rank", "spec")

    def __init__(self, number: int, first: int, spec: PipelineSpec, tick: int, deadline: float) -> None:
        self.number = number
        self.first = first
        self.spec = spec
        self.arrival_tick = tick
        self.deadline = deadline
        self.open = len(spec.operators)
        self.rank = number

    def timed_out(self, tick: int) -> bool:
        """Upstream's `has_timed_out()` with the clock at `tick`."""
        return tick >= self.deadline and self.open > 0


class Progress:
    """All pipelines of a run; each change of state goes into `changes`."""

    def __init__(self, changes: Changes) -> None:
        self.pipelines: list[Pipeline] = []
        self.operators = 0
        self.changes = changes
        self.completed: list[Pipeline] = []
        self._firsts: list[int] = []
        self._known: dict[int, Operator] = {}

    def arrive(self, spec: PipelineSpec, tick: int, deadline: float) -> Pipeline:
        """Enter a pipeline with all its operators pending."""
        pipeline = Pipeline(len(self.pipelines), self.operators, spec, tick, deadline)
        self.pipelines.append(pipeline)
        self._firsts.append(self.operators)
        self.operators += pipeline.open
        return pipeline

    def operator(self, number: int) -> Operator:
        """The operator with this number; raises Violation if there is none."""
        known = self._known.get(number)
        if known is not None:
            return known
        if not 0 <= number < self.operators:
            raise Violation("ValueError", f"there is no operator number {number}")
        pipeline = self.pipelines[bisect_right(self._firsts, number) - 1]
        self._known[number] = operator = Operator(number, pipeline)
        return operator

    def assign(self, numbers: Sequence[int]) -> None:
        """Follow the policy's side, where the constructors of Assignments moved operators to ASSIGNED.

        Raises Violation for a move that a constructor would not have allowed.
        """
        for number in numbers:
            operator = self._known.get(number) or self.operator(number)
            if ASSIGNED not in _ALLOWED[operator.state]:
                raise _forbidden(operator, ASSIGNED)
            operator.state = ASSIGNED

    def move(self, operator: Operator, state: int) -> None:
        """Change an operator's state and note it; raises Violation if upstream would not allow it."""
        if state not in _ALLOWED[operator.state]:
            raise _forbidden(operator, state)
        if state == RUNNING and operator.spec.parents:
            self._check_parents(operator)
        operator.state = state
        self.changes.moves.append((operator.number, state))
        if state == COMPLETED:
            pipeline = operator.pipeline
            pipeline.open -= 1
            if pipeline.open == 0:
                self.completed.append(pipeline)

    def _check_parents(self, operator: Operator) -> None:
        for place in operator.spec.parents:
            parent = self._known.get(operator.pipeline.first + place)
            if parent is None or parent.state != COMPLETED:
                raise Violation("AssertionError", "Dependencies not satisfied")


def _forbidden(operator: Operator, state: int) -> Violation:
    return Violation("AssertionError", transition_message(operator, STATES[operator.state], STATES[state]))


def transition_message(operator: Operator, old: OperatorState, new: OperatorState) -> str:
    """Upstream's words for a change of state that is not allowed."""
    node = node_uuid("operator", operator.number)
    return (
        f"Cannot transition operator {node} in pipeline {operator.pipeline.spec.pipeline_id} "
        f"from {old.value} to {new.value}"
    )
