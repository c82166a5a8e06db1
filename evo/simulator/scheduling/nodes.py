"""Pipelines and operators as a policy sees them: a graph with states, and no true cost.

Behaves as `eudoxia/workload/pipeline.py`, `runtime_status.py` and `utils/dag.py` do, seen from outside. States are
kept beside the status dict, so that the questions a policy asks in every call need no hashing. Attributes that
begin with `evo_` are ours; all others are upstream's or the policy's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn
from uuid import UUID

from evo.simulator.messages import Arrival, Number
from evo.simulator.scheduling.watch import Facade, Shown, ShownDict, SimClock, Watch
from evo.simulator.states import (
    ASSIGNABLE_STATES,
    STATES,
    VALID_TRANSITIONS,
    OperatorState,
    Priority,
    node_uuid,
)
from evo.simulator.trace import dag_order

_HIDDEN = "an operator's true cost is hidden from schedulers; see op.estimate.mem_peak_gb"
_ASSIGNABLE = (OperatorState.PENDING, OperatorState.FAILED)


@dataclass
class Estimate:
    """What the estimator guesses about an operator; None where it gave no hint (eudoxia/estimator/estimator.py)."""

    mem_peak_gb: Number | None = None

    def to_dict(self) -> dict[str, Number | None]:
        """The hints by name."""
        return {"mem_peak_gb": self.mem_peak_gb}


class Node(Facade):
    """A member of a graph. Equal only to itself; its hash is its number, so that sets iterate the same in every run."""

    evo_kind = "node"

    def __init__(self, number: int) -> None:
        self.evo_number = number

    def __hash__(self) -> int:
        return self.evo_number

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.evo_number}>"

    @cached_property
    def id(self) -> UUID:
        """A unique id without meaning."""
        return node_uuid(self.evo_kind, self.evo_number)


class Operator(Node):
    """A function of a pipeline. What it will cost is not in this process."""

    evo_kind = "operator"

    def __init__(self, number: int, pipeline: Pipeline, estimate: Number | None) -> None:
        super().__init__(number)
        self.pipeline = pipeline
        self.parents: list[Operator] = Shown()
        self.children: list[Operator] = Shown()
        self.estimate = Estimate(estimate)
        self.evo_state = OperatorState.PENDING
        self.evo_waits = 0

    def state(self) -> OperatorState:
        """Where the operator stands now."""
        return self.evo_state

    def transition(self, new_state: OperatorState) -> None:
        """Move to a new state; raises AssertionError where that is not allowed."""
        self.pipeline.runtime_status().transition(self, new_state)

    @property
    def values(self) -> NoReturn:
        """Upstream's segments; raises AttributeError, as a scheduler can't know them."""
        raise AttributeError(_HIDDEN)

    def get_segments(self) -> NoReturn:
        """Upstream's segments; raises AttributeError, as a scheduler can't know them."""
        raise AttributeError(_HIDDEN)

    def to_dict(self) -> dict[str, Any]:
        """The operator as plain data."""
        return {
            "id": str(self.id),
            "state": self.evo_state.value,
            "is_assignable_state": self.evo_state in _ASSIGNABLE,
            "parents_complete": not self.evo_waits,
            "estimate": self.estimate.to_dict(),
        }


class DAG(Facade):
    """A pipeline's operators; iterates from the roots down, each when the last of its parents has been walked."""

    def __init__(self, operators: Sequence[Operator], parents: Sequence[tuple[int, ...]], owner: int) -> None:
        self.evo_operators = operators
        self.evo_owner = owner
        self.evo_order = [operators[place] for place in dag_order(parents)]
        self.roots = Shown(op for op, named in zip(operators, parents, strict=True) if not named)

    def __class_getitem__(cls, item: Any) -> type[DAG]:
        return cls

    def __len__(self) -> int:
        return len(self.evo_operators)

    def __iter__(self) -> Iterator[Operator]:
        return iter(self.evo_order)

    @cached_property
    def dag_id(self) -> UUID:
        """A unique id without meaning."""
        return node_uuid("dag", self.evo_owner)

    @cached_property
    def node_ids(self) -> list[UUID]:
        """Ids of the operators in order of insertion."""
        return Shown(op.id for op in self.evo_operators)

    @cached_property
    def node_lookup(self) -> dict[UUID, Operator]:
        """Operators by id, in order of insertion."""
        return ShownDict((op.id, op) for op in self.evo_operators)

    def find_node_by_id(self, n_id: Any) -> Operator | None:
        """The operator with this id, if there is one."""
        return self.node_lookup.get(n_id)


