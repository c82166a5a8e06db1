"""The rows of `evo/simulator/EUDOXIA.md`: what evo keeps of Eudoxia though it is odd, and where it differs on purpose.

Each is a policy on one small trace, run by evo and, where it is installed, by upstream.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest

from evo.evaluation.runs import Engine, Simulator
from evo.simulator.comparison import differences, first_event
from evo.simulator.eudoxia import Eudoxia
from evo.simulator.events import EventLog
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.stats import SimulatorStats
from evo.simulator.trace import parse_trace
from tests.simulator.scheduling.facade import policy
from tests.simulator.upstream import needs_upstream

PARAMETERS = Parameters.complete(
    {"duration": 6, "ticks_per_second": 10, "num_pools": 1, "cpus_per_pool": 8, "ram_gb_per_pool": 32}
)
TRACE = parse_trace(
    "pipeline_id,arrival_seconds,priority,operator_id,parents,"
    "baseline_cpu_seconds,cpu_scaling,memory_gb,storage_read_gb\n"
    "p1,0,QUERY,a,,1,const,,2\np2,0.5,BATCH_PIPELINE,a,,0.5,const,,4\np2,,,b,a,0.5,const,,2\n",
    "small",
)
EACH_OPERATOR = "for p in s.live:\n    for op in p.values: {}"
EACH_CONTAINER = "for c in s.executor.pools[0].active_containers: {}"
EACH_STATUS = "for p in s.live: status = p.runtime_status(); {}"


def fifo(before: str = "pass", after: str = "pass", **changed: str) -> str:
    """The honest policy, doing something `before` it looks for work and `after` it found some."""
    given = {"ops": "[op]", "cpu": "1", "ram": "5", "pool": "0", **changed}
    return policy(
        "for p in pipelines: s.live.append(p)\n"
        f"{before}\nout = []\n"
        "for p in s.live:\n"
        "    for op in p.runtime_status().get_ops(ASSIGNABLE_STATES, require_parents_complete=True):\n"
        f"        out.append(Assignment({given['ops']}, {given['cpu']}, {given['ram']}, p.priority, "
        f"{given['pool']}, p.pipeline_id))\n"
        f"{after}\nreturn [], out",
        init="s.live = []",
    )


def outcome(simulator: Simulator, source: str) -> tuple[SimulatorStats | RunFailure, list[dict[str, Any]]]:
    """What becomes of a policy on the trace, and what happens."""
    log = EventLog()
    return simulator.run(source, "x", TRACE, PARAMETERS, log), log.lines


FORGERIES = {
    "states": fifo(after=EACH_STATUS.format("status.state_counts[OperatorState.COMPLETED] = len(p.values)")),
    "times": fifo(after=EACH_STATUS.format("status.arrival_tick = s.clock.now_ticks()")),
    "priorities": fifo(before="for p in pipelines: p.priority = Priority.INTERACTIVE"),
    "counts": fifo(before="s.executor.pools[0].num_completed = 50"),
    "durations": fifo(before="s.executor.pools[0].container_tick_times.append(1000)"),
    "sizes": fifo(before="s.executor.pools[0].max_ram_pool = 1"),
    "containers": fifo(before="s.executor.pools[0].active_containers.clear()"),
    "orders": fifo(before=EACH_CONTAINER.format("c.assignment.ops.clear()")),
    "limits": fifo(before=EACH_CONTAINER.format("c.assignment.ram = 0.1")),
}
"""Policies that change what they are shown."""

REFUSED = {
    "free CPUs": (
        fifo(before="s.executor.pools[0].avail_cpu_pool = 100", cpu="50"),
        ("AssertionError", "executor"),
    ),
    "segments": (fifo(before=EACH_OPERATOR.format("op.get_segments()")), ("AttributeError", "policy")),
    "values": (
        fifo(before=EACH_OPERATOR.format("op.values[0].storage_read_gb")),
        ("AttributeError", "policy"),
    ),
    "completing": (
        fifo(
            before=EACH_OPERATOR.format(
                "op.state() is OperatorState.RUNNING and op.transition(OperatorState.COMPLETED)"
            )
        ),
        ("RuntimeError", "policy"),
    ),
    "moving a number": (
        fifo(before="for p in pipelines: p.runtime_status().transition(1, OperatorState.ASSIGNED)"),
        ("AttributeError", "policy"),
    ),
    "killing": (fifo(before=EACH_CONTAINER.format("c.kill('OOM')")), ("AttributeError", "policy")),
    "ticking": (fifo(before=EACH_CONTAINER.format("c.tick()")), ("AttributeError", "policy")),
    "the clock": (fifo(before="s.clock.tick()"), ("AttributeError", "policy")),
    "memory": (fifo(before="s.executor.pools[0].consumed_ram_gb = 99"), ("AttributeError", "policy")),
    "new operators": (fifo(before="for p in pipelines: p.new_operator()"), ("RuntimeError", "policy")),
    "new pipelines": (fifo(before="Pipeline('mine', Priority.QUERY)"), ("TypeError", "policy")),
    "new segments": (
        fifo(before="from eudoxia.workload import Segment; Segment()"),
        ("RuntimeError", "policy"),
    ),
    "privacy": (fifo(before=EACH_CONTAINER.format("c._ticks_elapsed")), ("AttributeError", "policy")),
    "other modules": (fifo(before="import eudoxia.tools"), ("ModuleNotFoundError", "policy")),
    "decimals": (fifo(before="from decimal import Decimal", cpu="Decimal(1)"), ("TypeError", "executor")),
    "fractions": (
        fifo(before="from fractions import Fraction", cpu="Fraction(3, 2)"),
        ("TypeError", "executor"),
    ),
}
"""Policies that fail with evo, and why, where upstream lets them go on."""

KEPT = {
    "an emptied list": (fifo(after="pipelines.clear()"), ("pipelines_created", 0)),
    "a longer list": (fifo(after="pipelines.append(None)"), ("pipelines_created", 62)),
    "no such pool": (fifo(pool="7 if p.pipeline_id == 'p2' else 0"), ("assignments", 2)),
    "a pool that equals": (fifo(pool="False"), ("containers_completed", 3)),
    "a bool of CPUs": (fifo(cpu="True"), ("containers_completed", 3)),
    "a float of numpy's": (
        fifo(before="import numpy as np", cpu="np.float32(1.5)"),
        ("containers_completed", 3),
    ),
    "something like an assignment": (
        fifo(
            before="class Like: pass",
            after="for i, a in enumerate(out):\n    out[i] = Like(); vars(out[i]).update(vars(a))",
        ),
        ("containers_completed", 3),
    ),
    "a lost operator": (fifo(after="if p.pipeline_id == 'p2': out.clear()"), ("containers_completed", 1)),
    "results are the policy's": (fifo(before="for r in results: r.error = 'x'"), ("failures", 0)),
    "parameters are the policy's": (fifo(before="s.params['max_job_seconds'] = 0.1"), ("failures", 0)),
    "estimates are the policy's": (
        fifo(before=EACH_OPERATOR.format("op.estimate.mem_peak_gb = 1")),
        ("containers_completed", 3),
    ),
}
"""Policies with which evo does as upstream, and a field that tells."""


CHAIN = {"before": "if len(s.live) < 2: return [], []", "ops": "list(p.values)"}
STOP = "stops = [Suspend(c.container_id, 0) for c in s.executor.pools[0].active_containers if {}]\n{}"
ENDED = {
    "suspending at the wrong time": (
        fifo(after=STOP.format("c.container_id == 'c1'", "if stops: return stops, out"), **CHAIN),
        ("AssertionError", "Container cannot be suspended right now"),
    ),
    "suspending twice": (
        fifo(after=STOP.format("c.can_suspend_container()", "if stops: return stops + stops, out"), **CHAIN),
        ("AttributeError", "'NoneType' object has no attribute 'suspend_container'"),
    ),
    "suspending what is gone": (
        fifo(after="if s.clock.now_ticks() == 40: return [Suspend('c1', 0)], []"),
        ("AttributeError", "'NoneType' object has no attribute 'can_suspend_container'"),
    ),
    "more CPUs than any": (fifo(cpu="float('inf')"), ("AssertionError", "Overallocated CPU in assignment")),
    "returning one twice": (
        fifo(after="out.extend(out)"),
        ("AssertionError", "Cannot transition operator"),
    ),
    "no lists": (fifo(after="return None, None"), ("TypeError", "'NoneType' object is not iterable")),
}
"""Policies that fail with evo as they do upstream."""


@pytest.mark.parametrize("name", FORGERIES)
def test_a_policy_changes_its_own_picture_only(name: str) -> None:
    """Whatever it writes into what it is shown, the run is that of the honest policy."""
    assert repr(outcome(Engine(), FORGERIES[name])) == repr(outcome(Engine(), fifo()))


@needs_upstream
@pytest.mark.parametrize("name", FORGERIES)
def test_upstream_believes_what_it_is_told(name: str) -> None:
    """The same writing there changes statistics, or ends the run: a reason to differ."""
    honest, forged = outcome(Eudoxia(), fifo())[0], outcome(Eudoxia(), FORGERIES[name])[0]
    assert differences(honest, forged)


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_scheduler_can_do_is_a_failure(name: str) -> None:
    """The policy fails with a kind and a phase of its own."""
    source, expected = REFUSED[name]
    result, _ = outcome(Engine(), source)
    assert isinstance(result, RunFailure)
    assert (result.kind, result.phase) == expected


@needs_upstream
@pytest.mark.parametrize("name", REFUSED)
def test_upstream_lets_it_be_done(name: str) -> None:
    """There the same policy gets further."""
    source, expected = REFUSED[name]
    result, _ = outcome(Eudoxia(), source)
    assert not isinstance(result, RunFailure) or (result.kind, result.phase) != expected


@pytest.mark.parametrize("name", KEPT)
def test_what_is_odd_is_kept(name: str) -> None:
    """Odd as it is, it gives nobody a better score, or it is Python's own way."""
    source, (field, value) = KEPT[name]
    result, _ = outcome(Engine(), source)
    assert isinstance(result, SimulatorStats), result
    assert getattr(result, field) == value


