"""The engine jumps over ticks; a walker that takes every tick, written from upstream's rules, must agree with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evo.simulator.engine import simulate
from evo.simulator.events import EventLog
from evo.simulator.messages import Fault, Memory, MemoryProbe, Observation, Order, Reply
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.stats import RunFailure, SimulatorStats
from evo.simulator.sums import compensated_sum
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule


@dataclass(frozen=True)
class Job:
    """One operator in a pipeline of its own, and when and how it is to be started."""

    arrival: int
    delay: int
    pool: int
    ram: float
    storage: float
    memory: float | None
    cpu_seconds: float


@dataclass
class Scripted:
    """A decider that starts each job at its tick, whatever happens."""

    jobs: list[Job]
    reads_memory: bool = False
    seen: list[Memory] = field(default_factory=list)

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Keep the way to ask for memory."""
        self.memory = memory
        self.next = 0
        return None

    def decide(self, observation: Observation) -> Reply:
        """Start the jobs that are due, in the first granted tick with any."""
        last = observation.tick + observation.quiet
        for tick in range(observation.tick, last + 1):
            if self.reads_memory:
                self.seen.append(self.memory(tick))
            due = [i for i, job in enumerate(self.jobs) if job.arrival + job.delay == tick]
            orders = tuple(Order((i,), 1, self.jobs[i].ram, self.jobs[i].pool, f"p{i}") for i in due)
            if orders:
                assigned = tuple(due)
                return Reply(tick, every_tick=True, assigned=assigned, orders=orders)
        return Reply(last, every_tick=True)


@dataclass
class Box:
    """A container of one job in the walker's pool."""

    number: int
    job: Job
    memory: float = 0.0
    ticks: int = 0
    end: str | None = None


class WalkedPool:
    """A pool that is walked tick by tick, as upstream does."""

    def __init__(self, capacity: float, length: float) -> None:
        self.capacity = capacity
        self.length = length
        self.boxes: list[Box] = []
        self.consumed: float = 0.0

    def hold(self, box: Box, memory: float) -> None:
        self.consumed += memory - box.memory
        box.memory = memory

    def kill(self, box: Box) -> None:
        box.end = "OOM"
        self.hold(box, 0.0)

    def run(self, box: Box) -> None:
        job = box.job
        reading = int((job.storage / 20) / self.length)
        peak = job.storage if job.memory is None else job.memory
        growing = box.ticks < reading and job.memory is None
        self.hold(box, ((box.ticks + 1) * self.length) * 20 if growing else peak)
        if box.memory <= job.ram:
            box.ticks += 1
            if box.ticks == reading + int(job.cpu_seconds / self.length):
                box.end = "ok"
                self.hold(box, 0.0)

    def tick(self, started: list[Box]) -> list[Box]:
        """The boxes that end in this tick."""
        self.boxes += started
        for box in self.boxes:
            self.run(box)
        for box in self.boxes:
            if box.memory > box.job.ram:
                self.kill(box)
        if self.consumed > self.capacity:
            alive = [box for box in self.boxes if box.end is None and box.memory > 0]
            alive.sort(key=lambda box: box.memory * (box.memory / box.job.ram), reverse=True)
            for box in alive:
                if self.consumed > self.capacity:
                    self.kill(box)
        ended = [box for box in self.boxes if box.end is not None]
        if ended:
            self.boxes = [box for box in self.boxes if box.end is None]
            self.consumed = compensated_sum([box.memory for box in self.boxes])
        return ended


def walk(jobs: list[Job], parameters: Parameters) -> tuple[list[tuple[int, int, str]], list[float]]:
    """Results (tick, job, what) and consumed-memory samples in percent, tick by tick as upstream goes."""
    capacity = parameters.ram_gb_per_pool
    pools = [WalkedPool(capacity, parameters.tick_length) for _ in range(parameters.num_pools)]
    results = []
    samples = []
    for tick in range(parameters.max_ticks):
        due = [Box(i, job) for i, job in enumerate(jobs) if job.arrival + job.delay == tick]
        for number, pool in enumerate(pools):
            ended = pool.tick([box for box in due if box.job.pool == number])
            results += [(tick, box.number, str(box.end)) for box in ended]
        if tick % parameters.ticks_per_second == 0:
            consumed = compensated_sum([pool.consumed for pool in pools])
            samples.append(100.0 * consumed / (parameters.num_pools * capacity))
    return results, samples


def schedule(jobs: list[Job]) -> Schedule:
    """The jobs' pipelines by tick of arrival; jobs are in order of arrival."""
    by_tick: dict[int, list[PipelineSpec]] = {}
    for i, job in enumerate(jobs):
        operator = OperatorSpec((), job.cpu_seconds, "const", job.memory, job.storage)
        by_tick.setdefault(job.arrival, []).append(PipelineSpec(f"p{i}", Priority.QUERY, (operator,)))
    return [(tick, tuple(specs)) for tick, specs in sorted(by_tick.items())]


