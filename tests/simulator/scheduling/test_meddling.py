"""Whatever a policy does to the objects that it is shown, a run ends in a result or in a failure of the policy's."""

from __future__ import annotations

import pytest

from evo.simulator.engine import simulate
from evo.simulator.messages import Observation
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.trace import parse_trace
from tests.simulator.scheduling.facade import arrival, called, policy, started

TRACE = parse_trace(
    "pipeline_id,arrival_seconds,priority,operator_id,parents,baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\n"
    "p1,0,QUERY,a,,2,const,2,0\np1,,,b,a,3,const,2,0\np1,,,c,b,2,const,2,0\np1,,,d,,1,const,2,0\n"
    "p2,5,QUERY,e,,3,const,2,0\np2,,,f,,30,const,2,0\np3,9,QUERY,g,,1,const,30,0\n",
    "small",
)
"""Work that runs out of memory, of time, and that is suspended between operators."""

PARAMETERS = Parameters.complete(
    {
        "ticks_per_second": 1,
        "duration": 25,
        "max_job_seconds": 12,
        "num_pools": 2,
        "cpus_per_pool": 4,
        "ram_gb_per_pool": 90,
    }
)
HOSTILE = """
def refuse(*given, **named): raise OSError("hands off")
class Row(list): append = remove = clear = index = __contains__ = __iter__ = __len__ = __eq__ = __getitem__ = refuse
class Table(dict): get = pop = update = __contains__ = __iter__ = __len__ = __getitem__ = __setitem__ = refuse
class Thing: __getattr__ = __len__ = __iter__ = __eq__ = __hash__ = __add__ = __radd__ = __lt__ = __gt__ = __bool__ = refuse
"""
STEP = """
s.live.extend(pipelines)
shown = [c for p in s.pools for c in p.active_containers]
s.kept.extend(shown)
stops = [Suspend(c.container_id, c.pool_id) for c in shown if c.can_suspend_container()]
ready = [(p, p.runtime_status().get_ops(ASSIGNABLE_STATES)) for p in s.live]
starts = [Assignment(ops, 1, 20, p.priority, 0, p.pipeline_id) for p, ops in ready if ops]
s.made.extend(starts)
s.calls += 1
if s.calls == {tick}:
    for thing in {things}: {deed}
return stops, starts
"""
INIT = "s.live = []; s.kept = []; s.made = []; s.calls = 0; s.pools = list(s.executor.pools)"
OPERATORS = "[op for p in s.live for op in p.values]"
REACHED = {
    "[s]": "clock executor params algo_name algo_func",
    "[s.clock]": "ticks_per_second now_ticks",
    "[s.executor]": "clock num_pools cpus_per_pool ram_gb_per_pool ticks_per_second tick_length_secs pools",
    "s.pools": "clock pool_id ticks_per_second tick_length_secs max_cpu_pool max_ram_pool avail_cpu_pool avail_ram_pool "
    "active_containers suspending_containers suspended_containers num_completed container_tick_times cost",
    "s.kept": "container_id assignment pool error suspend_ticks ticks_per_second tick_length_secs",
    "s.made": "ops cpu ram priority pool_id pipeline_id",
    "s.live": "pipeline_id priority values runtime_status",
    OPERATORS: "pipeline parents children estimate id transition state",
    "[p.runtime_status() for p in s.live]": "pipeline clock arrival_tick finish_tick max_job_ticks operator_states "
    "state_counts",
    "[p.values for p in s.live]": "roots dag_id node_ids node_lookup",
}
DEEDS = {
    "nothing": "thing.{} = None",
    "an empty list": "thing.{} = []",
    "hostile": "thing.{} = Thing()",
    "a hostile list": "thing.{} = Row()",
    "a hostile dict": "thing.{} = Table()",
    "emptied": "getattr(thing.{}, 'clear', int)()",
    "hostile within": "getattr(thing.{}, 'insert', max)(0, Thing())",
    "taken away": "vars(thing).pop('{}', None)",
}


def outcome(things: str, deed: str, tick: int) -> SimulatorStats | RunFailure:
    """What becomes of an honest policy that does something to what it is shown at the end of one call."""
    source = policy(STEP.format(things=things, deed=deed, tick=tick), INIT, HOSTILE)
    return simulate(Host(source, "x"), TRACE.schedule(1, PARAMETERS.max_ticks), PARAMETERS)


def test_left_alone_it_all_happens() -> None:
    """The trace has everything that the mirror has to follow."""
    stats = outcome("()", "pass", 1)
    assert isinstance(stats, SimulatorStats)
    assert (stats.suspensions, {*stats.failure_error_counts}) == (4, {"OOM", "timeout"})


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("things", REACHED)
def test_nothing_that_is_shown_is_relied_on(things: str, deed: str) -> None:
    """Each attribute of each object is replaced, emptied or taken away: none of it makes evo itself fail."""
    for name in REACHED[things].split():
        for tick in (2, 7):
            ended = outcome(things, DEEDS[deed].format(name), tick)
            assert isinstance(ended, SimulatorStats | RunFailure), (name, tick)


@pytest.mark.parametrize("things", REACHED)
def test_taking_an_object_to_pieces_is_the_policys_fault(things: str) -> None:
    """An object without any attributes, evo's own included, ends the run of the policy and no more."""
    for tick in (2, 7):
        assert isinstance(outcome(things, "vars(thing).clear()", tick), SimulatorStats | RunFailure)


def test_emptied_pools_are_missed_by_the_policy_alone() -> None:
    """As upstream, the next look at the pools is an IndexError; evo itself goes on."""
    failure = outcome("[s.executor.pools]", "thing.clear()", 2)
    assert isinstance(failure, SimulatorStats)
    source = policy("s.executor.pools[0]\ns.executor.pools.clear()\nreturn [], []")
    first, second = called(source, Observation(0, 0), Observation(1, 0))
    assert first.fault is None
    assert second.fault is not None
    assert (second.fault.phase, second.fault.kind) == ("policy", "IndexError")


def test_an_assignment_that_lost_its_cpus_fails_when_they_are_needed() -> None:
    """A result tells what its assignment holds; where that is gone, the fault is the policy's, with its kind."""
    host = started(
        policy(
            "if not pipelines: del s.made.cpu\n"
            "else: s.made = Assignment(list(pipelines[0].values), 1, 2, Priority.QUERY, 0, 'p')\n"
            "return [], [s.made] if pipelines else []"
        )
    )
    assert host.decide(Observation(0, 0, (arrival("p"),))).orders
    assert host.decide(Observation(1, 0, started=((1, 0),), moves=((0, 2),))).fault is None
    reply = host.decide(Observation(2, 0, results=((1, None),), moves=((0, 4),)))
    assert reply.fault is not None
    assert (reply.tick, reply.orders) == (2, ())
    assert (reply.fault.phase, reply.fault.kind) == ("executor", "AttributeError")
    assert reply.fault.message == "'Assignment' object has no attribute 'cpu'"


def test_something_like_an_assignment_needs_a_priority() -> None:
    """Upstream reads it when it makes the container."""
    source = policy(
        "like = Like()\nvars(like).update(ops=list(pipelines[0].values), cpu=1, ram=1, pool_id=0, pipeline_id='p')\n"
        "return [], [like]",
        module="class Like: pass",
    )
    (reply,) = called(source, Observation(0, 0, (arrival("p"),)))
    assert reply.fault is not None
    assert (reply.fault.phase, reply.fault.message) == (
        "executor",
        "'Like' object has no attribute 'priority'",
    )
