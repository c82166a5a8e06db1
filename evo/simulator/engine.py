"""The discrete-event loop: a clock that jumps from one tick where something happens to the next.

The engine holds the true costs and the future; the policy's side (a `Decider`) learns only what a scheduler may
know. A run is a pure function of the decider's answers, the schedule and the parameters, and equals upstream's
loop over every tick (`eudoxia/simulator.py`, `eudoxia/executor/executor.py`): what is skipped is what provably
changes nothing.
"""

from __future__ import annotations

import math
from typing import Any

from evo.simulator.agenda import Agenda
from evo.simulator.audit import Laws
from evo.simulator.books import Books
from evo.simulator.changes import Changes
from evo.simulator.container import Durations
from evo.simulator.estimator import Estimator
from evo.simulator.events import EventLog
from evo.simulator.messages import Arrival, Decider, Fault, Memory, Number, Observation, Order, Reply
from evo.simulator.parameters import Parameters
from evo.simulator.pool import Pool
from evo.simulator.progress import Pipeline, Progress, Violation
from evo.simulator.stats import RunFailure, SimulatorStats, summarize
from evo.simulator.trace import Schedule

QUANTUM = 100
"""Quiet ticks granted at once to a policy that wants to be called in every tick: few messages, and it learns no
more of the future than whether anything happens within so many ticks."""


def simulate(
    decider: Decider,
    schedule: Schedule,
    parameters: Parameters,
    record: EventLog | None = None,
    laws: Laws | None = None,
) -> SimulatorStats | RunFailure:
    """Run one policy on one workload.

    `schedule` holds the arrivals (`Trace.schedule` or `workload.generate`). A fault of the policy, or a run for
    which upstream has no result, comes back as a `RunFailure` that says when it happened. With the `laws` of this
    workload and these parameters a run whose record breaks one is a failure as well.
    """
    return _Run(decider, schedule, parameters, record).run(laws)


