"""The `eudoxia` that policies import."""

from __future__ import annotations

import sys

import pytest

from evo.simulator.scheduling.modules import Registry, importer, package
from tests.simulator.scheduling.facade import policy, started

NAMES = {
    "eudoxia.scheduler.decorators": "register_scheduler register_scheduler_init INIT_ALGOS SCHEDULING_ALGOS",
    "eudoxia.scheduler": "register_scheduler register_scheduler_init Scheduler",
    "eudoxia.executor": "Executor Assignment ExecutionResult Suspend",
    "eudoxia.executor.assignment": "Assignment ExecutionResult Suspend Operator Priority",
    "eudoxia.executor.container": "Container",
    "eudoxia.executor.resource_pool": "ResourcePool",
    "eudoxia.workload": (
        "Pipeline Operator Segment OperatorState ASSIGNABLE_STATES PipelineRuntimeStatus Workload "
        "WorkloadGenerator CSVWorkloadReader"
    ),
    "eudoxia.workload.pipeline": "Pipeline Operator Segment",
    "eudoxia.workload.runtime_status": "OperatorState ASSIGNABLE_STATES VALID_TRANSITIONS PipelineRuntimeStatus",
    "eudoxia.utils": (
        "Priority EudoxiaException DISK_SCAN_GB_SEC MICROSEC_TO_SEC SEC_TO_MICROSECONDS DagShape Node DAG"
    ),
    "eudoxia.utils.dag": "Node DAG",
    "eudoxia.scheduler.waiting_queue": "WaitingQueueJob RetryStats",
    "eudoxia.simulator": "run_simulator SimulatorStats",
    "eudoxia.estimator": "Estimate",
    "eudoxia": "run_simulator",
}


@pytest.mark.parametrize("module", NAMES)
def test_every_name_of_upstream_is_importable(module: str) -> None:
    """Both ways of importing find upstream's names, though no such package is imported."""
    names = NAMES[module].split()
    source = policy(
        "return [], []",
        f"assert {module}.{names[0]} is {names[0]}\nassert m.{names[-1]} is {names[-1]}",
        f"import {module}\nimport {module} as m\nfrom {module} import {', '.join(names)}\n",
    )
    before = set(sys.modules)
    started(source)
    assert not [name for name in set(sys.modules) - before if name.startswith("eudoxia")]


def test_names_are_in_scope_without_imports() -> None:
    """The paper's loop gives these names to policies that import nothing."""
    names = (
        "register_scheduler_init register_scheduler Assignment Suspend ExecutionResult Pipeline Operator "
        "OperatorState ASSIGNABLE_STATES Priority List Tuple Dict Optional"
    ).replace(" ", ", ")
    started(policy("return [], []", f"assert all([{names}])"))


def test_each_host_has_a_registry_of_its_own() -> None:
    """The same key in two hosts is no clash, and twice in one is upstream's KeyError."""
    source = policy("return [], []")
    started(source)
    started(source)
    registry = Registry()
    registry.register_scheduler("a")(print)
    with pytest.raises(KeyError, match="Algorithm key 'a' is already registered"):
        registry.register_scheduler("a")(print)


def test_what_a_scheduler_has_no_use_for_can_be_imported_but_not_used() -> None:
    """Annotations and imports work; making a workload says clearly that it can't."""
    modules = package(Registry())
    for name in ("Segment", "WorkloadGenerator", "CSVWorkloadReader"):
        with pytest.raises(RuntimeError, match=f"{name} is not available to a scheduler"):
            getattr(modules["eudoxia.workload"], name)(1)
    with pytest.raises(RuntimeError, match="run_simulator is not available"):
        modules["eudoxia"].run_simulator({})


def test_a_module_that_is_not_there() -> None:
    """Wrong names fail as imports do."""
    find = importer(package(Registry()), {})
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'eudoxia\.nothing'"):
        find("eudoxia.nothing")
    assert find("math", fromlist=("floor",)).floor(1.5) == 1


def test_waiting_jobs_are_upstreams() -> None:
    """The queue entries that upstream's own policies use."""
    queue = package(Registry())["eudoxia.scheduler.waiting_queue"]
    stats = queue.RetryStats(old_ram=1, old_cpu=2, error="OOM", container_id="c1", pool_id=0)
    job = queue.WaitingQueueJob(priority=1, p="pipeline", ops=[3], retry_stats=stats)
    assert (job.priority, job.pipeline, job.ops, job.retry_stats.error) == (1, "pipeline", [3], "OOM")
