"""The second line of defence: a finished run, checked against laws that no policy can bend.

The engine already refuses what can't be done. Here its record of containers and completions is held, after the run,
against the workload alone: nothing is taken from the policy's side, and nothing from how the engine came to it. What
breaks a law is no score but a `RunFailure` of kind "cheating" that names the law. Odd but legal is what
`evo/simulator/EUDOXIA.md` says: operators without ticks, several in a container, suspension, retries.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from evo.simulator.container import Durations
from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters, RunFailure
from evo.simulator.progress import Violation
from evo.simulator.scaling import DISK_SCAN_GB_SEC
from evo.simulator.states import Priority
from evo.simulator.stats import Tally
from evo.simulator.trace import Schedule

SUSPENDED = "suspended"

_NEVER = np.iinfo(np.int64).max // 4
_ROUNDING = 1e-9
"""What is free drifts by roundings as it is taken and given back, upstream's as ours."""

_Array = np.ndarray[Any, np.dtype[Any]]


class Ran(NamedTuple):
    """A container of the run; a plain tuple or list of the same seven does as well.

    `start` is its first tick and `end` its last, None while it lives. `error` is None, "OOM" or "timeout", or
    `SUSPENDED`: then `end` is the tick in which it was suspended, and it holds what it has for the time that takes.
    `operators` are numbered as in `messages`.
    """

    pool: int
    start: int
    end: int | None
    cpu: Number
    ram: Number
    operators: tuple[int, ...]
    error: str | None


class BrokenLawError(Exception):
    """The record breaks a law in `tick`; the text names the law."""

    def __init__(self, tick: int, law: str) -> None:
        super().__init__(law)
        self.tick = int(tick)