@st.composite
def workloads(draw: st.DrawFn) -> tuple[list[Job], Parameters]:
    """Crowded pools under memory overcommit: growing, fixed and too large demands."""
    tps = draw(st.sampled_from([3, 7, 10, 16]))
    gb = st.floats(0.5, 12, allow_subnormal=False)
    job = st.builds(
        Job,
        arrival=st.integers(0, 6 * tps),
        delay=st.integers(0, tps),
        pool=st.integers(0, 1),
        ram=gb,
        storage=gb,
        memory=st.one_of(st.none(), gb),
        cpu_seconds=st.floats(0.5, 4),
    )
    jobs = sorted(draw(st.lists(job, min_size=1, max_size=12)), key=lambda j: j.arrival)
    capacity = draw(st.floats(2, 40))
    parameters = Parameters.complete(
        {
            "duration": 14,
            "ticks_per_second": tps,
            "num_pools": 2,
            "ram_gb_per_pool": capacity,
            "allow_memory_overcommit": True,
            "multi_operator_containers": False,
        }
    )
    return jobs, parameters


def run(
    jobs: list[Job], parameters: Parameters, *, reads_memory: bool
) -> tuple[SimulatorStats, EventLog, Scripted]:
    """One run of the engine; every operator lasts a tick or more, so some container always ends or the run fails."""
    log = EventLog()
    decider = Scripted(jobs, reads_memory)
    stats = simulate(decider, schedule(jobs), parameters, log)
    assert not isinstance(stats, RunFailure), stats
    return stats, log, decider


@settings(max_examples=150, deadline=None)
@given(workloads())
def test_jumping_equals_walking(workload: tuple[list[Job], Parameters]) -> None:
    """Containers end in the same ticks for the same reasons, and memory is summed to the same bit."""
    jobs, parameters = workload
    results, samples = walk(jobs, parameters)
    stats, log, _ = run(jobs, parameters, reads_memory=False)
    places = {a["container"]: int(a["pipeline"][1:]) for line in log.lines for a in line["assignments"]}
    got = [(line["tick"], places[c], what) for line in log.lines for c, _, what in line["results"]]
    assert got == results
    assert stats.mean_memory_consumed_percent.hex() == _mean(samples).hex()


@settings(max_examples=50, deadline=None)
@given(workloads())
def test_reading_memory_changes_nothing(workload: tuple[list[Job], Parameters]) -> None:
    """A policy that reads memory in every tick makes the engine stop there, but nothing come out differently."""
    jobs, parameters = workload
    calm, calm_log, _ = run(jobs, parameters, reads_memory=False)
    asked, asked_log, decider = run(jobs, parameters, reads_memory=True)
    assert repr(calm) == repr(asked)
    assert calm_log.lines == asked_log.lines
    assert len(decider.seen) == parameters.max_ticks


def _mean(samples: list[float]) -> float:
    import numpy as np

    return float(np.mean(samples))


def test_an_answer_for_a_tick_that_was_not_granted_ends_the_run() -> None:
    """The policy's side can't make the engine jump over events."""

    class Jumper(Scripted):
        def decide(self, observation: Observation) -> Reply:
            return Reply(observation.tick + observation.quiet + 1, every_tick=False)

    jobs = [Job(5, 0, 0, 4.0, 2.0, None, 1.0)]
    parameters = Parameters.complete({"duration": 5, "ticks_per_second": 10})
    failure = simulate(Jumper(jobs), schedule(jobs), parameters)
    assert isinstance(failure, RunFailure)
    assert (failure.kind, failure.tick) == ("output", 0)


def test_amounts_that_no_assignment_can_hold_are_refused() -> None:
    """Zero, negative, infinite or missing numbers never reach the pools."""
    for cpu, kind in (
        (0, "ValueError"),
        (-1, "ValueError"),
        (float("nan"), "ValueError"),
        (float("inf"), "AssertionError"),
    ):

        class Greedy(Scripted):
            amount = cpu

            def decide(self, observation: Observation) -> Reply:
                return Reply(observation.tick, False, (0,), (), (Order((0,), self.amount, 1, 0, "p0"),))

        jobs = [Job(0, 0, 0, 4.0, 2.0, None, 1.0)]
        failure = simulate(Greedy(jobs), schedule(jobs), Parameters.complete({"duration": 5}))
        assert isinstance(failure, RunFailure)
        phase = "executor" if kind == "AssertionError" else "policy"
        assert (failure.kind, failure.tick, failure.phase) == (kind, 0, phase)
