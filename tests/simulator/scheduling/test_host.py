"""A host calls its policy where the engine says, and tells what it did."""

from __future__ import annotations

import pytest

from evo.simulator.messages import Fault, Memory, Observation, Order, Reply
from evo.simulator.scheduling.host import Host
from tests.simulator.scheduling.facade import NO_MEMORY, PARAMETERS, arrival, called, policy, started

ALL = "[op for p in s.live for op in p.runtime_status().get_ops(ASSIGNABLE_STATES)]"
START_ONE = f"""
s.live.extend(pipelines)
s.calls.append((s.clock.now_ticks(), len(results), len(pipelines)))
ops = {ALL}
if ops and s.clock.now_ticks() >= s.at:
    return [], [Assignment(ops[:1], 1, 2, Priority.QUERY, 0, 'p')]
return [], []
"""


def test_the_reply_is_for_the_first_tick_with_an_action() -> None:
    """Quiet ticks are played through until the policy acts; the operators that it assigned are told."""
    host = started(policy(START_ONE, "s.live = []; s.calls = []; s.at = 7"))
    reply = host.decide(Observation(5, 10, (arrival("p", ((), ())),)))
    assert reply == Reply(
        7, every_tick=True, assigned=(0,), orders=(Order((0,), 1, 2, 0, "p"),), arrivals_left=1
    )
    reply = host.decide(Observation(8, 0, started=((1, 0),), moves=((0, 2),)))
    assert (reply.tick, reply.assigned, len(reply.orders)) == (8, (1,), 1)


def test_quiet_ticks_bring_no_news() -> None:
    """Arrivals and results are given once, in the tick of the observation."""
    source = policy(START_ONE, "s.live = []; s.calls = []; s.at = 99").replace(
        "if ops", "assert len(s.calls) < 4, s.calls\n    if ops"
    )
    (reply,) = called(source, Observation(5, 10, (arrival("p"),)))
    assert reply.fault is not None
    assert reply.fault.message == "[(5, 0, 1), (6, 0, 0), (7, 0, 0), (8, 0, 0)]"
    assert (reply.tick, reply.arrivals_left) == (8, 1)


def test_a_still_call_without_news_stands_for_those_after_it() -> None:
    """The call with news proves nothing; the first without does, and the rest is left out."""
    source = policy(
        "if s.clock_reads and pipelines: s.clock.now_ticks()\nreturn [], []", "s.clock_reads = True"
    )
    one, two, three = called(
        source,
        Observation(0, 0, (arrival("p"),)),
        Observation(1, 30),
        Observation(90, 0, free=((0, 7, 30),)),
    )
    assert one == Reply(0, every_tick=True, arrivals_left=1)
    assert two == Reply(31, every_tick=False)
    assert three == Reply(90, every_tick=False)


def test_a_call_with_news_is_followed_by_one_without() -> None:
    """What a policy does with news it may go on doing in the next tick."""
    (reply,) = called(policy("s.clock\nreturn [], []"), Observation(4, 30, (arrival("p"),)))
    assert reply == Reply(34, every_tick=False, arrivals_left=1)


@pytest.mark.parametrize("returned", ["(), ()", "[[], []]", "set(), {}"])
def test_other_ways_of_doing_nothing(returned: str) -> None:
    """Anything of which two empty things can be taken and counted will do."""
    (reply,) = called(policy(f"s.clock\nreturn {returned}"), Observation(1, 30))
    assert reply == Reply(31, every_tick=False)


@pytest.mark.parametrize("every_tick", [False, True])
def test_every_tick_means_every_tick(*, every_tick: bool) -> None:
    """With `every_tick` nothing is skipped, however idle the policy."""
    (reply,) = called(policy("s.clock\nreturn [], []"), Observation(1, 30), every_tick=every_tick)
    assert reply == Reply(31, every_tick=every_tick)


GUARDED = """
if not results and not pipelines: return [], []
s.calls.append((s.clock.now_ticks(), len(results), len(pipelines)))
s.live.extend(pipelines)
ops = [op for p in s.live for op in p.runtime_status().get_ops(ASSIGNABLE_STATES)]
if s.trace: raise ValueError(str(s.calls))
return [], [Assignment(ops[:1], 1, 2, Priority.QUERY, 0, 'p')] if ops else []
"""


