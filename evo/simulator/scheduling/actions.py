"""What a policy returns and what it is told: assignments, suspensions, results (eudoxia/executor/assignment.py).

These hold whatever the policy put into them; what is made of it is checked where it is read.
"""

from __future__ import annotations

from typing import Any

from evo.simulator.scheduling.watch import Facade
from evo.simulator.states import OperatorState

_ASSIGNED = OperatorState.ASSIGNED


class Assignment:
    """A container to be started; making one moves its operators to ASSIGNED at once, in order.

    `ops` is kept, not copied. Raises AssertionError for no operators, for amounts that are not positive, and for
    operators that can't be assigned.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - upstream's signature
        self,
        ops: Any,
        cpu: Any,
        ram: Any,
        priority: Any,
        pool_id: Any,
        pipeline_id: Any,
        container_id: Any = None,
        is_resume: Any = False,
        force_run: Any = False,
    ) -> None:
        if not len(ops) > 0:
            raise AssertionError("assignments cannot have zero operators")
        if not cpu > 0:
            raise AssertionError(f"must assign positive CPU allocation, got {cpu}")
        if not ram > 0:
            raise AssertionError(f"must assign positive RAM allocation, got {ram}")
        for op in ops:
            op.transition(_ASSIGNED)
        self.ops = ops
        self.cpu = cpu
        self.ram = ram
        self.priority = priority
        self.pool_id = pool_id
        self.pipeline_id = pipeline_id
        self.container_id = container_id
        self.is_resume = is_resume
        self.force_run = force_run

    def __repr__(self) -> str:
        return (
            f"Assignment: allocate container with {self.cpu} CPUs, {self.ram}GB RAM "
            f"for pipeline {self.pipeline_id}"
        )


class Suspend(Facade):
    """A container to be suspended."""

    def __init__(self, container_id: Any, pool_id: Any) -> None:
        self.container_id = container_id
        self.pool_id = pool_id


class ExecutionResult:
    """How a container ended: `error` is None, "OOM" or "timeout"; `ops` is the assignment's own list."""

    def __init__(  # noqa: PLR0913, PLR0917 - upstream's signature
        self,
        ops: Any,
        cpu: Any,
        ram: Any,
        priority: Any,
        pool_id: Any,
        container_id: Any = None,
        error: Any = None,
    ) -> None:
        self.ops = ops
        self.cpu = cpu
        self.ram = ram
        self.priority = priority
        self.pool_id = pool_id
        self.container_id = container_id
        self.error = error

    def failed(self) -> bool:
        """Whether it ended with an error."""
        return self.error is not None

    def to_dict(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "ops": [str(op.id) for op in self.ops],
            "cpu": self.cpu,
            "ram": self.ram,
            "priority": self.priority.name,
            "pool_id": self.pool_id,
            "container_id": self.container_id,
            "error": self.error,
        }

    def __repr__(self) -> str:
        ended = "succeeded" if self.error is None else f"failed {self.error}"
        return f"container {ended}: container={self.container_id} cpus={self.cpu} ram_gb={self.ram}"
