"""What a run says about why its policy got its score: an `Insight`, from the engine's own record of containers.

Nothing is taken from the policy's side, and nothing is watched while the run goes on: the record that every caged
run is held against the laws by (`simulator.audit`) is kept, and added up when somebody asks. Knows no text; that is
`wording`'s.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from evo.behaviour import Behaviour
from evo.evaluation.behaving import Arrived, behaviour
from evo.evaluation.bounds import Bounds, bounds
from evo.evaluation.times import Yardstick
from evo.insights import ClassInsight, Insight, Usage
from evo.metric import Metric
from evo.simulator.audit import SUSPENDED, Laws, Ran
from evo.simulator.container import Durations
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.progress import Violation
from evo.simulator.scaling import DISK_SCAN_GB_SEC
from evo.simulator.states import Priority
from evo.simulator.stats import Tally
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule

_ENOUGH = MappingProxyType({"const": 1, "linear3": 3, "linear7": 7, "exp": 4})
"""The CPUs beyond which an operator gets no faster; by the other scalings every CPU helps."""


class Witness(Laws):
    """The laws of a workload, which also keep the record of the last run that was held against them."""

    def __init__(self, schedule: Schedule, parameters: Parameters) -> None:
        super().__init__(schedule, parameters)
        self.yardstick = Yardstick(schedule, parameters)
        self._workload = _Workload(schedule, parameters)
        self._last_run: tuple[Sequence[Sequence[Any]], Sequence[tuple[int, int]], Tally] | None = None

    def audit(
        self, ran: Sequence[Sequence[Any]], finished: Sequence[tuple[int, int]], tally: Tally
    ) -> RunFailure | None:
        """The failure of a run whose record breaks a law, else None; see `Laws`."""
        self._last_run = ran, finished, tally
        return super().audit(ran, finished, tally)

    def behaviour(self) -> Behaviour:
        """What the policy did in the last run that came to its end; there must have been one."""
        assert self._last_run is not None, "no run came to its end"
        ran, finished, _ = self._last_run
        return behaviour(ran, finished, self._workload.arrived_as, self._workload.parameters)

    def insight(self) -> Insight:
        """What is to be said of the last run that came to its end; there must have been one."""
        assert self._last_run is not None, "no run came to its end"
        ran, finished, tally = self._last_run
        account = _Account(self._workload)
        for container in ran:
            account.add(Ran(*container))
        return account.close(finished, tally)


class _Workload:
    """What arrives, and how fast the cluster does it; pipelines and operators are numbered as in `messages`."""

    def __init__(self, schedule: Schedule, parameters: Parameters) -> None:
        self.schedule = schedule
        self.parameters = parameters
        self.last = parameters.max_ticks - 1
        self.pipelines: list[tuple[int, PipelineSpec]] = [
            (tick, spec) for tick, specs in schedule for spec in specs
        ]
        self.operators: list[tuple[int, OperatorSpec]] = [
            (number, operator)
            for number, (_, spec) in enumerate(self.pipelines)
            for operator in spec.operators
        ]
        """Each with its pipeline."""
        self.arrived_as = Arrived(self.pipelines, [number for number, _ in self.operators])
        self.arrived = Counter(spec.priority for _, spec in self.pipelines)
        self.wanted = Counter(self.pipelines[number][1].priority for number, _ in self.operators)
        """Operators per class."""
        self._durations = Durations(parameters.tick_length)

    @cached_property
    def bounds(self) -> Bounds:
        """How good any policy could be."""
        return bounds(self.schedule, self.parameters)

    def priority_of(self, operator: int) -> Priority:
        """The class of an operator's pipeline."""
        return self.pipelines[self.operators[operator][0]][1].priority

    def ticks(self, operator: OperatorSpec, cpus: float) -> int:
        """How long an operator takes; for ever where upstream can't compute it."""
        try:
            return self._durations.of(operator, cpus)[1]
        except Violation:
            return self.last + 2


@dataclass(slots=True)
class _Sum:
    """A resource as it is added up, in CPUs or GB times ticks; `sizes` are CPUs or GB."""

    held: float = 0.0
    unneeded: float = 0.0
    lost: float = 0.0
    sizes: float = 0.0

    def usage(self, per_pool: float, containers: int, parameters: Parameters) -> Usage:
        """The sums in seconds."""
        length = parameters.tick_length
        return Usage(
            capacity=_short(per_pool * parameters.num_pools * parameters.max_ticks * length),
            held=_short(self.held * length),
            unneeded=_short(self.unneeded * length),
            lost=_short(self.lost * length),
            mean=_short(self.sizes / containers if containers else 0.0),
        )


