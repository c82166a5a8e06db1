"""What policies do wrong ends in a failure that says when and what, as upstream does; what is merely odd runs.

The kinds, ticks and words are those of the real Eudoxia, which ran every policy of `WRONG` and `ALLOWED`.
"""

from __future__ import annotations

import re

import pytest

from evo.simulator.engine import simulate
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import parse_trace
from tests.simulator.scheduling import facade

TRACE = parse_trace(
    "pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\n"
    "p1,0,QUERY,a,,2,const,2,0\np1,,,b,a,10,const,2,0\np1,,,c,b,2,const,2,0\np1,,,d,,1,const,2,0\n"
    "p2,5,QUERY,e,,3,const,2,0\np2,,,f,,3,const,2,0\n",
    "small",
)
"""In tick 5 b runs in "c3", a and d are complete, c waits for b, and e and f have just come."""

MODULE = """
import numpy as np
class Whole(int): pass
class Part(float): pass
class Silent(Exception):
    def __str__(self): raise ValueError
"""
STEP = """
s.live.extend(pipelines)
ready = [op for p in s.live for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, True)]
def of(*states):
    return [op for p in s.live for op in p.values if op.state().value in states and op not in ready]
def made(ops=None, cpu=1, ram=4, pool=0):
    return Assignment(ready[:1] if ops is None else ops, cpu, ram, s.live[0].priority, pool, "p1")
if s.clock.now_ticks() < 5:
    return [], [made([op]) for op in ready]
if s.clock.now_ticks() > 5:
    return [], []
"""


def misdeed(deed: str, **given: object) -> SimulatorStats | RunFailure:
    """What becomes of a policy that is honest but in tick 5."""
    world = {"ticks_per_second": 1, "duration": 20, "num_pools": 2, "cpus_per_pool": 4, "ram_gb_per_pool": 16}
    parameters = Parameters.complete({**world, **given})
    source = facade.policy(STEP + deed, "s.live = []", MODULE)
    schedule = TRACE.schedule(parameters.ticks_per_second, parameters.max_ticks)
    return simulate(Host(source, "x"), schedule, parameters)


UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GONE = "'NoneType' object has no attribute 'can_suspend_container'"
ENDLESS = "ram of an assignment must be positive and finite, got inf"

