"""The discrete-event loop: a clock that jumps from one tick where something happens to the next.

The engine holds the true costs and the future; the policy's side (a `Decider`) learns only what a scheduler may
know. A run is a pure function of the decider's answers, the schedule and the parameters, and equals upstream's
loop over every tick (`eudoxia/simulator.py`, `eudoxia/executor/executor.py`): what is skipped is what provably
changes nothing, and memory is summed over skipped ticks with the same additions in the same order.
"""

from __future__ import annotations

import math

from evo.simulator.books import Books
from evo.simulator.container import Curves
from evo.simulator.estimator import Estimator
from evo.simulator.events import EventLog
from evo.simulator.messages import Arrival, Decider, Fault, Memory, Observation, Order, Reply
from evo.simulator.parameters import Parameters
from evo.simulator.pool import Changes, Pool
from evo.simulator.progress import Pipeline, Progress, Violation
from evo.simulator.stats import RunFailure, SimulatorStats, summarize
from evo.simulator.trace import Schedule

QUANTUM = 100
"""Quiet ticks granted at once to a policy that wants to be called in every tick: few messages, and it learns no
more of the future than whether anything happens within so many ticks."""


def simulate(
    decider: Decider, schedule: Schedule, parameters: Parameters, record: EventLog | None = None
) -> SimulatorStats | RunFailure:
    """Run one policy on one workload.

    `schedule` holds the arrivals (`Trace.schedule` or `workload.generate`). A fault of the policy, or a run for
    which upstream has no result, comes back as a `RunFailure` that says when it happened.
    """
    return _Run(decider, schedule, parameters, record).run()


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
        self.progress = Progress()
        self.books = Books(parameters)
        self.estimator = Estimator(parameters)
        self.changes = Changes()
        self.finished: list[Pipeline] = []
        curves = Curves(parameters.tick_length)
        self.pools = [
            Pool(i, parameters, self.progress, self.changes, curves) for i in range(parameters.num_pools)
        ]
        self.containers = 1
        self.deadlines: list[int] = []
        self.next_deadline = 0
        self.last_tick = parameters.max_ticks - 1
        self.granted = -1

    def run(self) -> SimulatorStats | RunFailure:
        fault = self.decider.start(self.parameters.visible, self._memory)
        if fault is not None:
            return RunFailure(fault.kind, fault.message, -1, fault.phase, fault.line)
        tick = 0
        while tick <= self.last_tick:
            observation = self._observe(tick)
            reply = self.decider.decide(observation)
            failure = self._follow(observation, reply) or self._wait(reply)
            if failure is not None:
                return failure
            tick = self.now + 1
        self.books.sweep(self.last_tick + 1)
        tally = self.books.tally
        tally.containers_completed = sum(pool.completed for pool in self.pools)
        tally.container_ticks = [ticks for pool in self.pools for ticks in pool.ticks_of_ended]
        return summarize(tally, self.parameters)

    def _observe(self, tick: int) -> Observation:
        """Let pipelines arrive, and tell the policy's side all that changed."""
        arrivals = self._arrive(tick)
        changes = self.changes
        quiet = min(self._horizon(tick) - tick, QUANTUM)
        self.granted = tick + quiet
        free = tuple((p.number, p.free_cpu, p.free_ram) for p in self.pools if p.freed)
        observation = Observation(
            tick=tick,
            quiet=quiet,
            arrivals=arrivals,
            results=tuple((c.number, c.error) for c, _ in changes.results),
            moves=tuple(self.progress.moves),
            started=tuple(changes.started),
            suspendable=tuple(changes.suspendable),
            suspending=tuple(changes.suspending),
            suspended=tuple(changes.suspended),
            free=free,
            finished=tuple(p.number for p in self.finished),
        )
        self.progress.moves.clear()
        self.finished = []
        for pool in self.pools:
            pool.freed = False
        for told in (
            changes.results,
            changes.started,
            changes.suspendable,
            changes.suspending,
            changes.suspended,
        ):
            told.clear()
        return observation

    def _arrive(self, tick: int) -> tuple[Arrival, ...]:
        if self._arrival_tick() != tick:
            return ()
        arrivals = []
        pipelines = []
        for spec in self.schedule[self.next_arrival][1]:
            limit = self.parameters.max_job_ticks
            pipeline = self.progress.arrive(spec, tick, tick + limit if limit > 0 else None)
            pipelines.append(pipeline)
            self.books.arrive(pipeline)
            parents = tuple(o.parents for o in spec.operators)
            arrivals.append(
                Arrival(spec.pipeline_id, spec.priority.value, parents, self.estimator.estimates(spec))
            )
            if pipeline.deadline is not None:
                self.deadlines.append(pipeline.deadline)
        self.next_arrival += 1
        if self.record is not None:
            self.record.arrive(tick, pipelines)
        return tuple(arrivals)

    def _arrival_tick(self) -> int | None:
        if self.next_arrival < len(self.schedule):
            return self.schedule[self.next_arrival][0]
        return None

    def _deadline_after(self, tick: int) -> int | None:
        """The first tick after `tick` in which the clock alone makes a pipeline time out."""
        while self.next_deadline < len(self.deadlines) and self.deadlines[self.next_deadline] <= tick:
            self.next_deadline += 1
        return self.deadlines[self.next_deadline] if self.next_deadline < len(self.deadlines) else None

    def _event(self) -> int | None:
        """The next tick in which a pool does anything but let memory grow."""
        ticks = [tick for pool in self.pools if (tick := pool.next_event(self.now)) is not None]
        return min(ticks, default=None)

    def _horizon(self, tick: int) -> int:
        """The last tick in which the policy, called in `tick` and doing nothing, still sees the same."""
        ends = [self.last_tick]
        event, arrival, deadline = self._event(), self._arrival_tick(), self._deadline_after(tick - 1)
        # What happens in a tick is seen in the next; an arrival and a deadline are seen in their own, and in
        # that of a deadline containers may be killed.
        if event is not None:
            ends.append(event)
        if arrival is not None:
            ends.append(arrival - 1)
        if deadline is not None:
            ends.append(max(deadline - 1, tick))
        last = min(ends)
        for pool in self.pools:
            if pool.may_overflow():
                overflow = pool.glide(self.now + 1, min(last, tick + QUANTUM)).overflow
                last = last if overflow is None else min(last, overflow)
        return max(last, tick)

    def _memory(self, tick: int) -> Memory:
        """Answer the policy's reading of memory in its call in `tick`."""
        self._glide(min(tick, self.granted) - 1)
        consumed = tuple(pool.consumed for pool in self.pools)
        held = tuple(
            (container.number, container.memory)
            for pool in self.pools
            for container in (*pool.active.values(), *(c for _, c in pool.suspending), *pool.suspended)
        )
        return Memory(consumed, held)

    def _glide(self, until: int) -> bool:
        """Let ticks pass in which only memory grows; False if a pool overflowed on the way, in tick `now + 1`."""
        if until <= self.now:
            return True
        glides = [pool.glide(self.now + 1, until) for pool in self.pools]
        overflow = min((g.overflow for g in glides if g.overflow is not None), default=None)
        stop = until if overflow is None else overflow - 1
        if stop > self.now:
            self.books.sample(stop, self.pools, glides)
            for pool, glide in zip(self.pools, glides, strict=True):
                pool.settle(glide, stop)
            self.now = stop
        return overflow is None

    def _follow(self, observation: Observation, reply: Reply) -> RunFailure | None:
        """Carry out the tick in which the policy replied."""
        tick = reply.tick
        if not max(observation.tick, self.now + 1) <= tick <= observation.tick + observation.quiet:
            return RunFailure(
                "crash", f"the policy's side answered for tick {tick}", observation.tick, "policy"
            )
        self._glide(tick - 1)
        fault = reply.fault
        try:
            if fault is not None and fault.phase != "bookkeeping":
                return self._fail(tick, reply, fault)
            for number in reply.assigned:
                self.progress.assign(number)
            self._check(reply.orders)
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
            self.record.failed(tick, reply, self.progress.operators, self.changes, fault.phase)
        return RunFailure(fault.kind, fault.message, tick, fault.phase, fault.line)

    def _check(self, orders: tuple[Order, ...]) -> None:
        """Refuse what no Assignment can hold: the policy's side might not have asked its constructor."""
        for order in orders:
            for name, amount in (("cpu", order.cpu), ("ram", order.ram)):
                if not (math.isfinite(amount) and amount > 0):
                    raise Violation(
                        "ValueError", f"{name} of an assignment must be finite and positive, got {amount}"
                    )
            for number in order.ops:
                if not 0 <= number < len(self.progress.operators):
                    raise Violation("ValueError", f"there is no operator number {number}")

    def _tick(self, tick: int, reply: Reply | None) -> None:
        """Walk one tick of every pool, then the books, in upstream's order."""
        self.books.sweep(tick)
        orders = reply.orders if reply else ()
        suspensions = reply.suspensions if reply else ()
        for pool in self.pools:
            mine = [(place, order) for place, order in enumerate(orders) if order.pool == pool.number]
            wanted = [container for container, number in suspensions if number == pool.number]
            self.containers += self._tick_pool(pool, tick, wanted, mine)
        self.now = tick
        changes = self.changes
        self.books.count(changes)
        if changes.results:
            self.finished = self.books.complete(self.progress.completed, tick)
            self.progress.completed.clear()
        self.books.sample(tick, self.pools)
        if self.record is not None:
            self.record.acted(tick, reply, self.progress.operators, changes)

    def _tick_pool(
        self, pool: Pool, tick: int, suspensions: list[int | None], orders: list[tuple[int, Order]]
    ) -> int:
        pool.tick(tick, suspensions, orders, self.containers)
        return len(orders)

    def _wait(self, reply: Reply) -> RunFailure | None:
        """Let time pass until the policy must be called again, which is then in `now + 1`."""
        acted = reply.orders or reply.suspensions
        if reply.every_tick or (acted and not reply.until_news):
            return None
        while not self._seen(reply.until_news) and self.now < self.last_tick:
            call, event = self._next_call(), self._event()
            smooth = self._glide((call if event is None else min(call, event)) - 1)
            if smooth and self.now + 1 == call:
                break
            try:
                self._tick(self.now + 1, None)
            except Violation as violation:
                return self._fail(self.now + 1, reply, Fault("executor", violation.kind, violation.message))
        return None

    def _next_call(self) -> int:
        """The tick of the next arrival or deadline, or the one after the last."""
        arrival, deadline = self._arrival_tick(), self._deadline_after(self.now)
        return min(tick for tick in (arrival, deadline, self.last_tick + 1) if tick is not None)

    def _seen(self, only_news: bool) -> bool:
        """Whether there is anything to tell the policy."""
        changes = self.changes
        if only_news:
            return bool(changes.results)
        return bool(self.progress.moves or changes.results or changes.suspendable or changes.suspended)
