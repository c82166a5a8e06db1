"""Operators and their graph as a policy sees them: states and guesses, and no true cost.

Behaves as `eudoxia/workload/pipeline.py` and `utils/dag.py` do, seen from outside. Nothing is made before it is
looked at, operators included. Attributes that begin with `evo_` are ours; all others are upstream's or the policy's
own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from evo.simulator.messages import Number
from evo.simulator.scheduling.watch import Facade, Shown, ShownDict, SimClock, lazy
from evo.simulator.states import OperatorState, node_uuid

if TYPE_CHECKING:
    from uuid import UUID

    from evo.simulator.scheduling.pipelines import Pipeline
    from evo.simulator.scheduling.status import PipelineRuntimeStatus

_HIDDEN = "an operator's true cost is hidden from schedulers; see op.estimate.mem_peak_gb"
_PENDING, _FAILED, _ASSIGNED = OperatorState.PENDING, OperatorState.FAILED, OperatorState.ASSIGNED


@dataclass(slots=True)
class Run:
    """What all pipelines of one run share; `operators` are those that were looked at, by their numbers in messages."""

    clock: SimClock
    max_job_ticks: int
    operators: dict[int, Operator] = field(default_factory=dict)


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
    evo_number: int

    def __hash__(self) -> int:
        return self.evo_number

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.evo_number}>"

    @lazy
    def id(self) -> UUID:
        """A unique id without meaning."""
        return node_uuid(self.evo_kind, self.evo_number)


class Operator(Node):
    """A function of a pipeline. What it will cost is not in this process."""

    evo_kind = "operator"

    def __init__(self, number: int, place: int, pipeline: Pipeline, status: PipelineRuntimeStatus) -> None:
        self.evo_number = number
        self.evo_place = place
        self.evo_status = status
        self.evo_state = _PENDING
        self.pipeline = pipeline

    @lazy
    def parents(self) -> list[Operator]:
        """The operators that must complete before, in order of attachment."""
        status = self.evo_status
        return Shown(map(status.evo_operator, status.evo_shape.parents[self.evo_place]))

    @lazy
    def children(self) -> list[Operator]:
        """The operators that wait for this one, in order of attachment."""
        status = self.evo_status
        return Shown(map(status.evo_operator, status.evo_shape.children[self.evo_place]))

    @lazy
    def estimate(self) -> Estimate:
        """What the estimator guesses."""
        return Estimate(self.evo_status.evo_arrival.estimates[self.evo_place])

    def state(self) -> OperatorState:
        """Where the operator stands now."""
        return self.evo_state

    def transition(self, new_state: OperatorState) -> None:
        """Move to a new state; raises AssertionError where that is not allowed."""
        if new_state is _ASSIGNED and (self.evo_state is _PENDING or self.evo_state is _FAILED):
            status = self.evo_status
            watch = status.evo_watch
            watch.touch()
            watch.assigned.append(self.evo_number)
            status.evo_move(self, _ASSIGNED)
        else:
            self.evo_status.transition(self, new_state)

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
            "is_assignable_state": self.evo_state in {_PENDING, _FAILED},
            "parents_complete": not self.evo_status.evo_waits[self.evo_place],
            "estimate": self.estimate.to_dict(),
        }


class DAG(Facade):
    """A pipeline's operators; iterates from the roots down, each when the last of its parents has been walked."""

    def __init__(self, status: PipelineRuntimeStatus, owner: int) -> None:
        self.evo_status = status
        self.evo_owner = owner

    def __class_getitem__(cls, item: Any) -> type[DAG]:
        return cls

    def __len__(self) -> int:
        return len(self.evo_status.evo_shape.parents)

    def __iter__(self) -> Iterator[Operator]:
        return iter(self.evo_walked)

    @lazy
    def evo_walked(self) -> list[Operator]:
        """The operators in order of iteration."""
        return list(map(self.evo_status.evo_operator, self.evo_status.evo_shape.walk))

    @lazy
    def evo_inserted(self) -> list[Operator]:
        """The operators in order of insertion."""
        return list(map(self.evo_status.evo_operator, range(len(self))))

    @lazy
    def roots(self) -> list[Operator]:
        """The operators without parents."""
        return Shown(map(self.evo_status.evo_operator, self.evo_status.evo_shape.roots))

    @lazy
    def dag_id(self) -> UUID:
        """A unique id without meaning."""
        return node_uuid("dag", self.evo_owner)

    @lazy
    def node_ids(self) -> list[UUID]:
        """Ids of the operators in order of insertion."""
        return Shown(op.id for op in self.evo_inserted)

    @lazy
    def node_lookup(self) -> dict[UUID, Operator]:
        """Operators by id, in order of insertion."""
        return ShownDict((op.id, op) for op in self.evo_inserted)

    def find_node_by_id(self, n_id: Any) -> Operator | None:
        """The operator with this id, if there is one."""
        return self.node_lookup.get(n_id)
