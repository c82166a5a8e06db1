"""What arrives, as far as any scheduler could complete it: arrivals, critical paths, least areas, in ticks.

Pipelines of the same operators are one shape. Nothing is said here about metrics.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from evo.evaluation.bounds.fitting import Items, Places, most, together, windows
from evo.evaluation.bounds.operators import MIXES, ROUNDING, Array, Operators
from evo.simulator.parameters import Parameters
from evo.simulator.states import Priority
from evo.simulator.trace import OperatorSpec, Schedule

CLASSES = tuple(Priority)

TRIFLE = 1e-6
"""What a sum of parts may lack of the whole number that it is."""


class Shape:
    """The operators of a pipeline: `ends` are the ticks after arrival in which each ends at the earliest."""

    def __init__(self, operators: tuple[OperatorSpec, ...], least: Operators) -> None:
        self.operators = operators
        self.ticks = [least.ticks(operator) for operator in operators]
        self.ends: list[float] = []
        for operator, ticks in zip(operators, self.ticks, strict=True):
            # A child may begin in the very tick in which its last parent ends.
            ready = max((self.ends[parent] for parent in operator.parents), default=0.0)
            self.ends.append(ready + ticks - 1)
        self.path = max(self.ends, default=math.inf)
        """The critical path: the least ticks from arrival to completion."""

    def areas(self, least: Operators, limits: Array) -> Array:
        """The least mixed areas of all operators together, by mix and by limit of each one's ticks."""
        known: dict[OperatorSpec, Array] = {}
        for operator in self.operators:
            if operator not in known:
                known[operator] = least.areas(operator, limits)
        total: Array = np.sum([known[operator] for operator in self.operators], axis=0)
        return total

    def pieces(self, areas: Sequence[float], ends: float) -> list[tuple[int, float]]:
        """(operators, area) in order of area per operator: no m of those that end by `ends` take less than these do.

        `areas` are the operators'.

        Whoever completes m operators has done the m smallest, or more; and with the one whose ancestors take the most
        all of its ancestors, of which no m have less than the m-th smallest sum over an operator and its ancestors.
        The pieces are the lower convex hull of the greater of the two.
        """
        within = [place for place, end in enumerate(self.ends) if end <= ends]
        lineages: list[int] = []
        for place, operator in enumerate(self.operators):
            lineage = 1 << place
            for parent in operator.parents:
                lineage |= lineages[parent]
            lineages.append(lineage)
        sums = sorted(sum(areas[n] for n in _members(lineages[place])) for place in within)
        alone = np.cumsum(sorted(areas[place] for place in within))
        return _hull([0.0, *np.maximum(sums, alone).tolist()])


