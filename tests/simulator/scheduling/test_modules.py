"""The `eudoxia` that policies import."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from evo.policy.ambient import AMBIENT
from evo.simulator.scheduling.host import Host
from evo.simulator.scheduling.modules import Registry, importer, package
from tests.simulator.scheduling.facade import NO_MEMORY, PARAMETERS, policy, started
from tests.simulator.upstream import needs_upstream

NAMES = {
    "eudoxia": "run_simulator get_param_defaults parse_args_with_defaults SimulatorStats PipelineStats",
    "eudoxia.clock": "SimClock",
    "eudoxia.estimator": "Estimate Estimator",
    "eudoxia.estimator.estimator": "Estimate Estimator",
    "eudoxia.executor": "Executor Assignment ExecutionResult Suspend",
    "eudoxia.executor.assignment": (
        "Pipeline Operator Segment OperatorState Priority List Suspend ExecutionResult Assignment"
    ),
    "eudoxia.executor.container": (
        "List Generator Optional DISK_SCAN_GB_SEC Priority Operator OperatorState Assignment Container"
    ),
    "eudoxia.executor.executor": "List Suspend Assignment ExecutionResult ResourcePool Executor",
    "eudoxia.executor.resource_pool": "List Assignment Suspend ExecutionResult Container ResourcePool",
    "eudoxia.scheduler": "register_scheduler register_scheduler_init Scheduler",
    "eudoxia.scheduler.decorators": "register_scheduler register_scheduler_init INIT_ALGOS SCHEDULING_ALGOS",
    "eudoxia.scheduler.scheduler": (
        "List Tuple Dict SimClock Executor Suspend Assignment ExecutionResult Pipeline Operator Priority "
        "INIT_ALGOS SCHEDULING_ALGOS Scheduler"
    ),
    "eudoxia.scheduler.waiting_queue": "List Optional Pipeline Operator Priority RetryStats WaitingQueueJob",
    "eudoxia.simulator": (
        "List Dict Union MICROSEC_TO_SEC Priority Executor Scheduler Workload WorkloadGenerator Pipeline Assignment "
        "Estimator SimClock PipelineStats SimulatorStats get_param_defaults parse_args_with_defaults run_simulator"
    ),
    "eudoxia.utils": (
        "Priority EudoxiaException DISK_SCAN_GB_SEC MICROSEC_TO_SEC SEC_TO_MICROSECONDS DagShape Node DAG DAGIterator"
    ),
    "eudoxia.utils.consts": "SEC_TO_MICROSECONDS MICROSEC_TO_SEC DISK_SCAN_GB_SEC",
    "eudoxia.utils.dag": "Optional List Node DAG DAGIterator",
    "eudoxia.utils.utils": "EudoxiaException Priority DagShape",
    "eudoxia.workload": (
        "Pipeline Operator Segment OperatorState ASSIGNABLE_STATES PipelineRuntimeStatus Workload "
        "WorkloadGenerator CSVWorkloadReader"
    ),
    "eudoxia.workload.csv_io": (
        "List Iterator Optional TextIO Priority Pipeline Operator Segment WorkloadReader Workload CSVWorkloadReader "
        "CSVWorkloadWriter"
    ),
    "eudoxia.workload.pipeline": (
        "List Optional Estimate EudoxiaException DISK_SCAN_GB_SEC Priority Node DAG PipelineRuntimeStatus "
        "OperatorState ASSIGNABLE_STATES ScalingFuncs Segment Operator Pipeline"
    ),
    "eudoxia.workload.runtime_status": (
        "Dict List Optional Union OperatorState ASSIGNABLE_STATES VALID_TRANSITIONS PipelineRuntimeStatus"
    ),
    "eudoxia.workload.workload": (
        "List Iterator Optional Priority DagShape Pipeline Operator Segment Workload WorkloadReader "
        "WorkloadGenerator WorkloadTrace"
    ),
}
"""What a policy can import from upstream's modules at revision c62122c, as far as evo offers it."""

LEFT_OUT = {
    *("CSVOperatorRow", "PipelineArrival", "WorkloadTraceGenerator", "SCHEDULER_TEMPLATE"),
    *("compute_pipeline_stats", "SimulatedTimeFormatter", "register_estimator", "register_estimator_init"),
    *("logger", "logging_config", "src"),
    *("NamedTuple", "INIT_ALGOS", "ESTIMATOR_ALGOS"),
}
"""Names of upstream's that evo doesn't offer: parsers, writers, estimators, and what isn't Eudoxia's own."""


def offered(module: object) -> set[str]:
    """The names in a module, but for modules and Python's own names."""
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
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


def test_no_module_has_a_name_that_upstreams_has_not() -> None:
    """A policy that runs here is no ImportError there."""
    modules = package(Registry())
    assert {name: offered(module) for name, module in modules.items()} == {
        name: set(words.split()) for name, words in NAMES.items()
    }


@pytest.mark.parametrize("given", ["Priority", "Container", "np"])
def test_a_name_that_is_elsewhere_is_an_import_error(given: str) -> None:
    """What is imported from where upstream doesn't have it fails here as it would there."""
    fault = Host(policy("return [], []", module=f"from eudoxia.workload import {given}"), "x").start(
        dict(PARAMETERS), lambda tick: NO_MEMORY
    )
    assert fault is not None
    assert (fault.phase, fault.kind, fault.line) == ("init", "ImportError", 1)
    assert fault.message.startswith(f"cannot import name '{given}' from 'eudoxia.workload'")


@pytest.mark.parametrize("module", ["eudoxia", "eudoxia.simulator"])
def test_a_star_gives_what_upstreams_gives(module: str) -> None:
    """Upstream's `__all__` names how to run a simulation, and nothing else."""
    found = package(Registry())[module]
    assert set(found.__all__) == set(NAMES["eudoxia"].split())
    started(
        policy(
            "return [], []",
            "assert SimulatorStats\nassert 'SimClock' not in globals()",
            f"from {module} import *",
        )
    )


def test_export_imports_names_from_where_they_are() -> None:
    """What export writes down can be imported from these modules too."""
    modules = package(Registry())
    for name, place in AMBIENT.items():
        assert place == "typing" or name in offered(modules[place]), name


@needs_upstream
def test_upstreams_modules_have_these_names() -> None:
    """Nothing is offered that the installed package has not; and what it has beside that is known."""
    for name, module in package(Registry()).items():
        real = importlib.import_module(name)
        theirs = offered(real)
        assert offered(module) <= theirs, name
        foreign = {
            word
            for word in theirs
            if not getattr(getattr(real, word), "__module__", "eudoxia").startswith(("eudoxia", "typing"))
        }
        assert theirs - offered(module) - foreign <= LEFT_OUT, name
        if "__all__" in vars(module):
            assert set(module.__all__) == set(real.__all__)


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
