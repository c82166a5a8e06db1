"""The enumerations behave as upstream's do, but for their hashes, which are the same in every process."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys

import pytest

from evo.simulator.states import ASSIGNABLE_STATES, DagShape, OperatorState, Priority
from tests.simulator.scheduling.facade import policy

RUN = """
import sys
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.trace import parse_trace
trace = parse_trace(
    "pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\\n"
    "p1,0,BATCH_PIPELINE,a,,1,const,,2\\np2,0,QUERY,a,,1,const,,4\\np3,0,INTERACTIVE,a,,1,const,,2\\n",
    "small",
)
parameters = Parameters.complete({"duration": 6, "ticks_per_second": 10, "num_pools": 1})
log = EventLog()
print(simulate(Host(sys.argv[1], "x"), trace.schedule(10, parameters.max_ticks), parameters, log), log.lines)
"""
BY_SETS = policy(
    "s.live.extend(pipelines)\nout = []\n"
    "for rank, kind in enumerate({*Priority, *OperatorState}):\n"
    "    for p in s.live:\n"
    "        ops = p.runtime_status().get_ops(ASSIGNABLE_STATES)\n"
    "        if p.priority is kind and ops: out.append(Assignment(ops, rank + 1, 5, kind, 0, p.pipeline_id))\n"
    "return [], out",
    "s.live = []",
)
"""A policy whose assignments depend on the order in which a set of priorities and states is walked."""


def test_a_run_does_not_depend_on_the_seed_of_hashes() -> None:
    """Processes with different seeds walk sets of states and priorities alike, and so do the same."""
    runs = {
        subprocess.run(
            [sys.executable, "-c", RUN, BY_SETS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    (run,) = runs
    assert run.startswith("SimulatorStats(")
    assert "assignments=3" in run


@pytest.mark.parametrize("kind", [Priority, OperatorState, DagShape])
def test_sets_are_walked_in_order_of_definition(kind: type[Priority | OperatorState | DagShape]) -> None:
    """Whatever order members are put in, and however few of them."""
    members = list(kind)
    assert list({*reversed(members)}) == members
    assert list({*members[::-2]}) == sorted(members[::-2], key=members.index)


def test_members_are_as_any_enums() -> None:
    """Names, values, texts, look-ups and copies are those of a plain Enum; members of two kinds differ."""
    assert [(state.name, state.value) for state in Priority] == [
        ("QUERY", 1),
        ("INTERACTIVE", 2),
        ("BATCH_PIPELINE", 3),
    ]
    assert (repr(Priority.QUERY), str(Priority.QUERY)) == ("<Priority.QUERY: 1>", "Priority.QUERY")
    assert OperatorState("failed") is OperatorState["FAILED"] is OperatorState.FAILED
    for member in (*Priority, *OperatorState, *DagShape):
        assert copy.deepcopy(member) is member
        assert pickle.loads(pickle.dumps(member)) is member
    assert len({*Priority, *OperatorState, *DagShape, 0, 1, 2}) == 15
    assert list(ASSIGNABLE_STATES) == [OperatorState.PENDING, OperatorState.FAILED]
