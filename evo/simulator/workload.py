"""The random workload: the same seed gives the same pipelines, draw for draw, as upstream's generator.

The order and number of draws from numpy's `default_rng` are the law here; anything that draws more, less or in
another order gives other traces. Time is jumped over: only ticks with arrivals cost work. See
eudoxia/workload/workload.py.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters
from evo.simulator.states import DagShape, Priority
from evo.simulator.trace import OperatorSpec, PipelineSpec, Schedule, Trace

_PRIORITIES = (Priority.INTERACTIVE, Priority.QUERY, Priority.BATCH_PIPELINE)
_SHAPES = (DagShape.LINEAR, DagShape.BRANCH_IN, DagShape.BRANCH_OUT)
_QUERY: tuple[OperatorSpec, ...] = (OperatorSpec((), 15, "linear3", None, 35),)


def generate(parameters: Parameters) -> Schedule:
    """The pipelines that arrive in each of the run's ticks; `parameters.refusal()` must be None.

    Arrivals come in tick 0 and then every wait + 1 ticks (odd), with waits around `waiting_seconds_mean`.
    """
    rng = np.random.default_rng(parameters.random_seed)
    pipelines = _pipelines(parameters, rng)
    mean = int(parameters.waiting_seconds_mean * parameters.ticks_per_second)
    schedule: Schedule = []
    tick = 0
    while tick < parameters.max_ticks:
        arrivals = tuple(next(pipelines) for _ in range(parameters.num_pipelines))
        if arrivals:
            schedule.append((tick, arrivals))
        wait = int(rng.normal(mean, mean / 4))
        tick += (wait if wait > 0 else mean) + 1
    return schedule


def generated_trace(parameters: Parameters, name: str) -> Trace:
    """The generated workload as a trace: what upstream's trace writer makes of it.

    Replaying it need not give the same run: an arrival time divided by the tick length may round up to the next
    tick, and numbers read from a file are floats.
    """
    return Trace(
        name,
        tuple(
            (tick * parameters.tick_length, pipeline)
            for tick, pipelines in generate(parameters)
            for pipeline in pipelines
        ),
    )


def _pipelines(parameters: Parameters, rng: np.random.Generator) -> Iterator[PipelineSpec]:
    """Pipelines p1, p2, … without end, drawn when asked for: the wait between batches comes from the same `rng`."""
    priorities = _cumulated((parameters.interactive_prob, parameters.query_prob, parameters.batch_prob))
    shapes = _cumulated(
        (parameters.dag_linear_prob, parameters.dag_branch_in_prob, parameters.dag_branch_out_prob)
    )
    size = parameters.num_operators
    known: dict[tuple[DagShape, int], tuple[OperatorSpec, ...]] = {}
    number = 0
    while True:
        number += 1
        priority = _PRIORITIES[bisect_right(priorities, rng.random())]
        shape = _SHAPES[bisect_right(shapes, rng.random())]
        operators = _QUERY
        if priority is not Priority.QUERY:
            count = max(1, int(rng.normal(size, size / 4)))
            if (shape, count) not in known:
                known[shape, count] = _operators(shape, count)
            operators = known[shape, count]
        yield PipelineSpec(f"p{number}", priority, operators)


def _cumulated(weights: Sequence[Number]) -> list[float]:
    """The bounds by which numpy's `Generator.choice` turns a random number into an index, to the last bit."""
    array = np.array(weights)
    sums = (array / np.sum(array, dtype=float)).cumsum()
    return [float(bound) for bound in sums / sums[-1]]


def _operators(shape: DagShape, count: int) -> tuple[OperatorSpec, ...]:
    """The operators of a pipeline that is no query: all alike, whatever `cpu_io_ratio` says (odd)."""
    return tuple(OperatorSpec(_parents(shape, place, count), 1, "const", None, 55) for place in range(count))


def _parents(shape: DagShape, place: int, count: int) -> tuple[int, ...]:
    match shape:
        case DagShape.LINEAR:
            return (place - 1,) if place else ()
        case DagShape.BRANCH_IN:
            return tuple(range(place)) if place == count - 1 else ()
        case DagShape.BRANCH_OUT:
            return (0,) if place else ()
