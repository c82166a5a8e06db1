"""The enumerations that Eudoxia shares between simulator and policy, under upstream's names.

From `eudoxia/utils/utils.py` and `eudoxia/workload/runtime_status.py` at revision c62122c.
"""

from __future__ import annotations

import hashlib
import uuid
from enum import Enum


class _Ordered(Enum):
    """Members whose hash is their place: sets of them are walked in the same order by every process.

    Enum hashes the name, and the hash of a text changes from process to process.
    """

    def __init__(self, *_value: object) -> None:
        self.evo_place = len(type(self).__members__)

    def __hash__(self) -> int:
        return self.evo_place


class Priority(_Ordered):
    """A pipeline's class; upstream defines no order between members."""

    QUERY = 1
    INTERACTIVE = 2
    BATCH_PIPELINE = 3


class OperatorState(_Ordered):
    """Where an operator stands."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    RUNNING = "running"
    SUSPENDING = "suspending"
    COMPLETED = "completed"
    FAILED = "failed"


class DagShape(_Ordered):
    """How the generator connects a pipeline's operators."""

    LINEAR = "linear"
    BRANCH_IN = "branch_in"
    BRANCH_OUT = "branch_out"


VALID_TRANSITIONS: dict[OperatorState, list[OperatorState]] = {
    OperatorState.PENDING: [OperatorState.ASSIGNED],
    OperatorState.ASSIGNED: [OperatorState.RUNNING, OperatorState.SUSPENDING, OperatorState.FAILED],
    OperatorState.RUNNING: [OperatorState.COMPLETED, OperatorState.FAILED],
    OperatorState.SUSPENDING: [OperatorState.PENDING],
    OperatorState.COMPLETED: [],
    OperatorState.FAILED: [OperatorState.ASSIGNED],
}

ASSIGNABLE_STATES = frozenset({OperatorState.PENDING, OperatorState.FAILED})

STATES: tuple[OperatorState, ...] = tuple(OperatorState)
"""States in order of definition; a state's place here is its number in messages."""


def node_uuid(kind: str, number: int) -> uuid.UUID:
    """The id of a pipeline or operator.

    Upstream draws `uuid.uuid4()`, so that `str(op.id)` differs from run to run; ours is a fixed function of
    the order of arrival, for the sake of repeatable runs. It carries no information about the node.
    """
    return uuid.UUID(bytes=hashlib.sha256(f"{kind} {number}".encode()).digest()[:16], version=4)