class Laws:
    """What holds of every run on one workload; made once, it serves any number of runs with the same parameters."""

    def __init__(self, schedule: Schedule, parameters: Parameters) -> None:
        self._parameters = parameters
        self._last = parameters.max_ticks - 1
        self._durations = Durations(parameters.tick_length)
        pipelines = [(tick, spec) for tick, specs in schedule for spec in specs]
        sizes = [len(spec.operators) for _, spec in pipelines]
        self._firsts = np.cumsum([0, *sizes])[:-1]
        self._arrivals = np.array([tick for tick, _ in pipelines], np.int64)
        self._arrived = np.repeat(self._arrivals, sizes)
        self._priorities = [spec.priority for _, spec in pipelines]
        self._count = Counter(self._priorities)
        self._specs = [operator for _, spec in pipelines for operator in spec.operators]
        shapes: dict[tuple[object, ...], int] = {}
        self._shapes = np.array(
            [
                shapes.setdefault((s.storage_read_gb, s.baseline_cpu_seconds, s.cpu_scaling), len(shapes))
                for s in self._specs
            ],
            np.int64,
        )
        named = [
            (first + place, first + parent)
            for first, (_, spec) in zip(self._firsts.tolist(), pipelines, strict=True)
            for place, operator in enumerate(spec.operators)
            for parent in operator.parents
        ]
        self._edges = np.array(named, np.int64).reshape(-1, 2)

    def audit(
        self, ran: Sequence[Sequence[Any]], finished: Sequence[tuple[int, int]], tally: Tally
    ) -> RunFailure | None:
        """The failure of a run whose record breaks a law, else None.

        `ran` holds every container, in order of creation, as the fields of `Ran`; `finished` the recorded completions
        as (pipeline, tick), in order; `tally` what the statistics are made of, closed.
        """
        try:
            completed = self._check_containers(ran, tally) if ran else self._nobody()
            self._check_pipelines(completed, finished, tally)
        except BrokenLawError as error:
            return RunFailure(
                "cheating", f"the record of the run breaks a law: {error}", error.tick, "statistics"
            )
        return None

    def _nobody(self) -> _Array:
        return np.full(len(self._specs), _NEVER, np.int64)

    def _check_containers(self, ran: Sequence[Sequence[Any]], tally: Tally) -> _Array:
        """Hold the containers against the laws; gives the tick in which each operator was completed."""
        work = _Work(ran, self._last, self._parameters.tick_length)
        self._check_capacity(work)
        ended_well = int(work.well.sum())
        if ended_well != tally.containers_completed:
            raise BrokenLawError(
                self._last, f"{tally.containers_completed} containers counted, {ended_well} ended well"
            )
        self._check_arrivals(work)
        begins, ends = self._timed(work)
        completed, order = self._completions(work, ends)
        self._check_once(work, ends)
        self._check_parents(work, begins, completed, order)
        return completed

    def _check_capacity(self, work: _Work) -> None:
        # What is released after a tick is free in the next; releases come before starts.
        times = np.concatenate([2 * (work.released + 1), 2 * work.start + 1])
        pools = np.concatenate([work.pool, work.pool])
        order = np.lexsort((times, pools))
        bounds = [("CPUs", work.cpu, self._parameters.cpus_per_pool)]
        if not self._parameters.allow_memory_overcommit:
            bounds.append(("GB of RAM", work.ram, self._parameters.ram_gb_per_pool))
        for name, amounts, most in bounds:
            # Every pool gives back all that it gave, so one sum runs through all of them.
            held = np.cumsum(np.concatenate([-amounts, amounts])[order])
            worst = int(held.argmax())
            if held[worst] > most * (1 + _ROUNDING) + _ROUNDING * len(held):
                tick, pool = times[order[worst]] // 2, pools[order[worst]]
                raise BrokenLawError(tick, f"pool {pool} has {most:g} {name}, {held[worst]:g} were in use")

    def _check_arrivals(self, work: _Work) -> None:
        early = work.first < self._arrived[work.operators]
        if early.any():
            place = int(early.argmax())
            raise BrokenLawError(
                work.first[place], f"operator {work.operators[place]} was begun before its pipeline arrived"
            )

    def _timed(self, work: _Work) -> tuple[_Array, _Array]:
        """The first and last tick of each operator in its container, as early as can be."""
        cpus, which = np.unique(work.cpu, return_inverse=True)
        kinds = self._shapes[work.operators] * len(cpus) + which[work.container]
        _, samples, inverse = np.unique(kinds, return_index=True, return_inverse=True)
        totals = np.array([self._ticks(work, int(place)) for place in samples], np.int64)[inverse]
        before = np.cumsum(totals) - totals
        begins = work.first + before - before[work.heads][work.container]
        ends = begins + totals - 1
        last = ends[work.heads + work.sizes - 1]
        hasty = work.well & (last > work.worked)
        if hasty.any():
            number = int(hasty.argmax())
            raise BrokenLawError(
                work.worked[number],
                f"container {number + 1} did in {work.worked[number] - work.start[number] + 1} ticks "
                f"what takes {last[number] - work.start[number] + 1}",
            )
        return begins, np.where(totals > 0, ends, _NEVER)

    def _ticks(self, work: _Work, place: int) -> int:
        """The ticks that an operator takes on its container's CPUs; one that upstream can't compute never ends."""
        try:
            total = self._durations.of(
                self._specs[work.operators[place]], float(work.cpu[work.container[place]])
            )[1]
        except Violation:
            return self._last + 2
        return max(0, min(total, self._last + 2))

    def _completions(self, work: _Work, ends: _Array) -> tuple[_Array, _Array]:
        """When each operator was completed at the earliest, and the place of its container in a tick's order."""
        completed = self._nobody()
        possible = ends <= work.worked[work.container]
        np.minimum.at(completed, work.operators[possible], ends[possible])
        order = np.zeros(len(completed), np.int64)
        order[work.operators[possible]] = work.order[work.container[possible]]
        return completed, order

    def _check_once(self, work: _Work, ends: _Array) -> None:
        """No operator is in two containers at a time, nor in any after it was completed."""
        sorted_ = np.lexsort((work.first, work.operators))
        again = np.flatnonzero(np.diff(work.operators[sorted_]) == 0)
        if not len(again):
            return
        earlier, later = sorted_[again], sorted_[again + 1]
        worked = work.worked[work.container]
        # One that was killed in the very tick of an operator's end may or may not have completed it.
        surely = (ends < worked) | ((ends == worked) & ~work.killed[work.container])
        wrong = surely[earlier] | (work.first[later] <= worked[earlier])
        if wrong.any():
            place = later[int(wrong.argmax())]
            raise BrokenLawError(
                work.first[place],
                f"operator {work.operators[place]} was run again while it ran or after it was completed",
            )

    def _check_parents(self, work: _Work, begins: _Array, completed: _Array, order: _Array) -> None:
        if not len(self._edges):
            return
        began = np.flatnonzero(begins <= work.worked[work.container])
        earliest = self._nobody()
        np.minimum.at(earliest, work.operators[began], begins[began])
        turn = np.zeros(len(earliest), np.int64)
        at_first = began[begins[began] == earliest[work.operators[began]]]
        turn[work.operators[at_first]] = work.order[work.container[at_first]]
        children, parents = self._edges[earliest[self._edges[:, 0]] < _NEVER].T
        early = (earliest[children] < completed[parents]) | (
            (earliest[children] == completed[parents]) & (turn[children] <= order[parents])
        )
        if early.any():
            child = children[int(early.argmax())]
            raise BrokenLawError(
                earliest[child], f"operator {child} was begun before its parents were completed"
            )

    def _check_pipelines(self, completed: _Array, finished: Sequence[tuple[int, int]], tally: Tally) -> None:
        for priority in Priority:
            arrived, done, late = (
                tally.arrivals[priority], len(tally.latencies[priority]), tally.timeouts[priority],
            )  # fmt: skip
            if arrived != self._count[priority] or done + late > arrived:
                raise BrokenLawError(
                    self._last,
                    f"of {self._count[priority]} {priority.name} pipelines that arrived, {arrived} were counted, "
                    f"{done} as completed and {late} as timed out",
                )
        numbers = np.array([number for number, _ in finished], np.int64)
        ticks = np.array([tick for _, tick in finished], np.int64)
        if len(numbers):
            ready = np.maximum.reduceat(completed, self._firsts)[numbers]
            if (ready > ticks).any():
                place = int((ready > ticks).argmax())
                raise BrokenLawError(
                    ticks[place], f"pipeline {numbers[place]} was counted as completed with operators missing"
                )
        latencies: dict[Priority, list[int]] = {priority: [] for priority in Priority}
        for number, latency in zip(numbers.tolist(), (ticks - self._arrivals[numbers]).tolist(), strict=True):
            latencies[self._priorities[number]].append(latency)
        if len(set(numbers.tolist())) != len(numbers) or latencies != tally.latencies:
            raise BrokenLawError(self._last, "the latencies counted are not those of the pipelines completed")


