"""Suites: a cluster, and the traces on which every policy is scored.

A suite never shows a policy the seed of its traces: the cluster's parameters are what policies read, and a seed
that stands in them makes no trace. Here are the built-in ones and how a suite becomes files; `suite_toml` reads
the users' own.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import msgspec

from evo.errors import InputError
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace, parse_trace, write_trace
from evo.simulator.workload import generated_trace


@dataclass(frozen=True)
class Suite:
    """A cluster and its traces, in the order in which they are run; raises InputError if it can't be scored on."""

    name: str
    parameters: Parameters
    traces: tuple[Trace, ...]

    def __post_init__(self) -> None:
        if not self.traces:
            raise InputError(f"suite {self.name}: no trace: add at least one [[trace]]")
        refusal = self.parameters.refusal(generated=False)
        if refusal is not None:
            raise InputError(f"suite {self.name}: [cluster] can't be simulated: {refusal.message}")
        names: set[str] = set()
        contents: dict[str, str] = {}
        for trace in self.traces:
            if trace.name in names:
                raise InputError(f"suite {self.name}: two traces are called {trace.name}: rename one")
            names.add(trace.name)
            twin = contents.setdefault(trace.digest, trace.name)
            if twin != trace.name:
                raise InputError(f"suite {self.name}: {twin} and {trace.name} are the same trace: drop one")

    @cached_property
    def parameters_digest(self) -> str:
        """Hexadecimal SHA-256 of what policies and engine read of the parameters, in order."""
        return _digest(self.parameters.visible)

    @cached_property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the cluster and of the traces' names and contents; the suite's name is no part."""
        return _digest([self.parameters_digest, [(trace.name, trace.digest) for trace in self.traces]])


def generated(cluster: Mapping[str, Any], workload: Mapping[str, Any], name: str, where: str) -> Trace:
    """A trace from the generator: the cluster's parameters with the workload's above them.

    It goes through its CSV text, as in the paper's loop: replayed numbers are floats. Raises InputError that begins
    with `where`.
    """
    parameters = Parameters.complete({**cluster, **workload}, where=where)
    refusal = parameters.refusal()
    if refusal is not None:
        raise InputError(f"{where}: can't be generated: {refusal.message}")
    return parse_trace(write_trace(generated_trace(parameters, name)), name, file=where)


def suite_files(suite: Suite) -> dict[str, bytes]:
    """The suite as files by relative path: `suite.toml`, which can be read as a suite, and traces by digest."""
    lines = [f"name = {_toml(suite.name)}", "", "[cluster]"]
    lines += [f"{key} = {_toml(value)}" for key, value in suite.parameters.given.items()]
    files: dict[str, bytes] = {}
    for trace in suite.traces:
        path = f"traces/{trace.digest}.csv"
        files[path] = write_trace(trace).encode()
        lines += ["", "[[trace]]", f"name = {_toml(trace.name)}", f"file = {_toml(path)}"]
    return {"suite.toml": "\n".join([*lines, ""]).encode(), **files}


def paper() -> Suite:
    """The paper's workload (arXiv 2510.18897): 600 s at 1000 ticks a second, ten traces of single operators.

    Every 10·2^k seconds 10·2^k pipelines arrive, k from 0 to 4, with seeds 10 and 11.
    """
    cluster = {**_CLUSTER, "duration": 600, "ticks_per_second": 1000}
    return _built_in("paper", cluster, [(k, seed) for k in range(5) for seed in (10, 11)])


def quick() -> Suite:
    """The paper's cluster on a coarser clock, with four shorter traces of other seeds: seconds, not minutes.

    One trace for each of the paper's loads but the slowest, so that what helps here helps there: the median latency
    of `priority`, for one, is within 2 % of that on `paper`.
    """
    cluster = {**_CLUSTER, "duration": 150, "ticks_per_second": 20}
    return _built_in("quick", cluster, [(0, 1), (1, 2), (2, 5), (3, 7)])


BUILT_IN = MappingProxyType({"paper": paper, "quick": quick})
"""The suites that need no file."""

_CLUSTER = MappingProxyType(
    {
        "num_pools": 1,
        "cpus_per_pool": 64,
        "ram_gb_per_pool": 500,
        "num_operators": 10,
        "interactive_prob": 0.3,
        "query_prob": 0.1,
        "batch_prob": 0.6,
        "multi_operator_containers": False,
    }
)


def _built_in(name: str, cluster: Mapping[str, Any], workloads: list[tuple[int, int]]) -> Suite:
    """The suite with a trace for each (k, seed)."""
    traces = []
    for k, seed in workloads:
        title = f"{name}-10x{2**k}-s{seed}"
        arrivals = {"num_pipelines": 10 * 2**k, "waiting_seconds_mean": 10.0 * 2**k, "random_seed": seed}
        traces.append(generated(cluster, arrivals, title, title))
    return Suite(name, Parameters.complete(cluster, where=f"suite {name}"), tuple(traces))


def _digest(value: object) -> str:
    return hashlib.sha256(msgspec.msgpack.encode(value)).hexdigest()


def _toml(value: Any) -> str:
    """A parameter's value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value) if math.isfinite(value) else str(value)
    raise InputError(f"a suite's parameters are numbers, texts, true or false, not {value!r}")
