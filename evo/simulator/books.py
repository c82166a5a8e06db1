"""The run's own record of pipelines: who is outstanding, who completed or timed out and when, memory samples.

Everything that the statistics are computed from is kept here, on the engine's side, from what the pools did;
nothing is taken from the policy's word except, as upstream does, how many arrivals it left in its list. Rules
from the main loop of `eudoxia/simulator.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Sequence

from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters
from evo.simulator.pool import Changes, Glide, Pool
from evo.simulator.progress import Pipeline
from evo.simulator.stats import Tally
from evo.simulator.sums import compensated_sum


class Books:
    """What the simulator's main loop counts."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.tally = Tally()
        self._outstanding: dict[str, Pipeline] = {}
        self._order: dict[str, int] = {}
        self._entered = 0
        self._deadlines: deque[Pipeline] = deque()
        self._samples = _sample_ticks(parameters)
        self._next_sample = 0

    def arrive(self, pipeline: Pipeline) -> None:
        """Enter a pipeline; an id used again replaces the older pipeline and keeps its place, as upstream does."""
        if pipeline.pipeline_id not in self._outstanding:
            self._order[pipeline.pipeline_id] = self._entered
            self._entered += 1
        self._outstanding[pipeline.pipeline_id] = pipeline
        self.tally.arrivals[pipeline.priority] += 1
        if pipeline.deadline is not None:
            self._deadlines.append(pipeline)

    def count(self, changes: Changes) -> None:
        """Count the containers that ended in a tick."""
        for container, _ in changes.results:
            if container.error is not None:
                self.tally.failures += 1
                counts = self.tally.failure_error_counts
                counts[container.error] = counts.get(container.error, 0) + 1

    def complete(self, candidates: list[Pipeline], tick: int) -> list[Pipeline]:
        """Record the completion of the outstanding ones among `candidates`, in order of entry."""
        done = [p for p in candidates if self._outstanding.get(p.pipeline_id) is p]
        done.sort(key=lambda p: self._order[p.pipeline_id])
        for pipeline in done:
            del self._outstanding[pipeline.pipeline_id]
            self.tally.latencies[pipeline.priority].append(tick - pipeline.arrival_tick)
        return done

    def sweep(self, before: int) -> None:
        """Drop pipelines whose time was up at a sweep in a tick earlier than `before`.

        Upstream sweeps in every tick that is a multiple of the ticks per second, and in the last one.
        """
        while self._deadlines and self._sweep_tick(self._deadlines[0]) < before:
            pipeline = self._deadlines.popleft()
            if self._outstanding.get(pipeline.pipeline_id) is pipeline and pipeline.open > 0:
                del self._outstanding[pipeline.pipeline_id]
                self.tally.timeouts[pipeline.priority] += 1

    def sample(self, until: int, pools: Sequence[Pool], glides: Sequence[Glide] | None = None) -> None:
        """Take the memory samples due up to and including `until`: from the glides, else from the pools as they are."""
        while self._next_sample < len(self._samples) and self._samples[self._next_sample] <= until:
            tick = self._samples[self._next_sample]
            self._next_sample += 1
            if glides is None:
                consumed = [pool.consumed for pool in pools]
            else:
                consumed = [g.consumed(tick, pool.consumed) for g, pool in zip(glides, pools, strict=True)]
            self._note(
                compensated_sum([pool.capacity - pool.free_ram for pool in pools]), compensated_sum(consumed)
            )

    def _note(self, allocated: Number, consumed: Number) -> None:
        total = self.parameters.num_pools * self.parameters.ram_gb_per_pool
        self.tally.allocated_percent.append(100.0 * allocated / total)
        self.tally.consumed_percent.append(100.0 * consumed / total)

    def _sweep_tick(self, pipeline: Pipeline) -> int:
        assert pipeline.deadline is not None
        last = self.parameters.max_ticks - 1
        place = bisect_left(self._samples, pipeline.deadline)
        if place < len(self._samples):
            return self._samples[place]
        return last if pipeline.deadline <= last else last + 1


def _sample_ticks(parameters: Parameters) -> Sequence[int]:
    """The ticks with `tick % ticks_per_second == 0`, by Python's % also where that is a fraction."""
    per_second = parameters.ticks_per_second
    if per_second == int(per_second):
        return range(0, parameters.max_ticks, int(per_second))
    return [tick for tick in range(parameters.max_ticks) if tick % per_second == 0]
