"""The run's own record of pipelines: who is outstanding, who completed or timed out and when.

Everything that the statistics are computed from is kept here and in the pools, on the engine's side, from what the
pools did; nothing is taken from the policy's word except, as upstream does, how many arrivals it left in its list.
Rules from the main loop of `eudoxia/simulator.py`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

from evo.simulator.changes import Changes
from evo.simulator.parameters import Parameters
from evo.simulator.pool import Pool
from evo.simulator.progress import Pipeline
from evo.simulator.stats import Tally
from evo.simulator.sums import compensated_sum


class Books:
    """What the simulator's main loop counts."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.tally = Tally()
        self._outstanding: dict[str, Pipeline] = {}
        self._deadlines: deque[Pipeline] = deque()

    def arrive(self, pipeline: Pipeline) -> None:
        """Enter a pipeline; an id used again replaces the older pipeline and keeps its place, as upstream does."""
        # Sweeps before this tick come first: they may count the older one as timed out.
        self.sweep(pipeline.arrival_tick)
        name = pipeline.spec.pipeline_id
        older = self._outstanding.get(name)
        if older is not None:
            pipeline.rank = older.rank
        self._outstanding[name] = pipeline
        if pipeline.deadline < math.inf:
            self._deadlines.append(pipeline)

    def count(self, changes: Changes) -> None:
        """Count the containers that ended in a tick."""
        for _, error in changes.results:
            if error is not None:
                self.tally.failures += 1
                counts = self.tally.failure_error_counts
                counts[error] = counts.get(error, 0) + 1

    def complete(self, candidates: list[Pipeline], tick: int) -> list[Pipeline]:
        """Record the completion of the outstanding ones among `candidates`, in order of entry."""
        if not candidates:
            return []
        done = [p for p in candidates if self._outstanding.get(p.spec.pipeline_id) is p]
        done.sort(key=lambda pipeline: pipeline.rank)
        for pipeline in done:
            del self._outstanding[pipeline.spec.pipeline_id]
            self.tally.finished.append((pipeline.number, tick))
            self.tally.latencies[pipeline.spec.priority].append(tick - pipeline.arrival_tick)
        return done

    def sweep(self, before: int) -> None:
        """Drop pipelines whose time was up at a sweep in a tick earlier than `before`.

        Upstream sweeps in every tick that is a multiple of the ticks per second, and in the last one.
        """
        while self._deadlines and self._sweep_tick(self._deadlines[0]) < before:
            pipeline = self._deadlines.popleft()
            if self._outstanding.get(pipeline.spec.pipeline_id) is pipeline and pipeline.open > 0:
                del self._outstanding[pipeline.spec.pipeline_id]
                self.tally.timeouts[pipeline.spec.priority] += 1

    def close(self, pipelines: Sequence[Pipeline], pools: Sequence[Pool]) -> Tally:
        """The last entries, when the run is over."""
        last = self.parameters.max_ticks - 1
        self.sweep(last + 1)
        tally = self.tally
        priorities = [pipeline.spec.priority for pipeline in pipelines]
        for priority in tally.arrivals:
            tally.arrivals[priority] = priorities.count(priority)
        for pool in pools:
            pool.sample(last)
        tally.containers_completed = sum(pool.completed for pool in pools)
        tally.container_ticks = [ticks for pool in pools for ticks in pool.ticks_of_ended]
        total = self.parameters.num_pools * self.parameters.ram_gb_per_pool
        for percents, samples in (
            (tally.allocated_percent, [pool.allocated for pool in pools]),
            (tally.consumed_percent, [pool.memory.ledger.samples for pool in pools]),
        ):
            summed = samples[0] if len(samples) == 1 else map(compensated_sum, zip(*samples, strict=True))
            percents.extend([100.0 * sample / total for sample in summed])
        return tally

    def _sweep_tick(self, pipeline: Pipeline) -> float:
        last = self.parameters.max_ticks - 1
        sweeps = self.parameters.sample_ticks
        place = bisect_left(sweeps, pipeline.deadline)
        if place < len(sweeps):
            return sweeps[place]
        return last if pipeline.deadline <= last else last + 1
