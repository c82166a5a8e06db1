"""The cluster of a run in the words that a model is told: the same in every request, and nothing of its traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def cluster_words(parameters: Mapping[str, Any], traces: int) -> str:
    """A cluster's parameters, by Eudoxia's names and all of them, and the number of traces, as a list in markdown."""
    lines = [_pools(parameters), _time(parameters, traces)]
    if parameters["multi_operator_containers"]:
        lines.append(
            "A container may hold several operators of a pipeline, parents first (`multi_operator_containers`)."
        )
    else:
        lines.append("A container holds exactly one operator, so nothing can be suspended.")
    if parameters["allow_memory_overcommit"]:
        lines.append(
            "Memory may be promised more than once (`allow_memory_overcommit`): only what is really used must fit."
        )
    else:
        lines.append("What containers are given, of CPUs and of RAM, must fit in their pool together.")
    limit = parameters["max_job_seconds"]
    if limit > 0:
        lines.append(
            f"A pipeline that isn't complete {limit:g} seconds after it arrived times out and is lost."
        )
    if parameters["estimator_algo"]:
        lines.append("`op.estimate.mem_peak_gb` is a guess of an operator's peak memory, and may be off.")
    return "\n".join(f"- {line}" for line in lines)


def _pools(parameters: Mapping[str, Any]) -> str:
    count = parameters["num_pools"]
    each = f"{parameters['cpus_per_pool']:g} CPUs and {parameters['ram_gb_per_pool']:g} GB of RAM"
    return f"One pool, of {each}." if count == 1 else f"{count} pools, each of {each}."


def _time(parameters: Mapping[str, Any], traces: int) -> str:
    duration, rate = parameters["duration"], parameters["ticks_per_second"]
    which = "The one trace" if traces == 1 else f"Each of the {traces} traces"
    return f"{which} lasts {duration:g} seconds, at {rate:g} ticks a second ({int(duration * rate):,} ticks)."