@needs_upstream
@pytest.mark.parametrize("name", KEPT)
def test_upstream_has_it_too(name: str) -> None:
    """The same statistics and the same events."""
    (ours, happened), (theirs, there) = (outcome(each, KEPT[name][0]) for each in (Engine(), Eudoxia()))
    assert differences(ours, theirs) == []
    assert first_event(happened, there) is None


@pytest.mark.parametrize("name", ENDED)
def test_a_wrong_action_ends_the_run(name: str) -> None:
    """With upstream's kind and words."""
    source, (kind, message) = ENDED[name]
    result, _ = outcome(Engine(), source)
    assert isinstance(result, RunFailure), result
    assert (result.kind, result.phase) == (kind, "executor")
    assert result.message.startswith(message)


@needs_upstream
@pytest.mark.parametrize("name", ENDED)
def test_it_ends_upstreams_run_as_well(name: str) -> None:
    """In the same tick, after the same events."""
    (ours, happened), (theirs, there) = (outcome(each, ENDED[name][0]) for each in (Engine(), Eudoxia()))
    assert differences(ours, theirs) == []
    assert first_event(happened, there) is None


def test_what_holds_a_row_is_there() -> None:
    """Every recorded case and every test file that the first table names exists."""
    tests = Path(__file__).parents[1]
    page = (tests.parent / "evo" / "simulator" / "EUDOXIA.md").read_text(encoding="utf-8")
    table = page.partition("## Where Eudoxia surprises")[2].partition("##")[0]
    holders = [row.split(" | ")[-1] for row in table.splitlines() if row.startswith("| ")][1:]
    assert len(holders) > 25
    for holder in holders:
        names = re.findall(r"`([^`]+)`", holder)
        assert names, holder
        for name in names:
            assert list((tests / "golden" / "cases").glob(name)) or list(tests.rglob(name)), name


