"""Hosts a policy: loads it, calls it where the engine says, and skips the calls that are proven to do nothing.

A host serves one run. Whatever the policy does wrong comes back as a `Fault`; only evo's own errors are raised. It
knows the engine by its messages alone, so that it works in any process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import length_hint
from types import FunctionType
from typing import Any

from evo.simulator.messages import Fault, MemoryProbe, Observation, Reply
from evo.simulator.scheduling.changes import hooks
from evo.simulator.scheduling.idle import WORK
from evo.simulator.scheduling.loading import blame, execute, is_policys
from evo.simulator.scheduling.mirror import Mirror, SpoiltError
from evo.simulator.scheduling.modules import Registry, importer, package, scope
from evo.simulator.scheduling.program import program
from evo.simulator.scheduling.reactive import Resting
from evo.simulator.scheduling.returned import Reading, nothing
from evo.simulator.scheduling.shadows import shadows
from evo.simulator.scheduling.state import Repetition
from evo.simulator.scheduling.watch import Watch

_MEDDLING = re.compile(r"evo_|\bvars\b|__dict__|setattr|delattr|__class__")
"""Words without which no policy takes the objects that it is shown to pieces."""


class Host:
    """The policy's side of one run, as a `Decider`.

    `key` is the name under which the policy registers. With `every_tick` it is called in every tick, whatever could
    be proven. `work_limit` bounds what it may do in a run: loop iterations and function calls together.
    """

    def __init__(
        self, source: str, key: str, *, every_tick: bool = False, work_limit: int | None = None
    ) -> None:
        self._source = source
        self._key = key
        self._every_tick = every_tick
        self._work_limit = work_limit
        self._budget: Iterator[int] = iter(())
        self._watch = Watch()
        self._namespace: dict[str, Any] = {}
        self._repetition = Repetition(self._roots)
        self._watched = False
        self._resting: Resting | None = None
        self.obstacle: str | None = None
        """Why no call of this policy can be proven idle; None if some may be."""

    def start(self, parameters: dict[str, Any], memory: MemoryProbe) -> Fault | None:
        """Load the policy and call its init function, with the clock at -1."""
        self._mirror = Mirror(self._watch, parameters, self._key)
        try:
            self._prepare()
        except BaseException as error:  # noqa: BLE001 - a policy may raise anything
            return self._blame("init", error)
        self._watch.connect(memory)
        return None

    def decide(self, observation: Observation) -> Reply:
        """Call the policy at `observation.tick`, and on the quiet ticks after it for as long as needed."""
        try:
            results, pipelines = self._mirror.apply(observation)
        except SpoiltError as spoilt:
            return self._acted(observation.tick, None, self._blame("executor", spoilt.cause), 0)
        except Exception as error:
            if not _MEDDLING.search(self._source):
                raise
            return self._acted(observation.tick, None, self._blame("executor", error), 0)
        told = bool(results or pipelines)
        watch = self._watch
        first = observation.tick
        last = first + observation.quiet
        left = 0
        for tick in range(first, last + 1):
            if not told and self._rests():
                break
            if tick > first:
                watch.begin(tick)
            reading, fault = self._call(results, pipelines)
            left += len(pipelines)
            if reading or fault or watch.assigned or (pipelines and tick > first):
                return self._acted(tick, reading, fault, left)
            if not told and watch.calm and self._is_idle(tick):
                self._mirror.answered(last)
                return Reply(last, every_tick=False, arrivals_left=left)
            results, pipelines, told = [], [], False
        self._mirror.answered(last)
        rests = self._rests()
        return Reply(last, every_tick=not rests, arrivals_left=left, until_news=rests)

    def _prepare(self) -> None:
        registry = Registry()
        names = scope(registry)
        if self._work_limit is not None:
            self._budget = iter(range(self._work_limit))
            names[WORK] = self._budget.__next__
        made = program(self._source, every_tick=self._every_tick, counted=self._work_limit is not None)
        self.obstacle, self._watched = made.obstacle, made.watched
        shadowed = shadows(self._watch) if made.watched else {}
        names |= hooks(
            self._watch, *(table["defaultdict"] for table in shadowed.values() if "defaultdict" in table)
        )
        self._namespace = execute(made.code, names, importer(package(registry), shadowed))
        if self._key not in registry.schedulers:
            options = sorted(registry.schedulers)
            raise ValueError(f"Scheduler {self._key!r} not available.  Options: {options!r}'")
        scheduler = self._mirror.scheduler
        scheduler.algo_func = function = registry.schedulers[self._key]
        self._resting = next((found for found in made.resting if found.is_of(function)), None)
        registry.inits[self._key](scheduler)
        self._check_work()

    def _call(self, results: list[Any], pipelines: list[Any]) -> tuple[Reading | None, Fault | None]:
        """One call of the policy; gives None twice if it did nothing that shows."""
        scheduler = self._mirror.scheduler
        reading = None
        try:
            returned = scheduler.algo_func(scheduler, results, pipelines)
            if self._work_limit is not None:
                self._check_work()
            if nothing(returned):
                return None, None
            reading = self._mirror.reading()
            if not reading.read(returned):
                return None, None
        except BaseException as error:  # noqa: BLE001 - a policy may raise anything
            phase = reading.phase if reading else "policy"
            return reading, self._blame(phase, error, action=reading is not None)
        return reading, None

    def _acted(self, tick: int, reading: Reading | None, fault: Fault | None, left: int) -> Reply:
        """The reply for a tick in which the policy did something."""
        told = self._watch.assigned
        assigned = tuple(told)
        told.clear()
        rests = self._rests()
        if reading is None:
            self._mirror.answered(tick)
            return Reply(tick, not rests, assigned, (), (), left, fault, rests)
        self._mirror.answered(tick, reading.assignments, reading.orders)
        return Reply(tick, not rests, assigned, reading.suspensions, reading.orders, left, fault, rests)

    def _rests(self) -> bool:
        """Whether a call without news would do nothing, as the policy stands now."""
        resting = self._resting
        return resting is not None and resting.applies(getattr(self._mirror.scheduler, "algo_func", None))

    def _is_idle(self, tick: int) -> bool:
        """Whether a calm call without news may stand for those after it."""
        function = getattr(self._mirror.scheduler, "algo_func", None)
        if not (self._watched and isinstance(function, FunctionType) and is_policys(function)):
            return False
        return self._watch.still or (not self._watch.lost and self._repetition.reached(tick))

    def _roots(self) -> list[Any]:
        """All that the policy can keep something in from one call to the next."""
        own = {name: value for name, value in self._namespace.items() if not name.startswith("__")}
        tagged = [
            {name: value for name, value in vars(shown).items() if not name.startswith("evo_")}
            for shown in self._watch.tagged.values()
        ]
        return [vars(self._mirror.scheduler), own, *tagged, *self._mirror.kept()]

    def _out_of_work(self) -> bool:
        return self._work_limit is not None and not length_hint(self._budget)

    def _check_work(self) -> None:
        """Raise what the policy may have swallowed."""
        if self._out_of_work():
            raise StopIteration

    def _blame(self, phase: str, error: BaseException, *, action: bool = False) -> Fault:
        """The fault of an exception, unless it is not the policy's; `action` if it came of what was returned."""
        if self._watch.broken is not None:
            raise self._watch.broken
        if isinstance(error, KeyboardInterrupt) and "KeyboardInterrupt" not in self._source:
            raise error
        fault = blame(phase, error, action=action)
        if self._out_of_work():
            message = f"reached the limit of {self._work_limit} loop rounds and function calls in a run"
            return Fault(phase, "work", message, fault.line)
        return fault