@pytest.mark.parametrize("every_tick", [False, True])
def test_a_policy_that_does_nothing_without_news_is_called_for_news_alone(*, every_tick: bool) -> None:
    """Whether it acted or not, its next call may wait for results or arrivals, and is never made without."""
    source = policy(GUARDED, "s.calls = []; s.live = []; s.trace = False")
    host = started(source, every_tick=every_tick)
    replies = [
        host.decide(Observation(0, 3)),
        host.decide(Observation(4, 3, (arrival("p"),))),
        host.decide(Observation(5, 9, (arrival("q", ()),), started=((1, 0),), moves=((0, 2),))),
    ]
    assert [(reply.tick, len(reply.orders), reply.arrivals_left) for reply in replies] == [
        (3, 0, 0),
        (4, 1, 1),
        (14, 0, 1),
    ]
    assert all(reply.every_tick is every_tick and reply.until_news is not every_tick for reply in replies)
    host._mirror.scheduler.trace = True  # type: ignore[attr-defined]
    fault = host.decide(Observation(40, 0, results=((1, None),), moves=((0, 4),), finished=(0,))).fault
    assert fault is not None
    assert fault.message == "[(4, 0, 1), (5, 0, 1), (40, 1, 0)]"


def test_news_of_many_ticks_come_together() -> None:
    """Where a policy was not called for a while, one observation tells all that happened, in its order."""
    source = policy(
        "if not results and not pipelines: return [], []\n"
        "s.live.extend(pipelines)\n"
        "ops = s.live[0].runtime_status().get_ops(OperatorState.PENDING)\n"
        "pool = s.executor.pools[0]\n"
        "if results: raise ValueError(str([len(ops), len(pool.active_containers), len(pool.suspending_containers), "
        "[c.container_id for c in pool.suspended_containers], pool.avail_cpu_pool]))\n"
        "if len(s.live) == 2: return [Suspend('c1', 0)], [Assignment(ops[:1], 1, 2, Priority.QUERY, 0, 'p')]\n"
        "return [], [Assignment([op], 1, 2, Priority.QUERY, 0, 'p') for op in ops[:2]]",
        "s.live = []",
    )
    host = started(source)
    host.decide(Observation(0, 0, (arrival("p", ((), (), ())),)))
    host.decide(Observation(1, 0, (arrival("q"),), started=((1, 0), (2, 1)), moves=((0, 2), (1, 2))))
    fault = host.decide(
        Observation(
            90,
            0,
            results=((2, None),),
            moves=((0, 3), (2, 2), (0, 0), (2, 4), (1, 4)),
            started=((3, 0),),
            suspendable=((3, True), (3, False)),
            suspending=(1,),
            suspended=(1,),
            free=((0, 7, 30),),
        )
    ).fault
    assert fault is not None
    assert fault.message == "[1, 1, 0, ['c1'], 7]"


def test_an_assignment_that_is_not_returned_is_told_all_the_same() -> None:
    """Its operators are assigned for ever, so the engine must know."""
    source = policy(
        f"s.live.extend(pipelines)\nif not pipelines and s.live:\n    Assignment({ALL}, 1, 1, 1, 0, 'p'); s.live.clear()\nreturn [], []",
        "s.live = []",
    )
    first, second = called(source, Observation(0, 0, (arrival("p", ((), ())),)), Observation(1, 30))
    assert first.assigned == ()
    assert second == Reply(1, every_tick=True, assigned=(0, 1))


def test_what_was_assigned_before_a_fault_is_told() -> None:
    """The fault of a half-made assignment leaves the operators before it assigned."""
    source = policy("ops = list(pipelines[0].values)\nAssignment([ops[0], ops[0]], 1, 1, 1, 0, 'p')")
    (reply,) = called(source, Observation(0, 0, (arrival("p"),)))
    assert reply.assigned == (0,)
    assert reply.fault is not None
    assert (reply.fault.phase, reply.fault.kind) == ("policy", "AssertionError")


def test_arrivals_are_counted_on_the_list_that_the_policy_was_given() -> None:
    """Upstream counts after the call, so a policy may empty or lengthen the list."""
    emptied, lengthened = (
        called(policy(f"{change}\nreturn [], []"), Observation(0, 5, (arrival("p"), arrival("q"))))[0]
        for change in ("pipelines.clear()", "pipelines.append(1)")
    )
    assert emptied.arrivals_left == 0
    assert (lengthened.tick, lengthened.arrivals_left) == (1, 4)


def test_faults_of_what_is_returned_keep_their_phase() -> None:
    """The call, the executor's walk and the count fail apart; before the count, the actions stand."""
    phases = []
    for returned in ("None", "('a', [])", "([], (x for x in []))"):
        (reply,) = called(policy(f"return {returned}"), Observation(0, 0))
        assert reply.fault is not None
        phases.append(reply.fault.phase)
    assert phases == ["policy", "executor", "bookkeeping"]


