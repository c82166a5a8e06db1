"""The laws of a run: honest ones never break them, and each can be broken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from evo.shipped import read_policy, stock_policies
from evo.simulator.audit import SUSPENDED, Laws, Ran
from evo.simulator.books import Books
from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.messages import Reply
from evo.simulator.parameters import Parameters
from evo.simulator.scheduling.host import Host
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure, SimulatorStats, Tally, summarize
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule, read_trace
from evo.simulator.workload import generate
from tests.simulator.test_differential import Example, examples
from tests.simulator.test_golden import CASES, GOLDEN, UNKNOWN, policy_source


class Witness(EventLog):
    """Notes every container of a run as the audit wants it, from what the log tells."""

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[int, Ran] = {}

    def acted(self, tick: int, reply: Reply | None, *rest: Any) -> None:
        """Take in a tick that ended."""
        super().acted(tick, reply, *rest)
        if not self.lines or self.lines[-1]["tick"] != tick:
            return
        line = self.lines[-1]
        if reply is not None:
            for order, told in zip(reply.orders, line["assignments"], strict=True):
                if told["container"] is not None:
                    pool = int(told["pool"])
                    ran = Ran(pool, tick, None, order.cpu, order.ram, order.ops, None)
                    self.containers.setdefault(told["container"], ran)
            for number, _ in reply.suspensions:
                if number in self.containers and self.containers[number].error is None:
                    self.containers[number] = self.containers[number]._replace(end=tick, error=SUSPENDED)
        for number, _, error in line["results"]:
            self.containers[number] = self.containers[number]._replace(
                end=tick, error=None if error == "ok" else error
            )

    @property
    def ran(self) -> list[Ran]:
        """All containers in order of creation."""
        return [self.containers[number] for number in sorted(self.containers)]


class Seen:
    """A finished run as its engine kept it."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.finished: list[tuple[int, int]] = []
        self.tallies: list[Tally] = []


@contextmanager
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Seen]:
    """Keep what the engine throws away when it has its statistics."""
    seen = Seen()
    complete = Books.complete

    def completing(self: Books, candidates: list[Any], tick: int) -> list[Any]:
        done = complete(self, candidates, tick)
        seen.finished += [(pipeline.number, tick) for pipeline in done]
        return done

    def summing(tally: Tally, parameters: Parameters) -> SimulatorStats | RunFailure:
        seen.tallies.append(tally)
        return summarize(tally, parameters)

    with monkeypatch.context() as patched:
        patched.setattr(Books, "complete", completing)
        patched.setattr("evo.simulator.engine.summarize", summing)
        yield seen


def audited(source: str, key: str, schedule: Schedule, parameters: Parameters) -> RunFailure | None:
    """What the audit says of a run, None also where the run failed by itself."""
    with watched(pytest.MonkeyPatch()) as seen:
        simulate(Host(source, key, work_limit=400_000), schedule, parameters, seen.witness)
    if not seen.tallies:
        return None
    return Laws(schedule, parameters).audit(seen.witness.ran, seen.finished, seen.tallies[0])


@pytest.mark.parametrize("name", [name for name in CASES if name != UNKNOWN and not name.startswith("large")])
def test_golden_runs_break_no_law(name: str) -> None:
    """Whatever odd thing the recorded runs of the real Eudoxia do, it is legal."""
    folder = GOLDEN / "cases" / name
    parameters = Parameters.read(folder / "params.toml")
    trace = folder / "trace.csv"
    if parameters.refusal(generated=not trace.exists()) is not None:
        return
    per_second, last = parameters.ticks_per_second, parameters.max_ticks
    schedule = read_trace(trace).schedule(per_second, last) if trace.exists() else generate(parameters)
    key = parameters.scheduler_algo
    assert audited(policy_source(key), key, schedule, parameters) is None


@pytest.mark.parametrize("name", sorted(stock_policies()))
@pytest.mark.parametrize("seed", [1, 2])
def test_stock_policies_break_no_law(name: str, seed: int) -> None:
    """Busy clusters with overcommit, kills and suspensions keep to the laws."""
    parameters = Parameters.complete(
        {
            "duration": 60,
            "ticks_per_second": 20,
            "num_pools": 2,
            "num_pipelines": 6,
            "waiting_seconds_mean": 5.0,
            "dag_branch_in_prob": 0.5,
            "dag_branch_out_prob": 0.5,
            "random_seed": seed,
            "multi_operator_containers": name != "overbook",
            "allow_memory_overcommit": name == "overbook",
        }
    )
    assert audited(read_policy(stock_policies()[name]), name, generate(parameters), parameters) is None


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(examples())
def test_random_runs_break_no_law(example: Example) -> None:
    """Neither do policies of all habits on random traces and clusters."""
    source, parameters, trace = example
    schedule = trace.schedule(parameters.ticks_per_second, parameters.max_ticks)
    assert audited(source, "x", schedule, parameters) is None


