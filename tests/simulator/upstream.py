"""A stand-in for upstream's package: its names, and a run of two ticks that calls the policy and starts nothing.

It lets the way to the child process and back be tested where the real one isn't installed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from evo.simulator.eudoxia import is_installed

needs_upstream = pytest.mark.skipif(not is_installed(), reason="eudoxia isn't installed: see `evo doctor`")

_FILES = {
    "__init__.py": "",
    "scheduler/__init__.py": "",
    "scheduler/decorators.py": """
INIT_ALGOS = {"stock": None}
SCHEDULING_ALGOS = {"stock": None}

def register_scheduler_init(key):
    return lambda function: INIT_ALGOS.setdefault(key, function)

def register_scheduler(key):
    return lambda function: SCHEDULING_ALGOS.setdefault(key, function)
""",
    "executor/__init__.py": "",
    "executor/assignment.py": "class Assignment: pass\nclass Suspend: pass\nclass ExecutionResult: pass\n",
    "executor/container.py": "class Container:\n    next_container_num = 7\n",
    "workload/__init__.py": "",
    "workload/runtime_status.py": "class Pipeline: pass\nclass Operator: pass\n"
    "class OperatorState: pass\nclass Priority: pass\nASSIGNABLE_STATES = ()\n",
    "workload/csv_io.py": """
class CSVWorkloadReader:
    def __init__(self, lines):
        self.text = lines.read()

    def get_workload(self, ticks_per_second):
        return self.text
""",
    "simulator.py": """
from collections import namedtuple
from eudoxia.executor.container import Container
from eudoxia.scheduler.decorators import INIT_ALGOS, SCHEDULING_ALGOS

Stats = namedtuple("Stats", "FIELDS")
Each = namedtuple("Each", "a b c d e")

class SimClock:
    def __init__(self):
        self.ticks = -1

    def tick(self):
        self.ticks += 1

    def now_ticks(self):
        return self.ticks

class Executor:
    num_pools = 1

    def run_one_tick(self, suspensions, assignments):
        return []

    def num_completed(self):
        return 0

class Scheduler:
    def __init__(self, clock, key):
        self.clock = clock
        self.step = SCHEDULING_ALGOS[key]
        INIT_ALGOS[key](self)

    def run_one_tick(self, results, pipelines):
        suspensions, assignments = self.step(self, results, pipelines)
        return suspensions, assignments

def run_simulator(parameters, workload):
    clock = SimClock()
    executor = Executor()
    scheduler = Scheduler(clock, parameters["scheduler_algo"])
    for _ in range(2):
        clock.tick()
        executor.run_one_tick(*scheduler.run_one_tick([], []))
    executor.num_completed()
    nothing = Each(0, 0, 0, float("nan"), float("nan"))
    known = {"pipelines_created": len(workload or ""), "throughput": 0.5, "failure_error_counts": {"OOM": 2}}
    return Stats(*(known.get(n, nothing if n.startswith("pipelines_") else Container.next_container_num)
                   for n in Stats._fields))
""",
}


def fake(folder: Path, fields: str, **changed: str) -> None:
    """Write the package into a folder; `fields` are those of its statistics, `changed` replaces a file's text."""
    for name, text in _FILES.items():
        path = folder / "eudoxia" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.get(path.stem, text.replace("FIELDS", fields)))