def test_memory_is_asked_for_in_the_tick_of_the_call() -> None:
    """At most once in each call, and a policy that reads it is called in every tick."""
    asked = []

    def memory(tick: int) -> Memory:
        asked.append(tick)
        return Memory((tick * 0.5, 0.0), ())

    host = Host(
        policy(
            "s.seen.append([p.consumed_ram_gb for p in s.executor.pools])\nreturn [], []",
            "s.seen = [s.executor.get_consumed_ram_gb()]",
        ),
        "x",
    )
    assert host.start(dict(PARAMETERS), memory) is None
    assert host.decide(Observation(3, 2)).every_tick
    assert asked == [3, 4, 5]


def test_a_broken_connection_is_no_fault_of_the_policy() -> None:
    """Even a policy that swallows everything can't hide that the engine is gone."""

    def memory(tick: int) -> Memory:
        raise EOFError

    host = Host(
        policy(
            "try:\n    s.executor.get_consumed_ram_gb()\nexcept BaseException:\n    raise ValueError\nreturn [], []"
        ),
        "x",
    )
    assert host.start(dict(PARAMETERS), memory) is None
    with pytest.raises(EOFError):
        host.decide(Observation(0, 0))


def test_an_interrupt_from_outside_is_no_fault_of_the_policy() -> None:
    """Ctrl-C ends a run in this process; only a policy that names the exception can have raised it."""
    interrupting = policy("for x in s.trap: pass\nreturn [], []")
    host = started(interrupting)

    class Trap:
        def __iter__(self) -> Trap:
            raise KeyboardInterrupt

    host._mirror.scheduler.trap = Trap()  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        host.decide(Observation(0, 0))
    (reply,) = called(policy("raise KeyboardInterrupt"), Observation(0, 0))
    assert reply.fault is not None
    assert reply.fault.kind == "KeyboardInterrupt"


ENDLESS = {
    "a loop": "while True: pass",
    "a loop that swallows": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "loops over nothing new": "for i in itertools.count():\n    for j in (1, 2): i += j",
    "recursion": "def f(n): return n and f(n - 1) + f(n - 1)\nf(60)",
    "recursion of lambdas": "f = lambda n: n and f(n - 1) + f(n - 1)\nf(60)",
    "a swallowing function": "def f():\n    try:\n        while True: pass\n    except BaseException: return\nf()\nreturn [], []",
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS)
@pytest.mark.parametrize("every_tick", [False, True])
def test_work_without_end_is_a_fault(body: str, *, every_tick: bool) -> None:
    """Loops and calls are counted, so that the same policy fails at the same point on any machine."""
    source = policy(body, module="import itertools")
    (reply,) = called(source, Observation(0, 0), work_limit=5000, every_tick=every_tick)
    assert reply.fault is not None
    assert (reply.fault.phase, reply.fault.kind) == ("policy", "work")
    assert reply.fault.message == "reached the limit of 5000 loop rounds and function calls in a run"


def test_work_is_counted_over_the_whole_run() -> None:
    """The initialisation and every call draw on one budget."""
    source = policy("for i in range(10): pass\nreturn [], []", "for i in range(10): pass")
    host = started(source, work_limit=50)
    faults = [host.decide(Observation(tick, 0, (arrival("p"),))).fault for tick in range(4)]
    assert [fault and fault.kind for fault in faults] == [None, None, None, "work"]
    exhausted = Host(policy("return [], []", "while True: pass"), "x", work_limit=50)
    fault = exhausted.start(dict(PARAMETERS), lambda tick: NO_MEMORY)
    assert isinstance(fault, Fault)
    assert (fault.phase, fault.kind) == ("init", "work")


def test_what_can_not_be_compiled_is_no_question_of_work() -> None:
    """The budget is whole when the source is read."""
    fault = Host("return", "x", work_limit=50).start(dict(PARAMETERS), lambda tick: NO_MEMORY)
    assert isinstance(fault, Fault)
    assert (fault.phase, fault.kind, fault.line) == ("init", "SyntaxError", 1)


def test_docstrings_and_generators_survive_counting() -> None:
    """Counting changes neither what a function says of itself nor what it is."""
    source = policy(
        "assert f.__doc__ == 'text' and list(g()) == [1, 2] and (lambda x, y=2: x + y)(1) == 3\nreturn [], []",
        module="def f():\n    'text'\n\ndef g():\n    yield from (1, 2)",
    )
    (reply,) = called(source, Observation(0, 0), work_limit=1000)
    assert reply.fault is None