PARAMETERS = {
    "duration": 10,
    "ticks_per_second": 10,
    "num_pools": 2,
    "cpus_per_pool": 8,
    "ram_gb_per_pool": 100,
}
SECOND = OperatorSpec((), 1.0, "const", 10.0, 0.0)
NO_TIME = OperatorSpec((), 0.0, "const", 1.0, 0.0)


def chain(*parents: tuple[int, ...]) -> PipelineSpec:
    """A pipeline of operators of ten ticks each."""
    return PipelineSpec("p", Priority.QUERY, tuple(OperatorSpec(p, 1.0, "const", 10.0, 0.0) for p in parents))


SCHEDULE: Schedule = [(0, (chain((), (0,)),)), (20, (chain(()),))]
"""Operators 0 and its child 1 from tick 0 on, operator 2 from tick 20 on."""
HONEST = [
    Ran(0, 0, 9, 4, 50, (0,), None),
    Ran(0, 10, 19, 4, 50, (1,), None),
    Ran(1, 20, 29, 8, 100, (2,), None),
]
FINISHED = [(0, 19), (1, 29)]


def tally(finished: Sequence[tuple[int, int]] = FINISHED, *, completed: int = 3, arrived: int = 2) -> Tally:
    """What a run counts with these completions."""
    counted = Tally(containers_completed=completed)
    counted.arrivals[Priority.QUERY] = arrived
    counted.latencies[Priority.QUERY] = [tick - (0, 20)[pipeline] for pipeline, tick in finished]
    return counted


def verdict(
    ran: Sequence[Ran],
    counted: Tally | None = None,
    finished: Sequence[tuple[int, int]] = FINISHED,
    **more: Any,
) -> str:
    """The law that a record breaks, or nothing."""
    parameters = Parameters.complete({**PARAMETERS, **more})
    found = Laws(SCHEDULE, parameters).audit(ran, finished, counted or tally(finished))
    if found is None:
        return ""
    assert (found.kind, found.phase) == ("cheating", "statistics")
    return found.message


def test_an_honest_record() -> None:
    """What these records are bent from breaks no law, be it of plain tuples."""
    assert verdict(HONEST) == ""
    assert (
        Laws(SCHEDULE, Parameters.complete(PARAMETERS)).audit(
            [tuple(one) for one in HONEST], FINISHED, tally()
        )
        is None
    )
    assert Laws([], Parameters.complete(PARAMETERS)).audit([], [], Tally()) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({0: {"cpu": 8.5}}, "pool 0 has 8 CPUs, 8.5 were in use"),
        ({2: {"ram": 101}}, "pool 1 has 100 GB of RAM, 101 were in use"),
        ({0: {"end": 10}, 1: {"start": 10, "cpu": 5}}, "pool 0 has 8 CPUs, 9 were in use"),
        ({2: {"start": 19}}, "operator 2 was begun before its pipeline arrived"),
        ({0: {"end": 8}}, "container 1 did in 9 ticks what takes 10"),
        ({1: {"start": 8, "end": 17}}, "operator 1 was begun before its parents were completed"),
        (
            {0: {"pool": 1}, 1: {"start": 9, "end": 18}},
            "operator 1 was begun before its parents were completed",
        ),
        (
            {0: {"operators": (1,)}, 1: {"operators": (0,)}},
            "operator 1 was begun before its parents were completed",
        ),
        ({1: {"operators": (0,)}}, "operator 0 was run again"),
        (
            {1: {"start": 5, "end": 24, "operators": (0, 1)}},
            "operator 0 was run again",
        ),
        ({1: {"end": None}}, "3 containers counted, 2 ended well"),
        ({1: {"error": "OOM"}}, "3 containers counted, 2 ended well"),
    ],
)
def test_each_law_of_containers_can_be_broken(changes: dict[int, dict[str, Any]], words: str) -> None:
    """One container bent is enough, and the failure says what is wrong."""
    bent = [one._replace(**changes.get(place, {})) for place, one in enumerate(HONEST)]
    assert words in verdict(bent)


@pytest.mark.parametrize(
    ("ran", "finished", "counted", "words"),
    [
        (HONEST, [(0, 18), (1, 29)], None, "pipeline 0 was counted as completed with operators missing"),
        (HONEST[:1], [(0, 19)], tally([(0, 19)], completed=1), "pipeline 0 was counted as completed"),
        (HONEST, FINISHED, tally([(0, 19)]), "the latencies counted are not those"),
        (HONEST, FINISHED, tally([(0, 12), (1, 29)]), "the latencies counted are not those"),
        (HONEST, [(0, 19), (0, 19)], tally([(0, 19), (0, 19)]), "the latencies counted are not those"),
        (HONEST, FINISHED, tally(arrived=1), "of 2 QUERY pipelines that arrived, 1 were counted"),
        (HONEST, FINISHED, tally(arrived=3), "of 2 QUERY pipelines that arrived, 3 were counted"),
        (
            [],
            [(1, 29)],
            tally([(1, 29)], completed=0),
            "pipeline 1 was counted as completed with operators missing",
        ),
    ],
)
def test_each_law_of_pipelines_can_be_broken(
    ran: Sequence[Ran], finished: list[tuple[int, int]], counted: Tally | None, words: str
) -> None:
    """Counts that don't follow from the containers are found out."""
    assert words in verdict(ran, counted, finished)


