"""The same work under other circumstances: arrivals disturbed, load scaled, other clusters, estimates with noise.

Pure functions of traces and parameters: no policy, no run, and chance only from generators of a fixed seed. Pipelines
keep their order, classes and costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evo.evaluation.suites import Suite
from evo.simulator.messages import Number
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace

Kind = Literal["arrivals", "load", "cluster", "estimates"]
"""What is disturbed."""

SHARE = 0.2
"""By how much of the mean gap an arrival is moved at most."""

LOADS = (0.5, 0.75, 1.5, 2.0)
SIGMAS = (0.25, 0.5, 1.0)
"""Standard deviations of the logarithm of an estimate, as upstream's noisy estimator has them."""

_Array = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """A suite whose traces or cluster were disturbed, and how, in words."""

    name: str
    kind: Kind
    suite: Suite


def perturbations(suite: Suite, *, estimates: bool) -> Iterator[Perturbation]:
    """Every disturbance of a suite's train traces; with `estimates` also of what the policies are told of memory."""
    for name, kind, traces in _moved(suite.traces, float(suite.parameters.duration)):
        yield Perturbation(name, kind, Suite(f"{suite.name}, {name}", suite.parameters, traces))
    for name, parameters in clusters(suite.parameters):
        yield Perturbation(name, "cluster", Suite(f"{suite.name}, {name}", parameters, suite.traces))
    for name, parameters in noises(suite.parameters) if estimates else ():
        yield Perturbation(name, "estimates", Suite(f"{suite.name}, {name}", parameters, suite.traces))


def _moved(traces: Sequence[Trace], duration: float) -> Iterator[tuple[str, Kind, tuple[Trace, ...]]]:
    """The traces with other arrivals, each trace with a seed of its own."""
    name = f"arrivals moved by {SHARE:.0%} of a gap"
    yield name, "arrivals", tuple(jittered(trace, duration, seed) for seed, trace in enumerate(traces))
    yield (
        "gaps shuffled",
        "arrivals",
        tuple(shuffled(trace, duration, seed) for seed, trace in enumerate(traces)),
    )
    for factor in LOADS:
        yield f"{factor:g} times the load", "load", tuple(loaded(trace, duration, factor) for trace in traces)


def clusters(parameters: Parameters) -> Iterator[tuple[str, Parameters]]:
    """Clusters of other sizes, with their names."""
    cpus, ram = parameters.cpus_per_pool, parameters.ram_gb_per_pool
    halves = {"cpus_per_pool": _times(cpus, 0.5), "ram_gb_per_pool": _times(ram, 0.5)}
    changes: dict[str, dict[str, Number]] = {
        "half the CPUs": {"cpus_per_pool": _times(cpus, 0.5)},
        "twice the CPUs": {"cpus_per_pool": _times(cpus, 2)},
        "half the RAM": {"ram_gb_per_pool": _times(ram, 0.5)},
        "twice the RAM": {"ram_gb_per_pool": _times(ram, 2)},
        "twice the pools, each half the size": {"num_pools": 2 * parameters.num_pools, **halves},
    }
    for name, change in changes.items():
        yield name, Parameters.complete({**parameters.given, **change}, where=name)


def noises(parameters: Parameters) -> Iterator[tuple[str, Parameters]]:
    """The same cluster with upstream's estimator of memory at several noises; exact, too, if it has had none."""
    for sigma in SIGMAS if parameters.estimator_algo else (0.0, *SIGMAS):
        name = f"estimates with noise {sigma:g}" if sigma else "exact estimates"
        change = {"estimator_algo": "noisy", "noisy_estimator_sigma": sigma}
        yield name, Parameters.complete({**parameters.given, **change}, where=name)


def jittered(trace: Trace, duration: float, seed: int) -> Trace:
    """Each pipeline earlier or later by up to a fifth of the mean gap between arrivals, in the same order.

    What arrives together comes apart. Nobody arrives before the start, or later than the last one did.
    """
    arrived = _arrived(trace, duration)
    times = _times_of(arrived)
    most = SHARE * _mean_gap(times)
    moved = times + np.random.default_rng(seed).uniform(-most, most, len(times))
    return _at(arrived, np.sort(np.clip(moved, 0.0, times.max(initial=0.0))))


def shuffled(trace: Trace, duration: float, seed: int) -> Trace:
    """The gaps between arrivals in another order; what arrives together stays together, and the first when it did."""
    arrived = _arrived(trace, duration)
    moments, places = np.unique(_times_of(arrived), return_inverse=True)
    gaps = np.random.default_rng(seed).permutation(np.diff(moments))
    return _at(arrived, np.concatenate([moments[:1], moments[:1] + np.cumsum(gaps)])[places])


def loaded(trace: Trace, duration: float, factor: float) -> Trace:
    """So many times as much work in the same span: arrival times are divided by the factor.

    What is then late for the span is left out; where there is time left the trace begins anew, with other ids. The span
    is up to the last arrival and a mean gap beyond, of a trace that all arrives at once the whole run.
    """
    arrived = _arrived(trace, duration)
    times = _times_of(arrived)
    gap = _mean_gap(times)
    span = float(times[-1]) + gap if gap else duration
    made = []
    for again in range(int(np.ceil(factor))):
        for time, (_, pipeline) in zip(times.tolist(), arrived.pipelines, strict=True):
            due = (again * span + time) / factor
            if due < span:
                name = f"{pipeline.pipeline_id}~{again + 1}" if again else pipeline.pipeline_id
                made.append((due, replace(pipeline, pipeline_id=name)))
    return replace(arrived, pipelines=tuple(made))


def _arrived(trace: Trace, duration: float) -> Trace:
    """What arrives within the run, each when it really does: a time that goes backwards is that of the one before."""
    due = np.maximum.accumulate([seconds for seconds, _ in trace.pipelines]).tolist()
    pipelines = [(time, pipeline) for time, (_, pipeline) in zip(due, trace.pipelines, strict=True)]
    return replace(trace, pipelines=tuple(one for one in pipelines if one[0] < duration))


def _times_of(trace: Trace) -> _Array:
    return np.array([seconds for seconds, _ in trace.pipelines], np.float64)


def _at(trace: Trace, times: Sequence[float] | _Array) -> Trace:
    """The same pipelines at other times."""
    due = np.asarray(times).tolist()
    pipelines = tuple((time, one) for time, (_, one) in zip(due, trace.pipelines, strict=True))
    return replace(trace, pipelines=pipelines)


def _mean_gap(times: _Array) -> float:
    """The mean time from one moment at which something arrives to the next; 0 where there is only one."""
    moments = np.unique(times)
    return float(np.diff(moments).mean()) if len(moments) > 1 else 0.0


def _times(amount: Number, factor: float) -> Number:
    """A multiple, whole if it can be."""
    product = amount * factor
    return int(product) if product == int(product) else product