class Work:
    """The pipelines of a schedule on a cluster."""

    def __init__(self, schedule: Schedule, parameters: Parameters) -> None:
        self.parameters = parameters
        self.least = Operators(parameters)
        self.end = parameters.max_ticks
        """The first tick after the run."""
        self.speed = parameters.num_pools * (1 + ROUNDING)
        pipelines = [(tick, spec) for tick, specs in schedule for spec in specs]
        known: dict[tuple[OperatorSpec, ...], int] = {}
        shapes = [known.setdefault(spec.operators, len(known)) for _, spec in pipelines]
        self.shapes = [Shape(operators, self.least) for operators in known]
        self.arrivals = np.array([tick for tick, _ in pipelines], np.int64)
        self.shape = np.array(shapes, np.int64)
        self.kind = np.array([CLASSES.index(spec.priority) for _, spec in pipelines], np.int64)
        """Each one's class, by its place in `CLASSES`."""
        self.arrived = np.bincount(self.kind, minlength=len(CLASSES))
        paths = np.array([shape.path for shape in self.shapes])
        self.paths = paths[self.shape] if pipelines else np.zeros(0)
        self.possible = self.arrivals + self.paths < self._last_calls(self.arrivals)
        """Which can be completed if nothing else is."""

    def _last_calls(self, arrivals: Places) -> Array:
        """The first tick in which a pipeline of each arrival can't be completed any more.

        Its time being up, work of one tick still completes it, until the sweep in the next tick that is a multiple of the
        ticks per second.
        """
        limit = self.parameters.max_job_ticks
        if limit <= 0:
            return np.full(len(arrivals), float(self.end))
        sweeps = self.parameters.sample_ticks
        places = [bisect_left(sweeps, arrival + limit) for arrival in arrivals.tolist()]
        return np.array([float(sweeps[n] + 1 if n < len(sweeps) else self.end) for n in places])

    @cached_property
    def limits(self) -> Array:
        """Latencies in ticks, rising, at which is asked how many can be had; the last one is all that there can be."""
        paths = np.unique(self.paths[self.possible])
        if not len(paths):
            return np.array([float(self.end)])
        some = np.quantile(paths, np.linspace(0, 1, 12))
        low = max(1.0, float(paths[0]))
        wide = low * (max(self.end, low) / low) ** np.linspace(0, 1, 40)
        every = np.unique(np.floor(np.concatenate([some, wide])))
        return np.append(every[every < self.end], float(self.end))

    @cached_property
    def _areas(self) -> Array:
        """The least areas by shape, mix and limit."""
        return np.array([shape.areas(self.least, self.limits + 1) for shape in self.shapes])

    @cached_property
    def _mixes(self) -> list[int]:
        """The mixes that may say more than another one does."""
        kept: list[int] = []
        for mix in range(len(MIXES)):
            others = [*kept, *range(mix + 1, len(MIXES))]
            if not any((self._areas[:, mix] <= self._areas[:, other]).all() for other in others):
                kept.append(mix)
        return kept

    @property
    def load(self) -> tuple[float, float]:
        """The least areas of CPUs and memory of all that arrives, by what there is from the first arrival on.

        What could never be completed, however early it came, doesn't count.
        """
        able = np.isfinite(self.paths) & (self.paths < self.end)
        if not able.any():
            return 0.0, 0.0
        areas = self._areas[self.shape[able], :, -1].sum(axis=0)
        there = self.speed * (self.end - float(self.arrivals[0]))
        return float(areas[MIXES.index(1.0)]) / there, float(areas[MIXES.index(0.0)]) / there

    @cached_property
    def last_end(self) -> float:
        """The tick in which, if all are completed, the last one is at the earliest: what arrives late takes its area."""
        ends = [float(self.arrivals[-1])]
        for mix in range(len(MIXES)):
            areas = self._areas[self.shape, mix, -1]
            waiting = np.cumsum(areas[::-1])[::-1]
            ends.append(float((self.arrivals + waiting / self.speed).max()) - 1)
        return math.ceil(max(ends) - ROUNDING * self.end)

    @cached_property
    def _windows(self) -> tuple[Places, Array, Array]:
        return windows(self.arrivals)

    def fitting(self, values: Array, latency: float) -> Array:
        """The most value of pipelines, by class, that any scheduler completes within so many ticks of each one's arrival.

        `values` has one for each pipeline. Both resources, and each mix of them, allow only so much; the least counts.
        """
        chosen = np.flatnonzero(self.possible & (self.paths <= latency) & (values > 0))
        if not len(chosen):
            return np.zeros(len(CLASSES))
        places, firsts, tails = self._windows
        ends = np.minimum(np.minimum(tails + latency + 1, self._last_calls(tails.astype(np.int64))), self.end)
        column = min(int(np.searchsorted(self.limits, latency)), len(self.limits) - 1)
        kinds = self.kind[chosen]
        fits: Array = np.bincount(kinds, values[chosen], len(CLASSES)).astype(float)
        for mix in self._mixes:
            areas = self._areas[self.shape[chosen], mix, column]
            items = together(Items(values[chosen], areas, places[chosen], kinds))
            fits = min(fits, most(items, firsts, ends, self.speed), key=np.sum)
        return _whole(fits, values[chosen])

    def operators_fitting(self) -> float:
        """How many operators any scheduler completes at most."""
        numbers = np.flatnonzero(self.arrivals < self.end)
        places, firsts, _ = self._windows
        ends = np.full(len(firsts), float(self.end))
        limit = np.array([float(self.end)])
        areas = [[self.least.areas(one, limit)[:, 0] for one in shape.operators] for shape in self.shapes]
        fits = math.inf
        for mix in range(len(MIXES)):
            known: dict[tuple[int, int], list[tuple[int, float]]] = {}
            rows: list[tuple[float, float, int]] = []
            for number in numbers.tolist():
                shape = self.shapes[self.shape[number]]
                left = float(self.end - 1 - self.arrivals[number])
                key = int(self.shape[number]), sum(end <= left for end in shape.ends)
                if key not in known:
                    known[key] = shape.pieces([float(area[mix]) for area in areas[key[0]]], left)
                rows += [(count, area, places[number]) for count, area in known[key]]
            if rows:
                counts, sizes, where = (np.array(column) for column in zip(*rows, strict=True))
                items = Items(
                    counts.astype(float), sizes, where.astype(np.int64), np.zeros(len(rows), np.int64)
                )
                fits = min(fits, float(most(together(items), firsts, ends, self.speed).sum()))
        return fits if math.isfinite(fits) else 0.0


def earliest(schedule: Schedule, parameters: Parameters) -> Array:
    """Seconds from its arrival until each pipeline can be completed at the earliest; infinite if it never can."""
    work = Work(schedule, parameters)
    return np.where(work.possible, work.paths, math.inf) / parameters.ticks_per_second


def _whole(fits: Array, values: Array) -> Array:
    """No more than that of whole pipelines: where all values are multiples of the least, so is their sum."""
    total = float(fits.sum())
    if not total:
        return fits
    unit = float(values.min())
    shares = values / unit
    if not np.array_equal(shares, np.rint(shares)):
        return fits
    return fits * min(1.0, math.floor(total / unit + TRIFLE) * unit / total)


def _members(lineage: int) -> Sequence[int]:
    return [place for place in range(lineage.bit_length()) if lineage >> place & 1]


def _hull(points: Sequence[float]) -> list[tuple[int, float]]:
    """The lower convex hull of a function of 0, 1, 2, …, as (steps, rise) of each of its pieces."""
    corners = [0]
    for place in range(1, len(points)):
        while len(corners) > 1 and _slope(points, *corners[-2:]) >= _slope(points, corners[-1], place):
            corners.pop()
        corners.append(place)
    return [(b - a, points[b] - points[a]) for a, b in pairwise(corners)]


def _slope(points: Sequence[float], left: int, right: int) -> float:
    return (points[right] - points[left]) / (right - left)