def test_no_more_can_end_than_arrived() -> None:
    """Completed and timed out are parts of what arrived."""
    counted = tally()
    counted.timeouts[Priority.QUERY] = 1
    assert "2 as completed and 1 as timed out" in verdict(HONEST, counted)


def test_what_is_odd_but_legal() -> None:
    """Overcommit, retries after a kill, and operators of one container one after the other."""
    assert verdict([*HONEST[:2], HONEST[2]._replace(ram=101)], allow_memory_overcommit=True) == ""
    killed = Ran(0, 0, 9, 4, 50, (0, 1), "OOM")  # killed in the very tick in which operator 0 ended
    both = Ran(0, 10, 29, 4, 50, (0, 1), None)
    again = HONEST[1]._replace(start=10, end=19)
    later = [(0, 29), (1, 29)]
    assert verdict([killed, both, HONEST[2]], tally(later, completed=2), later) == ""
    assert verdict([killed, again, HONEST[2]], tally(completed=2)) == ""
    assert "run again" in verdict(
        [killed._replace(end=10), both._replace(start=11, end=30), HONEST[2]], tally(completed=2)
    )


def test_a_suspended_container_holds_what_it_has() -> None:
    """Work done before a suspension counts, and its resources are free only when it is over."""
    suspended = Ran(0, 0, 10, 8, 40, (0, 1), SUSPENDED)  # 40 GB take 20 ticks to write, 10 to 29
    resumed = Ran(0, 30, 39, 8, 40, (1,), None)
    finished = [(1, 29), (0, 39)]
    counted = tally(finished, completed=2)
    assert verdict([suspended, HONEST[2], resumed], counted, finished) == ""
    early = resumed._replace(start=29, end=38)
    assert "pool 0 has 8 CPUs" in verdict([suspended, HONEST[2], early], counted, finished)
    small = suspended._replace(ram=1)  # written within a tick: it never ends
    assert "pool 0 has 8 CPUs" in verdict([small, HONEST[2], resumed], counted, finished)
    redone = resumed._replace(operators=(0,))
    assert "run again" in verdict([suspended, HONEST[2], redone], tally([(1, 29)], completed=2), [(1, 29)])


def test_operators_without_ticks() -> None:
    """They take no tick, are never completed, and the others of their container go on."""
    pipeline = PipelineSpec("p", Priority.QUERY, (NO_TIME, SECOND))
    laws = Laws([(0, (pipeline,))], Parameters.complete(PARAMETERS))
    counted = Tally(containers_completed=1)
    counted.arrivals[Priority.QUERY] = 1
    ran = [Ran(0, 0, 9, 1, 10, (0, 1), None)]
    assert laws.audit(ran, [], counted) is None
    counted.latencies[Priority.QUERY] = [9]
    found = laws.audit(ran, [(0, 9)], counted)
    assert found is not None
    assert "operators missing" in found.message


def test_what_upstream_can_not_compute_never_ends() -> None:
    """An operator whose time overflows on its CPUs was never completed."""
    hard = OperatorSpec((), 1e300, "squared", 1.0, 0.0)
    pipeline = PipelineSpec("p", Priority.QUERY, (SECOND, hard))
    laws = Laws([(0, (pipeline,))], Parameters.complete(PARAMETERS))
    counted = Tally(containers_completed=1)
    counted.arrivals[Priority.QUERY] = 1
    assert laws.audit([Ran(0, 0, None, 1e-200, 10, (0, 1), None)], [], counted) is not None
    counted.containers_completed = 0
    assert laws.audit([Ran(0, 0, None, 1e-200, 10, (0, 1), None)], [], counted) is None


def test_the_golden_cases_are_there() -> None:
    """The cases that the laws are held against are those of the manifest."""
    assert len(json.loads((GOLDEN / "MANIFEST.json").read_text())["cases"]) == len(CASES) > 70


def test_a_run_is_held_against_its_laws() -> None:
    """A run whose record breaks a law has no statistics; here the laws are those of another workload."""
    parameters = Parameters.complete({**PARAMETERS, "duration": 60, "random_seed": 3})
    schedule, other = (
        generate(parameters),
        generate(Parameters.complete({**PARAMETERS, "duration": 60, "random_seed": 4})),
    )
    source = read_policy(stock_policies()["naive"])
    honest = simulate(Host(source, "naive"), schedule, parameters, laws=Laws(schedule, parameters))
    assert isinstance(honest, SimulatorStats)
    assert repr(honest) == repr(simulate(Host(source, "naive"), schedule, parameters))
    cheating = simulate(Host(source, "naive"), schedule, parameters, laws=Laws(other, parameters))
    assert isinstance(cheating, RunFailure)
    assert cheating.kind == "cheating"