WRONG = """
return [], [made(cpu=3.5)] # executor AssertionError Overallocated CPU in assignment
return [], [made(ram=12.5)] # executor AssertionError Overallocated RAM in assignment
return [], [made(cpu=9, ram=99)] # executor AssertionError Overallocated CPU in assignment
return [], [made(cpu=float('inf'))] # executor AssertionError Overallocated CPU in assignment
return [], [made(ram=float('inf'))] # executor AssertionError Overallocated RAM in assignment
return [], [made(cpu=10**400)] # executor AssertionError Overallocated CPU in assignment
return [], [made(cpu=10**30)] # executor AssertionError Overallocated CPU in assignment
return [], [made(ready[:1], cpu=2), made(ready[1:], cpu=2)] # executor AssertionError Overallocated CPU in assignment
return [], [made(ready[:1], ram=8), made(ready[1:], ram=8)] # executor AssertionError Overallocated RAM in assignment
return [], [made([ready[0], ready[0]])] # policy AssertionError Cannot transition operator <id> in pipeline p2 from assigned to assigned
return [], [made(), made()] # policy AssertionError Cannot transition operator <id> in pipeline p2 from assigned to assigned
return [], [made()] * 2 # executor AssertionError Cannot transition operator <id> in pipeline p2 from running to running
return [], [made(of('running'))] # policy AssertionError Cannot transition operator <id> in pipeline p1 from running to assigned
return [], [made(of('completed'))] # policy AssertionError Cannot transition operator <id> in pipeline p1 from completed to assigned
return [], [made(of('pending'))] # executor AssertionError Dependencies not satisfied
return [], [made([])] # policy AssertionError assignments cannot have zero operators
return [], [made(ready[0])] # policy TypeError object of type 'Operator' has no len()
return [], [made(op for op in ready)] # policy TypeError object of type 'generator' has no len()
return [], [made('ab')] # policy AttributeError 'str' object has no attribute 'transition'
return [], [made([s.live[1]])] # policy AttributeError 'Pipeline' object has no attribute 'transition'
return [], [made(cpu=float('nan'))] # policy AssertionError must assign positive CPU allocation, got nan
return [], [made(ram=np.float64('nan'))] # policy AssertionError must assign positive RAM allocation, got nan
return [], [made(cpu=-1)] # policy AssertionError must assign positive CPU allocation, got -1
return [], [made(ram=-0.5)] # policy AssertionError must assign positive RAM allocation, got -0.5
return [], [made(cpu=0)] # policy AssertionError must assign positive CPU allocation, got 0
return [], [made(ram=-float('inf'))] # policy AssertionError must assign positive RAM allocation, got -inf
return [], [made(cpu=False)] # policy AssertionError must assign positive CPU allocation, got False
return [], [made(cpu='2')] # policy TypeError '>' not supported between instances of 'str' and 'int'
return [], [made(ram=None)] # policy TypeError '>' not supported between instances of 'NoneType' and 'int'
return [], [made(cpu=1j)] # policy TypeError '>' not supported between instances of 'complex' and 'int'
return [], [made(pool=np.array([0, 1]))] # executor ValueError The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()
return [], [None] # executor AttributeError 'NoneType' object has no attribute 'pool_id'
return [], [[made()]] # executor AttributeError 'list' object has no attribute 'pool_id'
return [], made() # executor TypeError 'Assignment' object is not iterable
return [Suspend('c9', 0)], [] # executor AttributeError <gone>
return [Suspend('c1', 0)], [] # executor AttributeError <gone>
return [Suspend('c3', 1)], [] # executor AttributeError <gone>
return [Suspend(3, 0)], [] # executor AttributeError <gone>
return [Suspend(s.executor.pools[0].active_containers[0], 0)], [] # executor AttributeError <gone>
return [Suspend('c3', 0)], [] # executor AssertionError Container cannot be suspended right now
return [s.executor.pools[0].active_containers[0]], [] # executor AssertionError Container cannot be suspended right now
return [made()], [] # executor AttributeError <gone>
return ['c3'], [] # executor AttributeError 'str' object has no attribute 'pool_id'
return [Suspend()], [] # policy TypeError Suspend.__init__() missing 2 required positional arguments: 'container_id' and 'pool_id'
return None # policy TypeError cannot unpack non-iterable NoneType object
return [] # policy ValueError not enough values to unpack (expected 2, got 0)
return made() # policy TypeError cannot unpack non-iterable Assignment object
return [], [], [] # policy ValueError too many values to unpack (expected 2)
return [], None # executor TypeError 'NoneType' object is not iterable
return [], 5 # executor TypeError 'int' object is not iterable
return [], (made([op]) for op in ready) # bookkeeping TypeError object of type 'generator' has no len()
raise ValueError('no room') # policy ValueError no room
raise Silent # policy Silent
raise KeyError('p9') # policy KeyError 'p9'
raise SystemExit(3) # policy SystemExit 3
raise StopIteration # policy StopIteration
raise MemoryError # policy MemoryError
assert not ready, 'left over' # policy AssertionError left over
f = lambda: f(); f() # policy RecursionError maximum recursion depth exceeded
nothing_like_it # policy NameError name 'nothing_like_it' is not defined
"""


def _rows(table: str) -> list[tuple[str, str]]:
    pairs = [line.partition(" # ") for line in table.strip().splitlines()]
    return [(deed, expected) for deed, _, expected in pairs]


@pytest.mark.parametrize(("deed", "expected"), _rows(WRONG))
def test_what_is_wrong_fails_as_upstream(deed: str, expected: str) -> None:
    """Kind, tick, phase and words of a failure are upstream's."""
    failure = misdeed(deed)
    assert isinstance(failure, RunFailure)
    phase, kind, message = (*expected.replace("<gone>", GONE).split(" ", 2), "")[:3]
    assert (failure.phase, failure.kind, failure.tick) == (phase, kind, 5)
    assert UUID.sub("<id>", failure.message) == message


