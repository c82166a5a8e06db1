"""The names of Eudoxia that a policy may use without importing them, and where each is imported from.

The paper's loop runs policies in a module that has these names (`src/main.py`, `src/training.py`), so models
write policies without imports. Export writes the imports out. The keys of upstream's own policies are here too,
because upstream refuses to register them a second time.
"""

from __future__ import annotations

from types import MappingProxyType

AMBIENT = MappingProxyType(
    {
        "register_scheduler_init": "eudoxia.scheduler.decorators",
        "register_scheduler": "eudoxia.scheduler.decorators",
        "Assignment": "eudoxia.executor.assignment",
        "Suspend": "eudoxia.executor.assignment",
        "ExecutionResult": "eudoxia.executor.assignment",
        "Pipeline": "eudoxia.workload",
        "Operator": "eudoxia.workload",
        "OperatorState": "eudoxia.workload",
        "ASSIGNABLE_STATES": "eudoxia.workload.runtime_status",
        "Priority": "eudoxia.utils",
        "List": "typing",
        "Tuple": "typing",
        "Dict": "typing",
        "Optional": "typing",
    }
)
"""Name to module, in the order in which export writes them."""

UPSTREAM_KEYS = frozenset({"naive", "priority", "priority-pool", "overbook", "rest"})
