"""Small random worlds for policies: traces as CSV files have them, and parameters of a few hundred ticks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from evo.simulator.parameters import Parameters
from evo.simulator.scaling import SCALINGS
from evo.simulator.states import Priority
from evo.simulator.trace import OperatorSpec, PipelineSpec, Trace, parse_trace, write_trace

Draw = Callable[[st.SearchStrategy[Any]], Any]

SPEEDS = (
    *((10, 12), (10, 30), (5, 40), (20, 8), (1, 60), (2.5, 50), (7, 20), (50, 4), (100, 1.5), (1000, 0.25)),
    *((0.5, 90), (3, 31.5), (1000, 0.5)),
)
"""(ticks a second, seconds)."""


def small() -> tuple[Parameters, Trace]:
    """A world of 120 ticks in which pipelines come after odd and even numbers of them and run for five."""
    world = Parameters.complete(
        {"ticks_per_second": 10, "duration": 12, "num_pools": 2, "scheduler_algo": "x"}
    )
    operator = OperatorSpec((), 0.5, "const", None, 3.0)
    pipelines = enumerate((0.0, 2.3, 5.0, 8.1))
    arrivals = [
        (seconds, PipelineSpec(f"p{number}", Priority.QUERY, (operator,))) for number, seconds in pipelines
    ]
    return world, Trace("small", tuple(arrivals))


@st.composite
def parameters(draw: Draw) -> Parameters:
    """Parameters under which a run has some fifty to five hundred ticks."""
    speed, duration = draw(st.sampled_from(SPEEDS))
    limit = draw(st.sampled_from((0, 0, 0, 0.05, 0.2, 0.5)))
    return Parameters.complete(
        {
            "ticks_per_second": speed,
            "duration": duration,
            "num_pools": draw(st.sampled_from((1, 1, 2, 3))),
            "cpus_per_pool": draw(st.sampled_from((8, 2, 4.5, 64))),
            "ram_gb_per_pool": draw(st.sampled_from((32, 12, 100.5, 500))),
            "multi_operator_containers": draw(st.booleans()),
            "allow_memory_overcommit": draw(st.booleans()),
            "max_job_seconds": limit * duration,
            "estimator_algo": draw(st.sampled_from(("", "noisy"))),
            "noisy_estimator_sigma": 0.5,
            "scheduler_algo": "x",
        }
    )


@st.composite
def operators(draw: Draw, place: int, length: float) -> OperatorSpec:
    """An operator that takes some ticks of `length` seconds, now and then none."""
    parents = draw(st.lists(st.integers(0, place - 1), max_size=2)) if place else []
    ticks = draw(st.sampled_from((3, 8, 20, 2, 6, 50, 12, 1, 100, 0)))
    reading = draw(st.sampled_from((0, 0, 2, 5, 20)))
    return OperatorSpec(
        parents=tuple(parents),
        baseline_cpu_seconds=ticks * length * draw(st.sampled_from((1, 1.02, 2.3))),
        cpu_scaling=draw(st.sampled_from(("const", "linear3", "sqrt", *sorted(SCALINGS)))),
        memory_gb=draw(st.sampled_from((None, None, None, 0.0, 3.0, 8.5, 11.0))),
        storage_read_gb=min(reading * length * 20, draw(st.sampled_from((5.0, 7.5, 30.0, 0.3)))),
    )


@st.composite
def traces(draw: Draw, world: Parameters) -> Trace:
    """A trace of up to sixty pipelines, read from a file's text; later ones repeat the first few."""
    length = world.tick_length
    kinds = []
    for _ in range(draw(st.integers(1, 4))):
        count = draw(st.sampled_from((1, 2, 3, 1, 5)))
        kinds.append(tuple(draw(operators(place, length)) for place in range(count)))
    seconds = 0.0
    pipelines = []
    for number in range(draw(st.sampled_from((1, 2, 3, 5, 8, 12, 60)))):
        priority = draw(st.sampled_from(list(Priority)))
        seconds += length * draw(st.sampled_from((0, 0, 1, 2.5, 7, 30, 80) if number < 9 else (0, 1, 3)))
        name = f"p{number % 7}"  # ids may come again, though not in the next pipeline
        pipelines.append((seconds, PipelineSpec(name, priority, kinds[number % len(kinds)])))
    return parse_trace(write_trace(Trace("drawn", tuple(pipelines))), "drawn")