def test_endless_memory_is_refused() -> None:
    """With overcommit upstream would start it, and come to statistics of nothing but NaN."""
    for amount in ("float('inf')", "10**400"):
        failure = misdeed(f"return [], [made(ram={amount})]", allow_memory_overcommit=True)
        assert isinstance(failure, RunFailure)
        assert failure[:4] == ("ValueError", ENDLESS, 5, "policy")


ALLOWED = """
return [], [made(cpu=True)] # 4 4 0 0
return [], [made(ram=True)] # 3 4 0 1
return [], [made(cpu=1e-300)] # 4 4 0 0
return [], [made(ram=1e-300)] # 3 4 0 1
return [], [made(cpu=np.float64(2), ram=np.int64(2))] # 4 4 0 0
return [], [made(cpu=np.float32(0.5), ram=np.bool_(True))] # 3 4 0 1
return [], [made(cpu=Whole(2), ram=Part(2.5))] # 4 4 0 0
return [], [made(tuple(ready))] # 4 4 0 0
return [], [made({ready[0]: 'any'})] # 4 4 0 0
return [], [made(s.live[1].values)] # 4 4 0 0
return [], [made(pool=99)] # 3 4 0 0
return [], [made(pool=-1)] # 3 4 0 0
return [], [made(pool='0')] # 3 4 0 0
return [], [made(pool=None)] # 3 4 0 0
return [], [made(pool=float('nan'))] # 3 4 0 0
return [], [made(pool=s.executor.pools[0])] # 3 4 0 0
return [], [made(pool=0.0)] # 4 4 0 0
return [], [made(pool=True)] # 4 4 0 0
return [], [made(pool=np.int64(1))] # 4 4 0 0
return [], [Assignment(ready[:1], 1, 4, 'urgent', 0, None)] # 4 4 0 0
return [Suspend('c3', 99)], [] # 3 3 1 0
return [Suspend('c3', None)], [] # 3 3 1 0
return {}, '' # 3 3 0 0
return iter([[], []]) # 3 3 0 0
return np.zeros((2, 0)) # 3 3 0 0
return ([], {made(): 1}) # 4 4 0 0
"""


@pytest.mark.parametrize(("deed", "expected"), _rows(ALLOWED))
def test_what_is_odd_but_has_a_meaning_runs_as_upstream(deed: str, expected: str) -> None:
    """Containers completed, assignments, suspensions and failures are upstream's."""
    stats = misdeed(deed)
    assert isinstance(stats, SimulatorStats)
    got = stats.containers_completed, stats.assignments, stats.suspensions, stats.failures
    assert got == tuple(map(int, expected.split()))


@pytest.mark.parametrize(
    ("module", "init", "kind", "message"),
    [
        ("", "s.n = 1 / 0", "ZeroDivisionError", "division by zero"),
        ("import nowhere_to_be_found", "", "ModuleNotFoundError", "No module named 'nowhere_to_be_found'"),
        ("def f(:", "", "SyntaxError", "invalid syntax"),
        (
            "register_scheduler(key='x')(print)",
            "",
            "KeyError",
            "\"Algorithm key 'x' is already registered.\"",
        ),
        ("raise SystemExit", "", "SystemExit", ""),
    ],
)
def test_what_fails_before_the_clock_runs_says_so(module: str, init: str, kind: str, message: str) -> None:
    """A policy that can't be loaded or prepared fails in tick -1, with its line."""
    source = facade.policy("return [], []", init or "pass", module)
    failure = simulate(Host(source, "x"), [], Parameters.complete({"duration": 1}))
    assert isinstance(failure, RunFailure)
    assert failure[:4] == (kind, message, -1, "init")
    assert failure.line is not None


def test_a_policy_of_another_key_is_not_available() -> None:
    """The keys that there are stand in the message."""
    failure = simulate(Host(facade.policy("return [], []"), "y"), [], Parameters.complete({}))
    assert isinstance(failure, RunFailure)
    assert failure.message == "Scheduler 'y' not available.  Options: ['x']'"
