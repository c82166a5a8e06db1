"""Suites: a cluster, and the traces on which every policy is scored, of three kinds.

What is bred for is the fitness on the train traces; the selection traces order a hall of fame, and no variation sees
what came of them; the test traces are for one last look. A suite never shows a policy the seed of its traces: the cluster's parameters are what policies read, and a seed
that stands in them makes no trace. Here are the built-in ones and how a suite becomes files; `suite_toml` reads
the users' own.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, get_args

import msgspec

from evo.errors import InputError
from evo.simulator.parameters import Parameters
from evo.simulator.trace import Trace, parse_trace, write_trace
from evo.simulator.workload import generated_trace

Kind = Literal["train", "selection", "test"]
"""What a trace is for: a policy's fitness, the order of a hall of fame, or what a winner is worth elsewhere."""

KINDS: tuple[Kind, ...] = get_args(Kind)

ENTRIES: Mapping[Kind, str] = MappingProxyType(
    {"train": "trace", "selection": "selection", "test": "test"},
)
"""Under which key the traces of each kind stand in a suite's file."""


@dataclass(frozen=True)
class Suite:
    """A cluster and its traces, in the order in which they are run; raises InputError if it can't be scored on.

    The `traces` are those for training, and there must be some; there may be none for selection or test. No two of them,
    of whatever kind, have the same name or content.
    """

    name: str
    parameters: Parameters
    traces: tuple[Trace, ...]
    selection: tuple[Trace, ...] = ()
    test: tuple[Trace, ...] = ()

    def __post_init__(self) -> None:
        if not self.traces:
            raise InputError(f"suite {self.name}: no trace: add at least one [[trace]]")
        refusal = self.parameters.refusal(generated=False)
        if refusal is not None:
            raise InputError(f"suite {self.name}: [cluster] can't be simulated: {refusal.message}")
        names: set[str] = set()
        contents: dict[str, str] = {}
        for trace in (*self.traces, *self.selection, *self.test):
            if trace.name in names:
                raise InputError(f"suite {self.name}: two traces are called {trace.name}: rename one")
            names.add(trace.name)
            twin = contents.setdefault(trace.digest, trace.name)
            if twin != trace.name:
                raise InputError(f"suite {self.name}: {twin} and {trace.name} are the same trace: drop one")

    def part(self, kind: Kind) -> Suite:
        """The suite on whose traces policies are scored that are here of this kind, and no others.

        Raises InputError if there are none.
        """
        traces = self.of(kind)
        if not traces:
            raise InputError(f"suite {self.name}: no {kind} trace: add at least one [[{ENTRIES[kind]}]]")
        return Suite(self.name if kind == "train" else f"{self.name} ({kind})", self.parameters, traces)

    def of(self, kind: Kind) -> tuple[Trace, ...]:
        """Its traces of this kind."""
        match kind:
            case "train":
                return self.traces
            case "selection":
                return self.selection
            case "test":
                return self.test

    @cached_property
    def parameters_digest(self) -> str:
        """Hexadecimal SHA-256 of what policies and engine read of the parameters, in order."""
        return _digest(self.parameters.visible)

    @cached_property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the cluster and of the traces' names and contents; the suite's name is no part."""
        kinds = [[(trace.name, trace.digest) for trace in self.of(kind)] for kind in KINDS]
        # That of a suite from before there were other kinds stays what it was.
        return _digest([self.parameters_digest, *(kinds if any(kinds[1:]) else kinds[:1])])


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
    for kind in KINDS:
        for trace in suite.of(kind):
            path = f"traces/{trace.digest}.csv"
            files[path] = write_trace(trace).encode()
            lines += ["", f"[[{ENTRIES[kind]}]]", f"name = {_toml(trace.name)}", f"file = {_toml(path)}"]
    return {"suite.toml": "\n".join([*lines, ""]).encode(), **files}


def paper() -> Suite:
    """The paper's workload (arXiv 2510.18897): 600 s at 1000 ticks a second, ten traces of single operators.

    Every 10·2^k seconds 10·2^k pipelines arrive, k from 0 to 4, with seeds 10 and 11. The five selection and ten test
    traces have seeds of their own, batches of other sizes (between the paper's, and smaller; in the test also larger),
    and 0.7 to 1.4 times its load: what is only good with the paper's own batches or its one load is worse there.
    """
    cluster = {**_CLUSTER, "duration": 600, "ticks_per_second": 1000}
    return _BuiltIn("paper", cluster, [(k, seed) for k in range(5) for seed in (10, 11)], _PAPER)


def quick() -> Suite:
    """The paper's cluster on a coarser clock, with four shorter traces of other seeds: seconds, not minutes.

    One trace for each of the paper's loads but the slowest, so that what helps here helps there: the median latency
    of `priority`, for one, is within 2 % of that on `paper`. The four selection and eight test traces differ from these
    as those of `paper` do from its own, and each takes as long as one of these.
    """
    cluster = {**_CLUSTER, "duration": 150, "ticks_per_second": 20}
    return _BuiltIn("quick", cluster, [(0, 1), (1, 2), (2, 5), (3, 7)], _QUICK)


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


_Arrivals = Mapping[Kind, Sequence[tuple[int, float, int]]]
"""Traces by kind, each as pipelines in a batch, mean seconds from one batch to the next, and seed."""

_QUICK: _Arrivals = MappingProxyType(
    {
        "selection": ((15, 15.0, 21), (30, 40.0, 22), (60, 48.0, 23), (5, 5.0, 24)),
        "test": (
            (4, 5.0, 31),
            (7, 7.0, 32),
            (14, 11.0, 39),
            (25, 36.0, 34),
            (28, 20.0, 35),
            (50, 50.0, 36),
            (56, 40.0, 37),
            (112, 112.0, 38),
        ),
    }
)

_PAPER: _Arrivals = MappingProxyType(
    {
        "selection": ((15, 15.0, 51), (30, 40.0, 52), (60, 48.0, 53), (120, 120.0, 54), (5, 5.0, 55)),
        "test": (
            (4, 5.0, 61),
            (7, 7.0, 62),
            (14, 11.0, 63),
            (25, 36.0, 64),
            (28, 20.0, 65),
            (50, 50.0, 66),
            (56, 40.0, 67),
            (100, 130.0, 68),
            (112, 112.0, 69),
            (200, 200.0, 70),
        ),
    }
)


class _BuiltIn(Suite):
    """A suite from the generator: a train trace for each (k, seed); the others when first looked at, as few ever do.

    They cost more time than a short command takes; that no two are the same is tested.
    """

    _cluster: Mapping[str, Any]
    _further: _Arrivals

    def __init__(
        self, name: str, cluster: Mapping[str, Any], train: Sequence[tuple[int, int]], further: _Arrivals
    ) -> None:
        made = tuple(
            _arriving(cluster, f"{name}-10x{2**k}-s{seed}", (10 * 2**k, 10.0 * 2**k, seed))
            for k, seed in train
        )
        super().__init__(name, Parameters.complete(cluster, where=f"suite {name}"), made)
        vars(self).update(_cluster=cluster, _further=further)
        for kind in further:
            del vars(self)[kind]  # an empty tuple, in the way of what is made below

    @cached_property
    def selection(self) -> tuple[Trace, ...]:
        return self._made("selection")

    @cached_property
    def test(self) -> tuple[Trace, ...]:
        return self._made("test")

    def _made(self, kind: Kind) -> tuple[Trace, ...]:
        return tuple(
            _arriving(self._cluster, f"{self.name}-{size}per{seconds:g}s-s{seed}", (size, seconds, seed))
            for size, seconds, seed in self._further[kind]
        )


def _arriving(cluster: Mapping[str, Any], title: str, batches: tuple[int, float, int]) -> Trace:
    """The trace of that name on which so many pipelines arrive every so many seconds, with a seed."""
    keys = ("num_pipelines", "waiting_seconds_mean", "random_seed")
    return generated(cluster, dict(zip(keys, batches, strict=True)), title, title)


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