def test_ids_repeat() -> None:
    """An operator's id is the same in every run, and sets of operators are walked in order of arrival."""
    note = "s.live and out and setattr(out[0], 'pipeline_id', str([op.id for op in set(s.live[0].values)]))"
    one, two = (outcome(Engine(), fifo(after=note)) for _ in range(2))
    assert repr(one) == repr(two)
    assert "UUID" in one[1][0]["assignments"][0]["pipeline"]


@pytest.mark.parametrize(("overcommit", "kind"), [(False, "AssertionError"), (True, "ValueError")])
def test_amounts_are_finite(*, overcommit: bool, kind: str) -> None:
    """Infinite RAM is more than there is, and where more may be promised it is still no amount."""
    parameters = Parameters.complete({**PARAMETERS.given, "allow_memory_overcommit": overcommit})
    result = Engine().run(fifo(ram="float('inf')"), "x", TRACE, parameters)
    assert isinstance(result, RunFailure)
    assert (result.kind, result.tick) == (kind, 0)


def test_scalars_of_numpy_are_numbers() -> None:
    """What is free is a Python number in doubles, whatever the policy gave."""
    note = "for a in out: a.pipeline_id = repr(s.executor.pools[0].avail_cpu_pool)"
    _, events = outcome(Engine(), fifo(before="import numpy as np", cpu="np.float32(0.1)", after=note))
    assert events[1]["assignments"][0]["pipeline"] == repr(8 - 0.10000000149011612)


def test_containers_are_counted_from_1_in_every_run() -> None:
    """Upstream goes on counting through all runs of a process."""
    runs = [outcome(Engine(), fifo())[1] for _ in range(2)]
    assert runs[0][0]["assignments"][0]["container"] == runs[1][0]["assignments"][0]["container"] == 1


def test_parameters_are_blamed_before_the_policy() -> None:
    """Where both are refused; upstream looks at the estimator last."""
    bad = Parameters.complete({**PARAMETERS.given, "estimator_algo": "noisy", "noisy_estimator_sigma": -1})
    result = Engine().run(policy("return [], []", init="s.nothing"), "x", TRACE, bad)
    assert isinstance(result, RunFailure)
    assert (result.kind, result.message) == ("ValueError", "sigma must be >= 0, got -1")


def test_completions_wait_for_a_result() -> None:
    """A pipeline that was complete in the middle of a container is recorded when some container ends."""
    both = fifo(
        before="if len(s.live) < 2: return [], []", ops="[*s.live[0].values, *s.live[1].values]"
    ).replace("out.append(", "out or out.append(")
    result, _ = outcome(Engine(), both)
    assert isinstance(result, SimulatorStats)
    alone = outcome(Engine(), fifo())[0]
    assert isinstance(alone, SimulatorStats)
    assert result.pipelines_query.mean_latency_seconds > alone.pipelines_query.mean_latency_seconds + 1
    assert not math.isnan(result.pipelines_batch.mean_latency_seconds)