class _Run:
    """The state of one simulation; `now` is the last tick that is over."""

    def __init__(
        self, decider: Decider, schedule: Schedule, parameters: Parameters, record: EventLog | None
    ) -> None:
        self.decider = decider
        self.parameters = parameters
        self.record = record
        self.schedule = schedule
        self.next_arrival = 0
        self.now = -1
        self.changes = Changes()
        self.progress = Progress(self.changes)
        self.books = Books(parameters)
        self.estimator = Estimator(parameters)
        self.finished: list[Pipeline] = []
        self.agenda = Agenda()
        durations = Durations(parameters.tick_length)
        self.pools = [
            Pool(number, parameters, self.progress, self.agenda, durations)
            for number in range(parameters.num_pools)
        ]
        self.agenda.pools.extend(self.pools)
        self.numbers: dict[Number | str | None, int] = {pool.number: pool.number for pool in self.pools}
        self.containers = 1
        self.deadlines: list[float] = []
        self.next_deadline = 0
        self.last_tick = parameters.max_ticks - 1
        self.arrival = self._arrival_tick()
        self.granted = -1

    def run(self, laws: Laws | None) -> SimulatorStats | RunFailure:
        if laws is not None:
            for pool in self.pools:
                pool.ran = {}
        fault = self.decider.start(self.parameters.visible, self._memory)
        if fault is not None:
            return RunFailure.of(fault, -1)
        tick = 0
        until_news = False
        while tick <= self.last_tick:
            reply = self.decider.decide(observation := self._observe(tick, until_news))
            failure = self._follow(observation, reply) or self._wait(reply)
            if failure is not None:
                return failure
            until_news = reply.until_news
            tick = self.now + 1
        tally = self.books.close(self.progress.pipelines, self.pools)
        cheating = None if laws is None else laws.audit(self._ran(), tally.finished, tally)
        return cheating or summarize(tally, self.parameters)

    def _ran(self) -> list[list[Any]]:
        """Every container of the run, in order of creation."""
        numbered = {number: ran for pool in self.pools for number, ran in (pool.ran or {}).items()}
        return [numbered[number] for number in sorted(numbered)]

    def _observe(self, tick: int, until_news: bool) -> Observation:
        """Let pipelines arrive, and tell the policy's side all that changed."""
        arrivals = self._arrive(tick) if self.arrival == tick else ()
        changes, finished = self.changes, self.finished
        # Who waits for news is called only where there is any, or answers at once.
        quiet = 0 if until_news else min(self._horizon(tick) - tick, QUANTUM)
        self.granted = tick + quiet
        observation = Observation(
            tick,
            quiet,
            arrivals,
            tuple(changes.results),
            tuple(changes.moves),
            tuple(changes.started),
            tuple(changes.suspendable),
            tuple(changes.suspending),
            tuple(changes.suspended),
            tuple([self.pools[number].amounts() for number in sorted(changes.freed)])
            if changes.freed
            else (),
            tuple([pipeline.number for pipeline in finished]) if finished else (),
        )
        if finished:
            self.finished = []
        changes.clear()
        return observation

    def _arrive(self, tick: int) -> tuple[Arrival, ...]:
        arrivals = []
        limit = self.parameters.max_job_ticks
        deadline = tick + limit if limit > 0 else math.inf
        specs = self.schedule[self.next_arrival][1]
        self.next_arrival += 1
        self.arrival = self._arrival_tick()
        pipelines = [self.progress.arrive(spec, tick, deadline) for spec in specs]
        for pipeline in pipelines:
            self.books.arrive(pipeline)
            arrivals.append(self.estimator.announce(pipeline.spec))
        if limit > 0 and pipelines:
            self.deadlines.append(deadline)
        if self.record is not None:
            self.record.arrive(tick, pipelines)
        return tuple(arrivals)

    def _arrival_tick(self) -> int:
        """The tick of the next arrival, or the one after the last."""
        if self.next_arrival < len(self.schedule):
            return min(self.schedule[self.next_arrival][0], self.last_tick + 1)
        return self.last_tick + 1

    def _deadline_from(self, tick: int) -> float:
        """The first tick, from `tick` on, in which the clock alone makes a pipeline time out."""
        while self.next_deadline < len(self.deadlines) and self.deadlines[self.next_deadline] < tick:
            self.next_deadline += 1
        return self.deadlines[self.next_deadline] if self.next_deadline < len(self.deadlines) else math.inf

    def _horizon(self, tick: int) -> int:
        """The last tick in which the policy, called in `tick` and doing nothing, still sees the same."""
        # What happens in a tick is seen in the next; an arrival and a deadline are seen in their own, and in
        # that of a deadline containers may be killed.
        last = min(self.arrival - 1, self.agenda.after(self.now))
        if self.deadlines:
            last = min(last, self._deadline_from(tick) - 1)
        return max(int(last), tick)

    def _memory(self, tick: int) -> Memory:
        """Answer the policy's reading of memory in its call in `tick`."""
        self.now = until = max(self.now, min(tick, self.granted) - 1)
        consumed = tuple(pool.consumed_at(until) for pool in self.pools)
        held = tuple(
            (container.number, container.stretch.level(until))
            for pool in self.pools
            for container in (*pool.active.values(), *(c for _, c in pool.suspending), *pool.suspended)
        )
        return Memory(consumed, held)

    def _follow(self, observation: Observation, reply: Reply) -> RunFailure | None:
        """Carry out the tick in which the policy replied."""
        tick = reply.tick
        if not max(observation.tick, self.now + 1) <= tick <= observation.tick + observation.quiet:
            return RunFailure(
                "output", f"the policy's side answered for tick {tick}", observation.tick, "policy"
            )
        self.now = tick - 1
        fault = reply.fault
        if fault is not None and fault.phase != "bookkeeping":
            return self._fail(tick, reply, fault)
        try:
            self.progress.assign(reply.assigned)
            if reply.orders:
                self._check(reply.orders)
        except Violation as violation:
            return self._fail(tick, reply, Fault("policy", violation.kind, violation.message, action=True))
        try:
            self._tick(tick, reply)
        except Violation as violation:
            return self._fail(tick, reply, Fault("executor", violation.kind, violation.message))
        tally = self.books.tally
        tally.pipelines_created += reply.arrivals_left
        if fault is not None:
            return self._fail(tick, reply, fault)
        tally.assignments += len(reply.orders)
        tally.suspensions += len(reply.suspensions)
        return None

    def _fail(self, tick: int, reply: Reply, fault: Fault) -> RunFailure:
        if self.record is not None:
            self.record.failed(tick, reply, self.progress, self.changes, fault.phase)
        return RunFailure.of(fault, tick)

    def _check(self, orders: tuple[Order, ...]) -> None:
        """Refuse what no Assignment can hold, and endless memory, with which upstream goes on to no statistics."""
        operators, overcommit = self.progress.operators, self.parameters.allow_memory_overcommit
        for order in orders:
            cpu, ram = order.cpu, order.ram
            if not (cpu > 0 and ram > 0) or (ram == math.inf and overcommit):
                name, amount = ("ram", ram) if cpu > 0 else ("cpu", cpu)
                raise Violation(
                    "ValueError", f"{name} of an assignment must be positive and finite, got {amount}"
                )
            for number in order.ops:
                if not 0 <= number < operators:
                    raise Violation("ValueError", f"there is no operator number {number}")

    def _tick(self, tick: int, reply: Reply | None) -> None:
        """Walk one tick of every pool to which anything happens, then the books, in upstream's order."""
        self.now = tick
        touched = self.agenda.take(tick)
        if reply is not None and (reply.orders or reply.suspensions):
            self._divide(reply, touched)
        if self.deadlines:
            self.books.sweep(tick)
            if self._deadline_from(tick) == tick:
                touched = list(range(len(self.pools)))
        for number in touched:
            pool = self.pools[number]
            orders = len(pool.orders)
            pool.tick(tick, self.containers)
            self.containers += orders
        changes = self.changes
        if changes.results:
            self.books.count(changes)
            if self.progress.completed:
                self.finished = self.books.complete(self.progress.completed, tick)
                self.progress.completed.clear()
        if self.record is not None:
            self.record.acted(tick, reply, self.progress, changes)

    def _divide(self, reply: Reply, touched: list[int]) -> None:
        """Give each pool what the policy wants of it; what is for no pool is dropped (odd)."""
        for place, order in enumerate(reply.orders):
            number = self.numbers.get(order.pool)
            if number is not None:
                self.pools[number].orders.append((place, order))
                if number not in touched:
                    touched.append(number)
        for container, named in reply.suspensions:
            number = self.numbers.get(named)
            if number is not None:
                self.pools[number].suspensions.append(container)
                if number not in touched:
                    touched.append(number)
        touched.sort()

    def _wait(self, reply: Reply) -> RunFailure | None:
        """Let time pass until the policy must be called again, which is then in `now + 1`."""
        acted = reply.orders or reply.suspensions
        if reply.every_tick or (acted and not reply.until_news):
            return None
        while not self._seen(reply.until_news) and self.now < self.last_tick:
            call, event = self._next_call(), self.agenda.after(self.now)
            if call <= event:
                self.now = call - 1
                break
            try:
                self._tick(int(event), None)
            except Violation as violation:
                tick = int(event)
                quiet = Reply(tick, every_tick=False)
                return self._fail(tick, quiet, Fault("executor", violation.kind, violation.message))
        return None

    def _next_call(self) -> int:
        """The tick of the next arrival or deadline, or the one after the last."""
        if self.deadlines:
            return int(min(self.arrival, self._deadline_from(self.now + 1)))
        return self.arrival

    def _seen(self, only_news: bool) -> bool:
        """Whether there is anything to tell the policy."""
        changes = self.changes
        if only_news:
            return bool(changes.results)
        return bool(changes.moves or changes.results or changes.suspendable or changes.suspended)