class PipelineRuntimeStatus(Facade):
    """Where the operators of a pipeline stand."""

    def __init__(self, pipeline: Pipeline, clock: SimClock, max_job_ticks: int) -> None:
        self.pipeline = pipeline
        self.clock = clock
        self.arrival_tick: int | None = clock.evo_watch.tick
        self.finish_tick: int | None = None
        self.max_job_ticks = max_job_ticks
        self.evo_order = list(dict.fromkeys(pipeline.values.evo_order))
        self.evo_open = len(self.evo_order)
        self.evo_found: dict[bool, list[Operator]] = {}

    @cached_property
    def operator_states(self) -> dict[Operator, OperatorState]:
        """State by operator, in the order of the graph's iteration."""
        return ShownDict((op, op.evo_state) for op in self.evo_order)

    @cached_property
    def state_counts(self) -> dict[OperatorState, int]:
        """How many operators are in each of the states; one that the graph yields twice is PENDING once too often."""
        counts = ShownDict.fromkeys(STATES, 0)
        counts[OperatorState.PENDING] = len(self.pipeline.values.evo_order) - len(self.evo_order)
        for op in self.evo_order:
            counts[op.evo_state] += 1
        return counts

    def has_timed_out(self) -> bool:
        """Whether the time allowed is over and the pipeline is not complete."""
        if self.max_job_ticks <= 0:
            return False
        assert self.arrival_tick is not None
        # The clock is read unseen: the engine has the policy called in every tick in which this becomes true.
        if self.clock.evo_watch.tick - self.arrival_tick < self.max_job_ticks:
            return False
        return bool(self.evo_open)

    def is_pipeline_successful(self) -> bool:
        """Whether all operators are COMPLETED."""
        return not self.evo_open

    def get_latency_ticks(self) -> int:
        """Ticks from arrival to completion; raises AssertionError before that is recorded."""
        if self.finish_tick is None:
            raise AssertionError("finish_tick not recorded")
        assert self.arrival_tick is not None
        return self.finish_tick - self.arrival_tick

    def get_ops(self, state: Any, require_parents_complete: bool = False) -> list[Operator]:
        """The operators in a state, or in any of several; if asked, only those whose parents are all COMPLETED."""
        if state is ASSIGNABLE_STATES:
            ready = bool(require_parents_complete)
            found = self.evo_found.get(ready)
            if found is None:
                found = self.evo_found[ready] = self._find(_ASSIGNABLE, ready=ready)
            return found.copy()
        if isinstance(state, OperatorState):
            state = (state,)
        return self._find(state, ready=bool(require_parents_complete))

    def _find(self, allowed: Any, *, ready: bool) -> list[Operator]:
        return [op for op in self.evo_order if op.evo_state in allowed and not (ready and op.evo_waits)]

    def check_transition(self, operator: Operator, new_state: Any) -> tuple[bool, str | None]:
        """Whether an operator may move to a state, and why not."""
        if operator.pipeline is not self.pipeline:
            raise KeyError(operator)
        old = operator.evo_state
        if new_state not in VALID_TRANSITIONS[old]:
            where = f"operator {operator.id} in pipeline {self.pipeline.pipeline_id}"
            return False, f"Cannot transition {where} from {old.value} to {new_state.value}"
        if new_state is OperatorState.RUNNING and operator.evo_waits:
            return False, "Dependencies not satisfied"
        return True, None

    def transition(self, operator: Operator, new_state: Any) -> None:
        """Move an operator to ASSIGNED; raises AssertionError where upstream does, RuntimeError for other states."""
        possible, reason = self.check_transition(operator, new_state)
        if not possible:
            raise AssertionError(reason)
        if new_state is not OperatorState.ASSIGNED:
            raise RuntimeError(f"only the executor moves operators to {new_state.value}")
        watch: Watch = self.clock.evo_watch
        watch.touch()
        watch.assigned.append(operator.evo_number)
        self.evo_move(operator, new_state)

    def evo_move(self, operator: Operator, new_state: OperatorState) -> None:
        """Note a new state, unchecked."""
        old, operator.evo_state = operator.evo_state, new_state
        self.evo_found.clear()
        kept = self.__dict__
        if "state_counts" in kept:
            self.state_counts[old] -= 1
            self.state_counts[new_state] += 1
        if "operator_states" in kept:
            self.operator_states[operator] = new_state
        if new_state is OperatorState.COMPLETED:
            self.evo_open -= 1
            for child in operator.children:
                child.evo_waits -= 1


class Pipeline(Node):
    """A graph of operators that arrived with a priority."""

    evo_kind = "pipeline"

    def __init__(
        self, number: int, first: int, arrival: Arrival, clock: SimClock, max_job_ticks: int
    ) -> None:
        super().__init__(number)
        self.pipeline_id = arrival.pipeline_id
        self.priority = Priority(arrival.priority)
        operators = [Operator(first + i, self, guess) for i, guess in enumerate(arrival.estimates)]
        for op, places in zip(operators, arrival.parents, strict=True):
            op.parents.extend(operators[place] for place in places)
            op.evo_waits = len(places)
            for parent in op.parents:
                parent.children.append(op)
        self.values = DAG(operators, arrival.parents, number)
        self.evo_status = PipelineRuntimeStatus(self, clock, max_job_ticks)

    def runtime_status(self) -> PipelineRuntimeStatus:
        """Where the operators stand; always the same object."""
        return self.evo_status

    def new_operator(self, parents: Any = None) -> NoReturn:  # noqa: ARG002 - upstream's signature
        """Raises RuntimeError: a scheduler can't add work."""
        raise RuntimeError("a scheduler can't add operators to a pipeline")

    def to_dict(self) -> dict[str, Any]:
        """The pipeline as plain data."""
        status = self.evo_status
        return {
            "pipeline_id": self.pipeline_id,
            "priority": self.priority.name,
            "arrival_tick": status.arrival_tick,
            "is_complete": status.is_pipeline_successful(),
            "has_failures": any(op.evo_state is OperatorState.FAILED for op in status.evo_order),
            "timed_out": status.has_timed_out(),
            "operators": [op.to_dict() for op in self.values],
        }