@dataclass(slots=True)
class _Account:
    """What the containers of one run add up to; `spans` are the first and last ticks of work on each pipeline."""

    workload: _Workload
    cpu: _Sum = field(default_factory=_Sum)
    ram: _Sum = field(default_factory=_Sum)
    containers: int = 0
    errors: dict[str | None, int] = field(default_factory=dict)
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)

    def add(self, ran: Ran) -> None:
        """Take one container."""
        end = self.workload.last if ran.end is None else ran.end
        killed = ran.error is not None and ran.error != SUSPENDED
        self.containers += 1
        self.errors[ran.error] = self.errors.get(ran.error, 0) + 1
        self.cpu.sizes += ran.cpu
        self.ram.sizes += ran.ram
        held = self._released(ran, end) - ran.start + 1
        self.cpu.held += ran.cpu * held
        self.ram.held += ran.ram * held
        lost, peak = self._walk(ran, end - (ran.error == SUSPENDED), killed=killed)
        self.cpu.lost += ran.cpu * lost
        self.ram.lost += ran.ram * lost
        if not killed:
            self.ram.unneeded += max(0.0, ran.ram - peak) * held

    def _released(self, ran: Ran, end: int) -> int:
        """The last tick in which a container held what it had."""
        if ran.error != SUSPENDED:
            return end
        pause = int(ran.ram / DISK_SCAN_GB_SEC / self.workload.parameters.tick_length)
        # A suspension of no ticks never ends (odd).
        return min(end + pause - 1, self.workload.last) if pause else self.workload.last

    def _walk(self, ran: Ran, worked: int, *, killed: bool) -> tuple[int, float]:
        """(ticks of work that a kill undid, the most memory of any operator); `worked` is the last tick of work."""
        begin, lost, peak = ran.start, 0, 0.0
        for number in ran.operators:
            pipeline, operator = self.workload.operators[number]
            peak = max(peak, operator.peak_memory_gb)
            if begin > worked:
                continue
            self.begun.add(number)
            ticks = self.workload.ticks(operator, ran.cpu)
            if ticks <= 0:
                continue
            last = min(begin + ticks - 1, worked)
            self.spans.setdefault(pipeline, []).append((begin, last))
            idle = ran.cpu - _ENOUGH.get(operator.cpu_scaling, math.inf)
            if killed and last == worked:
                lost = last - begin + 1
            elif idle > 0:
                self.cpu.unneeded += idle * (last - begin + 1)
            begin = last + 1
        return lost, peak

    def close(self, finished: Iterable[tuple[int, int]], tally: Tally) -> Insight:
        """The insight, when all containers were taken; `finished` are completions as (pipeline, tick)."""
        done = dict(finished)
        parameters, best = self.workload.parameters, self.workload.bounds
        latency = best.of(Metric.LATENCY)
        classes = {
            priority: self._of_class(priority, done, tally.timeouts[priority]) for priority in Priority
        }
        return Insight(
            query=classes[Priority.QUERY],
            interactive=classes[Priority.INTERACTIVE],
            batch=classes[Priority.BATCH_PIPELINE],
            cpu=self.cpu.usage(parameters.cpus_per_pool, self.containers, parameters),
            ram=self.ram.usage(parameters.ram_gb_per_pool, self.containers, parameters),
            containers=self.containers,
            ooms=self.errors.get("OOM", 0),
            timeouts=self.errors.get("timeout", 0),
            suspensions=self.errors.get(SUSPENDED, 0),
            large_unfinished=self._large_unfinished(done),
            latency_bound=_short(latency, math.floor) if math.isfinite(latency) else None,
            throughput_bound=_short(best.of(Metric.THROUGHPUT), math.ceil),
            penalized_bound=_short(best.of(Metric.PENALIZED), math.floor),
        )

    def _of_class(self, priority: Priority, done: Mapping[int, int], timed_out: int) -> ClassInsight:
        workload = self.workload
        latencies, running = [], []
        for number, tick in done.items():
            arrival, spec = workload.pipelines[number]
            if spec.priority is priority:
                latencies.append(tick - arrival)
                # Upstream's latency of n ticks of work that begins at once is n - 1.
                running.append(min(_covered(self.spans.get(number, ())), latencies[-1]))
        length = workload.parameters.tick_length
        mean, ran = (_short(_mean(ticks) * length) if ticks else None for ticks in (latencies, running))
        begun = sum(workload.priority_of(number) is priority for number in self.begun)
        return ClassInsight(
            arrived=workload.arrived[priority],
            completed=len(latencies),
            timed_out=timed_out,
            mean_latency=mean,
            worst_latency=_short(max(latencies) * length) if latencies else None,
            waiting=_short((_mean(latencies) - _mean(running)) * length) if latencies else None,
            running=ran,
            operators=workload.wanted[priority],
            never_run=workload.wanted[priority] - begun,
        )

    def _large_unfinished(self, done: Mapping[int, int]) -> float | None:
        sizes = [len(spec.operators) for _, spec in self.workload.pipelines]
        median = statistics.median(sizes)
        unfinished = [size for number, size in enumerate(sizes) if number not in done]
        return _short(sum(size > median for size in unfinished) / len(unfinished)) if unfinished else None


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """How many ticks lie in any of the spans, first and last included."""
    covered, after = 0, 0
    for first, last in sorted(spans):
        covered += max(0, last + 1 - max(first, after))
        after = max(after, last + 1)
    return covered


def _mean(ticks: Sequence[int]) -> float:
    return sum(ticks) / len(ticks)


def _short(value: float, whole: Callable[[float], int] = round) -> float:
    """A number to four significant digits; `whole` says which way."""
    if not value:
        return 0.0
    scale = 10.0 ** (3 - math.floor(math.log10(value)))
    return float(f"{whole(value * scale) / scale:.4g}")
