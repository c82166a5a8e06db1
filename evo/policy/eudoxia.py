"""The names of Eudoxia that a policy may import: those of the modules that it is served when it runs.

Kept here once more, because this room knows nothing of the simulator; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EUDOXIA: Mapping[str, str] = MappingProxyType(
    {
        "eudoxia": "run_simulator get_param_defaults parse_args_with_defaults SimulatorStats PipelineStats",
        "eudoxia.clock": "SimClock",
        "eudoxia.estimator": "Estimate Estimator",
        "eudoxia.estimator.estimator": "Estimate Estimator",
        "eudoxia.executor": "Executor Assignment Suspend ExecutionResult",
        "eudoxia.executor.assignment": "Assignment Suspend ExecutionResult Pipeline Operator Segment "
        "OperatorState Priority List",
        "eudoxia.executor.container": "Container Assignment Operator OperatorState Priority DISK_SCAN_GB_SEC "
        "List Optional Generator",
        "eudoxia.executor.executor": "Executor ResourcePool Assignment Suspend ExecutionResult List",
        "eudoxia.executor.resource_pool": "ResourcePool Container Assignment Suspend ExecutionResult List",
        "eudoxia.scheduler": "Scheduler register_scheduler_init register_scheduler",
        "eudoxia.scheduler.decorators": "INIT_ALGOS SCHEDULING_ALGOS register_scheduler_init "
        "register_scheduler",
        "eudoxia.scheduler.scheduler": "Scheduler SimClock Executor Assignment Suspend ExecutionResult "
        "Pipeline Operator Priority INIT_ALGOS SCHEDULING_ALGOS List Tuple Dict",
        "eudoxia.scheduler.waiting_queue": "WaitingQueueJob RetryStats Pipeline Operator Priority List "
        "Optional",
        "eudoxia.simulator": "run_simulator get_param_defaults parse_args_with_defaults SimulatorStats "
        "PipelineStats MICROSEC_TO_SEC Priority Executor Scheduler Workload WorkloadGenerator Pipeline "
        "Assignment Estimator SimClock List Dict Union",
        "eudoxia.utils": "DISK_SCAN_GB_SEC SEC_TO_MICROSECONDS MICROSEC_TO_SEC EudoxiaException Priority "
        "DagShape Node DAG DAGIterator",
        "eudoxia.utils.consts": "DISK_SCAN_GB_SEC SEC_TO_MICROSECONDS MICROSEC_TO_SEC",
        "eudoxia.utils.dag": "Node DAG DAGIterator List Optional",
        "eudoxia.utils.utils": "EudoxiaException Priority DagShape",
        "eudoxia.workload": "Pipeline Operator Segment PipelineRuntimeStatus OperatorState ASSIGNABLE_STATES "
        "Workload WorkloadGenerator CSVWorkloadReader",
        "eudoxia.workload.csv_io": "Pipeline Operator Segment Priority Workload WorkloadReader "
        "CSVWorkloadReader CSVWorkloadWriter List Optional Iterator TextIO",
        "eudoxia.workload.pipeline": "Pipeline Operator Segment PipelineRuntimeStatus OperatorState "
        "ASSIGNABLE_STATES ScalingFuncs Estimate EudoxiaException DISK_SCAN_GB_SEC Priority Node DAG List "
        "Optional",
        "eudoxia.workload.runtime_status": "PipelineRuntimeStatus OperatorState ASSIGNABLE_STATES "
        "VALID_TRANSITIONS Dict List Optional Union",
        "eudoxia.workload.workload": "Pipeline Operator Segment Priority DagShape Workload WorkloadGenerator "
        "WorkloadReader WorkloadTrace List Optional Iterator",
    }
)
"""Names by module."""