class _Work:
    """The containers as arrays, one entry per container, and their operators, one entry each in order.

    `worked` is the last tick in which a container worked, `released` the last in which it held its resources; `heads`
    are the places of first operators, `container` and `first` the container of an operator and that one's first tick.
    """

    def __init__(self, ran: Sequence[Sequence[Any]], last: int, tick_length: float) -> None:
        # Column by column: zip(*ran) would pass every container as an argument.
        pools, starts, ends, cpus, rams, operators, errors = ([one[n] for one in ran] for n in range(7))
        self.pool = _whole(pools)
        self.start = _whole(starts)
        self.cpu = np.frombuffer(array("d", cpus))
        self.ram = np.frombuffer(array("d", rams))
        alive = np.zeros(len(ran), np.bool_)
        if None in ends:
            alive = np.array([end is None for end in ends], np.bool_)
            ends = [last if end is None else end for end in ends]
        end = _whole(ends)
        kinds = set(errors)
        suspended = np.zeros(len(ran), np.bool_)
        if SUSPENDED in kinds:
            suspended = np.array([error == SUSPENDED for error in errors], np.bool_)
        self.well = ~alive
        if kinds != {None}:
            self.well &= np.array([error is None for error in errors], np.bool_)
        self.killed = ~(self.well | alive | suspended)
        self.worked = end - suspended
        self.released = end
        if suspended.any():
            pause = (self.ram / DISK_SCAN_GB_SEC / tick_length).clip(0, last + 1).astype(np.int64)
            until = np.where(pause > 0, end + pause - 1, last)  # a suspension of no ticks never ends (odd)
            self.released = np.where(suspended, until, end)
        self.order = self.pool * len(ran) + np.arange(len(ran))
        self.sizes = _whole(map(len, operators))
        self.heads = np.cumsum(self.sizes) - self.sizes
        self.operators = _whole(chain.from_iterable(operators))
        self.container = np.repeat(np.arange(len(ran)), self.sizes)
        self.first = self.start[self.container]


def _whole(numbers: Iterable[int]) -> _Array:
    """Whole numbers as an array, by way of what turns Python's ints into machine's fastest."""
    return np.frombuffer(array("q", numbers), np.int64)
